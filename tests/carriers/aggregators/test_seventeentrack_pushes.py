"""What 17TRACK pushes: everything each time, signed over the raw body. Calls are made after the documentation."""

import json
from dataclasses import replace
from typing import Any

import pytest

from carriers.aggregators import seventeentrack
from carriers.contract import Account, Milestone, Pushed, PushEnd, PushRequest, Track
from carriers.errors import NotFoundYet, UnreadableResponse

ACCOUNT = Account("t-1", "seventeentrack", {"key": "DEMO17TOKEN0000000000000000000000"})
BODY = b'{"event":"TRACKING_UPDATED","data":{"number":"RR123456789CN","carrier":3011,"param":null,"tag":"order-1"}}'
SIGN = "81c8efcef8694b63a80d3da97f9aff6fae0b74f3f3b34a2c465448b4f5a4ce82"


def a_push(event: str = "TRACKING_UPDATED", *, state: str = "InTransit_Other", **data: Any) -> dict[str, Any]:
    line = {"time_utc": "2025-01-01T19:04:05Z", "description": "x", "sub_status": state}
    info = {
        "latest_status": {"status": state.partition("_")[0], "sub_status": state},
        "tracking": {"providers": [{"events": [line]}]},
    }
    told = {"number": "RR123456789CN", "carrier": 3011, "tag": None, "track_info": info}
    return {"event": event, "data": told | data}


def pushed(document: object, account: Account = ACCOUNT) -> Pushed:
    (told,) = seventeentrack.read_push(PushRequest({}, {}, json.dumps(document).encode()), account)
    return told


def test_a_push_is_proved_over_its_raw_body() -> None:
    assert seventeentrack.verify(PushRequest({"sign": SIGN}, {}, BODY), ACCOUNT, "")
    assert not seventeentrack.verify(PushRequest({"sign": SIGN.upper()}, {}, BODY), ACCOUNT, "")
    assert not seventeentrack.verify(PushRequest({}, {}, BODY), ACCOUNT, "")
    spaced = json.dumps(json.loads(BODY)).encode()
    assert not seventeentrack.verify(PushRequest({"sign": SIGN}, {}, spaced), ACCOUNT, "")


def test_a_sign_of_the_first_version_inside_the_body_proves_nothing() -> None:
    sign = "4225ad7a1a140aa6646bcf8295be04ce1a099548a01f5921819c644caf321fc6"
    body = b'{"event":"TRACKING_UPDATED","data":{"number":"RR123456789CN","carrier":3011},"sign":"%s"}'
    push = PushRequest({"sign": sign}, {}, body % sign.encode())
    assert not seventeentrack.verify(push, ACCOUNT, "")


def test_a_push_says_everything() -> None:
    told = pushed(a_push())
    assert (told.carrier, told.tracking_number, told.ended) == ("china_post", "RR123456789CN", None)
    assert isinstance(told.answer, Track)
    assert told.answer.complete


@pytest.mark.parametrize(
    ("data", "carrier"),
    [
        ({"tag": "sf", "carrier": 900001}, "sf"),
        ({"tag": "order-1"}, "china_post"),
        ({"tag": "order-1", "carrier": 900009}, "900009"),
        ({"tag": None, "carrier": 900001}, "zto"),
        ({"tag": None, "carrier": None}, ""),
    ],
)
def test_a_push_is_known_by_the_tag_we_registered_else_by_the_vendor_s_number(
    data: dict[str, Any], carrier: str
) -> None:
    account = replace(ACCOUNT, options={"carrier_zto": "900001"})
    assert pushed(a_push(**data), account).carrier == carrier


@pytest.mark.parametrize(
    ("state", "ended"),
    [
        ("Delivered_Other", PushEnd.FINISHED),
        ("Exception_Returned", PushEnd.FINISHED),
        ("InTransit_Other", PushEnd.ABANDONED),
        ("Expired_Other", PushEnd.ABANDONED),
    ],
)
def test_the_last_push_says_how_it_ended(state: str, ended: PushEnd) -> None:
    assert pushed(a_push("TRACKING_STOPPED", state=state)).ended is ended


def test_the_last_push_may_hold_nothing_but_the_number() -> None:
    told = pushed(a_push("TRACKING_STOPPED", track_info=None))
    assert (told.answer, told.ended) == (None, PushEnd.ABANDONED)


def test_a_push_without_anything_known_is_a_hint_or_nothing_yet() -> None:
    assert pushed(json.loads(BODY)).answer is None
    nothing = {"latest_status": {"status": "NotFound"}, "tracking": {"providers": []}}
    assert type(pushed(a_push(track_info=nothing)).answer) is NotFoundYet


@pytest.mark.parametrize(
    "document",
    [
        a_push("TRACKING_EXPLODED"),
        a_push(number=None),
        {"event": "TRACKING_UPDATED", "data": None},
        a_push(track_info={"tracking": {"providers": [{"events": [{"description": "x"}]}]}}),
    ],
)
def test_a_push_that_we_do_not_know_is_unreadable(document: object) -> None:
    with pytest.raises(UnreadableResponse):
        pushed(document)


def test_a_parcel_that_is_returned_is_returned_in_a_push_too() -> None:
    told = pushed(a_push(state="Exception_Returned"))
    assert isinstance(told.answer, Track)
    assert told.answer.scans[-1].milestone is Milestone.RETURNED


def test_anything_but_200_makes_it_come_again() -> None:
    push = PushRequest({}, {}, b"")
    assert seventeentrack.acknowledge(push, ACCOUNT, accepted=True).status == 200
    assert seventeentrack.acknowledge(push, ACCOUNT, accepted=False).status == 500
