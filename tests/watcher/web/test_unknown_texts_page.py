"""The page of unknown texts, its form, and the same over REST."""

import tomllib

import httpx
import pytest
from browser.story import FORM_TOKEN
from builders import NOW, a_scan, stored
from labelling_recorders import a_recorder
from labelling_words import LINE, SKELETON
from scenarios.standing_daemon import the_reader

from carriers.contract import Milestone, Reason, Track
from watcher.clock import ManualClock
from watcher.labelling.desk import LabelDesk
from watcher.labelling.replay import Replaying
from watcher.model import PollWay
from watcher.polling.recording import Answered
from watcher.store import labels
from watcher.store.engine import Store
from watcher.web import languages

TOKEN = {"form_token": FORM_TOKEN}
HEADERS = {"x-form-token": FORM_TOKEN}


@pytest.fixture
def printed(sqlite_store: Store) -> int:
    """Two parcels that printed a line which nothing explains."""
    for number in ("78400000000001", "78400000000002"):
        key = stored(sqlite_store, tracking_number=number)
        lines = (
            a_scan("in_transit", "9h", text="快件离开【一部】"),
            a_scan("unknown", "3h", text=f"{LINE}(李四 13800000077)", carrier_code="X-9"),
        )
        with sqlite_store.write() as connection:
            said = [Answered(("zto", number), Track("zto", number, lines))]
            a_recorder().record(connection, said, way=PollWay.POLL, now=NOW)
    return key


def replay(store: Store, clock: ManualClock) -> None:
    stage = Replaying(store, clock, the_reader(), most=100)
    while stage.run_once():
        pass


def standing(store: Store) -> list[labels.LabelRow]:
    with store.read() as connection:
        return labels.newest(connection)


async def test_leads_and_admins_find_the_page_in_the_navigation(
    alice: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    assert 'href="/unknown-texts"' in (await alice.get("/queue")).text
    assert 'href="/unknown-texts"' not in (await bob.get("/queue")).text
    assert (await bob.get("/unknown-texts")).status_code == 200


async def test_nothing_unknown_is_said_in_words(alice: httpx.AsyncClient) -> None:
    text = (await alice.get("/unknown-texts")).text
    assert "没有待标注的文本" in text
    assert "还没有任何标注" in text


async def test_texts_are_listed_with_how_much_is_understood(alice: httpx.AsyncClient, printed: int) -> None:
    text = (await alice.get("/unknown-texts")).text
    assert f"{SKELETON}()</a>" in text
    assert '<td data-label="次数" class="number">2</td>' in text
    assert "50.0 %" in text
    assert "没有说明" in text
    assert "/shipments?number=78400000000002" in text
    text = (await alice.get("/unknown-texts?lang=en&carrier=sf")).text
    assert "Nothing waits here" in text


async def test_the_health_page_leads_to_unknown_texts(alice: httpx.AsyncClient, printed: int) -> None:
    assert '<a href="/unknown-texts">未识别文本：1 条</a>' in (await alice.get("/health")).text


async def test_a_text_shows_lines_masked_and_what_a_label_would_touch(
    alice: httpx.AsyncClient, printed: int
) -> None:
    text = (await alice.get("/unknown-texts/1")).text
    assert "138****0077" in text
    assert "13800000077" not in text
    assert "涉及 2 个包裹的 2 条已存轨迹" in text
    assert text.count('name="reasons"') == len(Reason)
    assert text.count("<option") == len(Milestone) + 1
    spoken = languages.load()["zh"]
    assert all(languages.word(reason, translations=spoken) in text for reason in Reason)
    assert (await alice.get("/unknown-texts/999")).status_code == 404


async def test_a_label_is_made_listed_and_withdrawn_without_any_script(
    alice: httpx.AsyncClient, printed: int, sqlite_store: Store, clock: ManualClock
) -> None:
    wish = {**TOKEN, "milestone": "exception", "reasons": ["refused", "held"], "scope": "carrier"}
    answer = await alice.post("/unknown-texts/1/label", data=wish)
    assert answer.headers["location"] == "/unknown-texts?said=labelled#labels"
    (row,) = standing(sqlite_store)
    assert (row.label.milestone, row.label.reasons) == ("exception", ("refused", "held"))
    assert (row.label.carrier, row.made_by) == ("zto", "alice")
    replay(sqlite_store, clock)
    text = (await alice.get("/unknown-texts?said=labelled")).text
    assert "重新判读 2 条，改变 2 条" in text
    assert "没有待标注的文本" in text
    assert "alice" in text
    assert "/api/labels/export?carrier=zto" in text
    answer = await alice.post(f"/unknown-texts/labels/{row.id}/withdraw", data=TOKEN)
    assert answer.status_code == 303
    replay(sqlite_store, clock)
    text = (await alice.get("/unknown-texts")).text
    assert "由 alice 撤销" in text
    assert "曾改变 2 条，已恢复 2 条" in text


async def test_a_label_for_all_carriers_is_for_all(
    alice: httpx.AsyncClient, printed: int, sqlite_store: Store
) -> None:
    await alice.post("/unknown-texts/1/label", data={**TOKEN, "milestone": "unknown", "scope": "all"})
    assert standing(sqlite_store)[0].label.carrier is None
    text = (await alice.get("/unknown-texts?lang=en")).text
    assert "says nothing" in text
    assert "/api/labels/export?carrier=" in text


@pytest.mark.parametrize(("language", "said"), [("zh", "不会有原因"), ("en", "says nothing has no reason")])
async def test_a_text_that_says_nothing_has_no_reason(
    alice: httpx.AsyncClient, printed: int, sqlite_store: Store, language: str, said: str
) -> None:
    wish = {**TOKEN, "milestone": "unknown", "reasons": ["held"], "scope": "all"}
    answer = await alice.post(f"/unknown-texts/1/label?lang={language}", data=wish)
    assert answer.status_code == 409
    assert said in answer.text
    assert 'value="held" checked' in answer.text
    assert standing(sqlite_store) == []


async def test_a_form_without_a_milestone_comes_back_as_it_was(
    alice: httpx.AsyncClient, printed: int, sqlite_store: Store
) -> None:
    answer = await alice.post("/unknown-texts/1/label", data={**TOKEN, "reasons": ["held"], "scope": "all"})
    assert answer.status_code == 422
    assert 'value="held" checked' in answer.text
    assert 'value="all" checked' in answer.text
    assert 'role="alert"' in answer.text
    assert standing(sqlite_store) == []


async def test_a_second_label_and_a_second_withdrawal_are_refused_in_words(
    alice: httpx.AsyncClient, printed: int, sqlite_store: Store, clock: ManualClock
) -> None:
    desk = LabelDesk(sqlite_store, clock)
    made = desk.label(1, milestone=Milestone.EXCEPTION)
    answer = await alice.post("/unknown-texts/1/label", data={**TOKEN, "milestone": "delivered"})
    assert answer.status_code == 409
    assert "请先撤销" in answer.text
    desk.withdraw(made)
    answer = await alice.post(f"/unknown-texts/labels/{made}/withdraw", data=TOKEN)
    assert answer.status_code == 409
    assert "此前已被撤销" in answer.text
    assert (await alice.post("/unknown-texts/labels/999/withdraw", data=TOKEN)).status_code == 404
    wish = {**TOKEN, "milestone": "delivered"}
    assert (await alice.post("/unknown-texts/999/label", data=wish)).status_code == 404


async def test_a_form_that_is_not_ours_changes_nothing(
    alice: httpx.AsyncClient, charlie: httpx.AsyncClient, printed: int, sqlite_store: Store
) -> None:
    wish = {"milestone": "delivered"}
    assert (await alice.post("/unknown-texts/1/label", data=wish)).status_code == 403
    assert (
        (await charlie.post("/unknown-texts/1/label", data=wish)).headers["location"].startswith("/sign-in")
    )
    assert standing(sqlite_store) == []


# --- REST


async def test_programs_list_label_and_withdraw(
    alice: httpx.AsyncClient, printed: int, sqlite_store: Store, clock: ManualClock
) -> None:
    listed = (await alice.get("/api/unknown-texts?carrier=zto")).json()
    (text,) = listed["texts"]
    assert (text["template"], text["seen"], text["milestone"], listed["total"]) == (
        f"{SKELETON}()",
        2,
        "unknown",
        1,
    )
    assert listed["shares"] == [{"carrier": "zto", "texts": 4, "explained": 2}]
    preview = (await alice.get(f"/api/unknown-texts/{text['id']}")).json()
    assert preview["of_carrier"] == preview["of_all"] == {"scans": 2, "shipments": 2}
    wish = {"unknown_text_id": text["id"], "milestone": "exception", "reasons": ["refused"]}
    made = await alice.post("/api/labels", json=wish, headers=HEADERS)
    assert made.status_code == 201
    replay(sqlite_store, clock)
    (label,) = (await alice.get("/api/labels?standing=true")).json()["labels"]
    assert (label["carrier"], label["reasons"], label["made_by"]) == ("zto", ["refused"], "alice")
    assert (label["scans_changed"], label["replaying"]) == (2, False)
    again = await alice.post("/api/labels", json=wish, headers=HEADERS)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "already_labelled")
    gone = f"/api/labels/{made.json()['id']}/withdraw"
    assert (await alice.post(gone, headers=HEADERS)).status_code == 204
    assert (await alice.post(gone, headers=HEADERS)).status_code == 409
    assert (await alice.get("/api/labels?standing=true")).json() == {"labels": [], "total": 0}
    assert (await alice.get("/api/labels")).json()["total"] == 1


async def test_what_a_program_gives_wrongly_is_named(alice: httpx.AsyncClient, printed: int) -> None:
    for wish, status in (
        ({"unknown_text_id": 1, "milestone": "lost"}, 422),
        ({"unknown_text_id": 1, "milestone": "exception", "reasons": ["nope"]}, 422),
        ({"unknown_text_id": 999, "milestone": "exception"}, 404),
        ({"unknown_text_id": 10**30, "milestone": "exception"}, 422),
    ):
        assert (await alice.post("/api/labels", json=wish, headers=HEADERS)).status_code == status
    assert (await alice.get("/api/unknown-texts/999")).status_code == 404
    assert (await alice.post("/api/labels/999/withdraw", headers=HEADERS)).status_code == 404
    assert (await alice.post("/api/labels", json={}, headers={})).status_code == 403


async def test_labels_are_exported_as_a_phrase_file(
    alice: httpx.AsyncClient, printed: int, sqlite_store: Store, clock: ManualClock
) -> None:
    LabelDesk(sqlite_store, clock).label(1, milestone=Milestone.EXCEPTION, reasons=[Reason.HELD])
    answer = await alice.get("/api/labels/export?carrier=zto")
    assert answer.headers["content-disposition"] == 'attachment; filename="zto.labels.toml"'
    (phrase,) = tomllib.loads(answer.text)["phrase"]
    assert (phrase["milestone"], phrase["reasons"]) == ("exception", ["held"])
    assert tomllib.loads((await alice.get("/api/labels/export")).text) == {}
