"""REST: the same verbs as the pages, one shape of error."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from browser.story import (
    FORM_TOKEN,
    RECIPIENT_PHONE,
    a_busy_day,
    a_site,
    a_token,
    an_unreachable_recipient,
    item_of,
    queued,
)
from builders import NOW, stored

from watcher import staff
from watcher.clock import ManualClock
from watcher.model import Role
from watcher.queue.work import Desk
from watcher.store.engine import Store

Visit = Callable[..., httpx.AsyncClient]
TOKEN = {"x-form-token": FORM_TOKEN}
PASSWORD = "long enough to pass"


@pytest.fixture
def item(sqlite_store: Store, clock: ManualClock) -> int:
    key = an_unreachable_recipient(sqlite_store)
    queued(sqlite_store, clock)
    return item_of(sqlite_store, key)


async def test_a_program_signs_in_works_and_signs_out(
    charlie: httpx.AsyncClient, item: int, sqlite_store: Store, clock: ManualClock
) -> None:
    staff.add(sqlite_store, clock, name="dora", role=Role.AGENT, password=PASSWORD)
    answer = await charlie.post("/api/session", json={"name": "dora", "password": PASSWORD})
    assert answer.status_code == 201
    headers = {"x-form-token": answer.json()["form_token"]}
    assert (await charlie.post("/api/work-items/next", headers=headers)).json() == {"work_item_id": item}
    assert (await charlie.get("/api/session")).json()["name"] == "dora"
    assert (await charlie.delete("/api/session", headers=headers)).status_code == 204
    assert (await charlie.get("/api/session")).status_code == 401


async def test_a_wrong_password_is_401_and_tells_nothing(charlie: httpx.AsyncClient) -> None:
    answer = await charlie.post("/api/session", json={"name": "dora", "password": "wrong"})
    assert answer.status_code == 401
    assert answer.json() == {
        "error": {"code": "sign_in_needed", "message": "Name or password is wrong", "fields": {}}
    }


async def test_the_queue_as_a_list(bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock) -> None:
    a_busy_day(sqlite_store, clock)
    body = (await bob.get("/api/work-items?limit=3&offset=2")).json()
    assert (len(body["items"]), body["total"]) == (3, 10)
    assert body["counts"] == {"open": 10, "claimed": 0, "snoozed": 0}
    first = body["items"][0]
    assert first["rules"] == ["recipient_unreachable"]
    assert first["at_risk_fen"] == 29_900
    assert first["data_age_seconds"] == 1500
    assert first["deadline"] == "2026-03-02T06:00:00Z"


async def test_one_work_item_with_masked_numbers_and_the_language_of_the_request(
    bob: httpx.AsyncClient, item: int
) -> None:
    answer = await bob.get(f"/api/work-items/{item}", headers={"accept-language": "en"})
    body = answer.json()
    assert RECIPIENT_PHONE not in answer.text
    assert body["contacts"]["recipient"][0] == {
        "who": "recipient",
        "name": "李四",
        "phone": "138****0001",
        "tel": None,
    }
    assert body["alerts"][0]["sentence"].startswith("The courier")
    assert body["playbook"]["steps"]
    assert body["work_item"]["why"]
    assert next(moment["scan"]["milestone"] for moment in body["time_line"] if moment["scan"]) == "exception"


async def test_a_reveal_gives_the_numbers_and_is_budgeted(
    visit: Visit, bob_id: int, item: int, sqlite_store: Store, clock: ManualClock
) -> None:
    browser = visit(a_token(sqlite_store, bob_id), of=a_site(sqlite_store, clock, reveals_per_hour=1))
    body = (await browser.post(f"/api/work-items/{item}/reveal", headers=TOKEN)).json()
    assert body["recipient"][0]["tel"] == f"tel:+86{RECIPIENT_PHONE}"
    assert RECIPIENT_PHONE in (await browser.get(f"/api/work-items/{item}")).text
    clock.advance(timedelta(minutes=16))
    spent = await browser.post(f"/api/work-items/{item}/reveal", headers=TOKEN)
    assert (spent.status_code, spent.json()["error"]["code"]) == (429, "too_many")


async def test_claim_note_snooze_and_close(bob: httpx.AsyncClient, item: int) -> None:
    base = f"/api/work-items/{item}"
    assert (await bob.post(f"{base}/claim", headers=TOKEN)).status_code == 204
    assert (await bob.post(f"{base}/note", headers=TOKEN, json={"text": "再派"})).status_code == 204
    until = (NOW + timedelta(hours=3)).isoformat()
    assert (await bob.post(f"{base}/snooze", headers=TOKEN, json={"until": until})).status_code == 204
    assert (await bob.get(base)).json()["work_item"]["state"] == "snoozed"
    assert (await bob.post(f"{base}/claim", headers=TOKEN)).status_code == 204
    assert (await bob.post(f"{base}/release", headers=TOKEN)).status_code == 204
    answer = await bob.post(f"{base}/close", headers=TOKEN, json={"reason": "will_collect", "note": "周五"})
    assert answer.status_code == 204
    assert (await bob.get(base)).json()["work_item"]["close_reason"] == "will_collect"


@pytest.mark.parametrize(
    ("verb", "body", "status", "code"),
    [
        ("claim", None, 409, "already_claimed"),
        ("release", None, 409, "not_claimed"),
        ("note", {"text": " "}, 422, "unfit_note"),
        ("note", {}, 422, "value_refused"),
        ("snooze", {"until": "2020-01-01T00:00:00Z"}, 422, "unfit_snooze"),
        ("snooze", {"until": "2026-03-03T00:00:00"}, 422, "value_refused"),
        ("close", {"reason": "delivered"}, 422, "reason_not_for_staff"),
        ("close", {"reason": "whatever"}, 422, "value_refused"),
    ],
)
async def test_refusals_have_one_shape_and_a_code(
    bob: httpx.AsyncClient,
    alice_id: int,
    item: int,
    sqlite_store: Store,
    clock: ManualClock,
    *,
    verb: str,
    body: dict[str, str] | None,
    status: int,
    code: str,
) -> None:
    Desk(sqlite_store, clock).claim(item, staff_id=alice_id)
    answer = await bob.post(f"/api/work-items/{item}/{verb}", headers=TOKEN, json=body)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    assert set(answer.json()["error"]) == {"code", "message", "fields"}


async def test_what_was_sent_is_not_repeated_in_an_error(bob: httpx.AsyncClient, item: int) -> None:
    answer = await bob.post(f"/api/work-items/{item}/close", headers=TOKEN, json={"reason": RECIPIENT_PHONE})
    assert answer.status_code == 422
    assert "reason" in answer.json()["error"]["fields"]
    assert RECIPIENT_PHONE not in answer.text


@pytest.mark.parametrize("path", ["/api/work-items/999", "/api/shipments/none", "/api/nowhere"])
async def test_what_is_not_there_is_404_in_the_same_shape(bob: httpx.AsyncClient, path: str) -> None:
    answer = await bob.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize("text", ["\\ud800", "\\u0000"])
async def test_what_no_database_keeps_is_refused(
    bob: httpx.AsyncClient, charlie: httpx.AsyncClient, item: int, text: str
) -> None:
    as_json = {"content-type": "application/json"}
    bodies = {
        "note": f'{{"text": "{text}"}}',
        "close": f'{{"reason": "refunded", "note": "{text}"}}',
        "snooze": f'{{"until": "2026-03-03T00:00:00Z", "note": "{text}"}}',
    }
    for verb, body in bodies.items():
        answer = await bob.post(f"/api/work-items/{item}/{verb}", content=body, headers={**TOKEN, **as_json})
        assert answer.status_code == 422
    sign_in = f'{{"name": "{text}", "password": "{text}"}}'
    assert (await charlie.post("/api/session", content=sign_in, headers=as_json)).status_code == 422


async def test_counts_beyond_all_counting_are_refused(bob: httpx.AsyncClient) -> None:
    assert (await bob.get(f"/api/coverage?minimum={10**30}")).status_code == 422


async def test_an_order_number_may_hold_a_slash(bob: httpx.AsyncClient, sqlite_store: Store) -> None:
    stored(sqlite_store, order_number="2026/7")
    found = (await bob.get("/api/shipments/2026%2F7")).json()["shipments"]
    assert [one["order_number"] for one in found] == ["2026/7"]


async def test_a_shipment_by_either_number(bob: httpx.AsyncClient, item: int) -> None:
    for number in ("78400000000001", "O-1"):
        body = (await bob.get(f"/api/shipments/{number}")).json()
        assert [one["tracking_number"] for one in body["shipments"]] == ["78400000000001"]
        assert body["shipments"][0]["work_item"]["id"] == item
        assert body["shipments"][0]["watch"]["box"] == "watching"


async def test_coverage_as_counts(bob: httpx.AsyncClient, sqlite_store: Store, clock: ManualClock) -> None:
    a_busy_day(sqlite_store, clock)
    body = (await bob.get("/api/coverage?level=province")).json()
    assert body["total"] == 2
    assert {line["region"] for line in body["lines"]} == {"51", "65"}
    assert all(line["counts"]["shipped"] == line["shipments"] for line in body["lines"])
    assert (await bob.get("/api/coverage?level=moon")).status_code == 422


async def test_the_description_names_every_path_once(charlie: httpx.AsyncClient) -> None:
    body = (await charlie.get("/api/openapi.json")).json()
    assert {path.split("/")[2] for path in body["paths"]} == {
        "session",
        "work-items",
        "shipments",
        "coverage",
        "labels",
        "unknown-texts",
    }
    operations = [one["operationId"] for path in body["paths"].values() for one in path.values()]
    assert len(operations) == len(set(operations)) == 20
