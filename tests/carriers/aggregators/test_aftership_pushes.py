"""What AfterShip pushes: the whole tracking or a hint, signed over the raw body. Calls are made."""

import json
from dataclasses import replace
from typing import Any

import pytest

from carriers.aggregators import aftership
from carriers.contract import Account, Pushed, PushEnd, PushRequest, Track
from carriers.errors import NotFoundYet, UnreadableResponse

ACCOUNT = Account("a-1", "aftership", {"api_key": "asat_demo_key", "webhook_secret": "demo-webhook-secret"})
BODY = (
    b'{"ts":1735787045,"event":"tracking_update","event_id":"00000000-0000-4000-8000-000000000000",'
    b'"is_tracking_first_tag":true,"msg":{"id":"abc","tracking_number":"1Z0000000000000000",'
    b'"slug":"ups","tag":"InTransit","subtag":"InTransit_001"}}'
)
SIGN = "mHMxJ8+5UuCObw9MQEYJyBkaTloUkuyHqiJNA9qswSc="


def a_push(event: str = "tracking_update", *, state: str = "InTransit_001", **msg: Any) -> dict[str, Any]:
    checkpoint = {
        "checkpoint_time": "2025-01-02T03:04:05+00:00",
        "tag": state.partition("_")[0],
        "subtag": state,
        "message": "x",
    }
    told = {
        "tracking_number": "1Z0000000000000000",
        "slug": "ups",
        "active": True,
        "tag": state.partition("_")[0],
        "subtag": state,
        "checkpoints": [checkpoint],
    }
    return {"event": event, "msg": told | msg}


def pushed(document: object, account: Account = ACCOUNT) -> Pushed:
    (told,) = aftership.read_push(PushRequest({}, {}, json.dumps(document).encode()), account)
    return told


@pytest.mark.parametrize("header", ["aftership-hmac-sha256", "x-aftership-hmac-sha256"])
def test_a_push_is_proved_over_its_raw_body_by_either_header(header: str) -> None:
    assert aftership.verify(PushRequest({header: SIGN}, {}, BODY), ACCOUNT, "")
    assert not aftership.verify(PushRequest({header: SIGN}, {}, BODY + b"\n"), ACCOUNT, "")
    spaced = json.dumps(json.loads(BODY)).encode()
    assert not aftership.verify(PushRequest({header: SIGN}, {}, spaced), ACCOUNT, "")


def test_a_push_without_a_signature_is_refused() -> None:
    assert not aftership.verify(PushRequest({}, {}, BODY), ACCOUNT, "")
    assert not aftership.verify(PushRequest({"aftership-hmac-sha256": ""}, {}, BODY), ACCOUNT, "")


def test_without_a_secret_of_the_webhook_the_account_s_own_proves_it() -> None:
    account = replace(ACCOUNT, credentials={"api_key": "asat_demo_key"})
    push = PushRequest({"aftership-hmac-sha256": SIGN}, {}, BODY)
    assert aftership.verify(push, account, "demo-webhook-secret")
    assert not aftership.verify(push, account, "asat_demo_key")


@pytest.mark.parametrize("event", ["tracking_update", "edd_revise"])
def test_a_push_says_everything(event: str) -> None:
    told = pushed(a_push(event))
    assert (told.carrier, told.tracking_number, told.ended) == ("ups", "1Z0000000000000000", None)
    assert isinstance(told.answer, Track)
    assert told.answer.complete


def test_a_push_without_checkpoints_is_a_hint_to_ask() -> None:
    assert pushed(json.loads(BODY)).answer is None
    assert type(pushed(a_push(checkpoints=[])).answer) is NotFoundYet


@pytest.mark.parametrize(
    ("slug", "carrier"), [("yuantong", "yto"), ("pigeon-post", "pigeon-post"), ("yto", "yto")]
)
def test_a_slug_leads_to_our_carrier(slug: str, carrier: str) -> None:
    account = replace(ACCOUNT, options={"slug_yto": slug} if slug == "yuantong" else {})
    assert pushed(a_push(slug=slug), account).carrier == carrier


@pytest.mark.parametrize(
    ("state", "ended"),
    [
        ("Delivered_005", PushEnd.FINISHED),
        ("Exception_011", PushEnd.FINISHED),
        ("Expired_001", PushEnd.ABANDONED),
        ("InTransit_001", PushEnd.ABANDONED),
    ],
)
def test_what_is_no_longer_followed_has_ended(state: str, ended: PushEnd) -> None:
    assert pushed(a_push(state=state, active=False)).ended is ended
    assert pushed(a_push(state=state)).ended is None


@pytest.mark.parametrize(
    "document",
    [
        a_push("return_update"),
        a_push(tracking_number=None),
        a_push(slug=None),
        {"event": "tracking_update", "msg": None},
        a_push(checkpoints=[{"checkpoint_time": "soon"}]),
    ],
)
def test_a_push_that_we_do_not_know_is_unreadable(document: object) -> None:
    with pytest.raises(UnreadableResponse):
        pushed(document)


def test_any_2xx_is_taken_and_the_rest_comes_again() -> None:
    push = PushRequest({}, {}, b"")
    assert aftership.acknowledge(push, ACCOUNT, accepted=True).status == 200
    assert aftership.acknowledge(push, ACCOUNT, accepted=False).status == 500
