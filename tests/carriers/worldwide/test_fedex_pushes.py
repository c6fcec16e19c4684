"""FedEx's pushes: proved over the body as it came, read wherever a shipment stands in it, a hint where codes differ."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

import pytest

from carriers.contract import Account, Arranged, Milestone, Proof, PushRequest, Track
from carriers.errors import NotFoundYet, UnreadableResponse
from carriers.worldwide import fedex

ACCOUNT = Account("fedex-1", "fedex", {"client_id": "CLIENT", "client_secret": "SECRET"})
TOKEN = "wh-demo-token-3f9a7c"
BODY = (
    b'{"transactionId":"c1d2e3f4-0000-4a6b-9c00-111122223333","output":{"completeTrackResults":'
    b'[{"trackingNumber":"568283610012000","trackResults":'
    b'[{"latestStatusDetail":{"code":"OD","derivedCode":"OD"}}]}]}}'
)
SIGNED = "mYv29smAVQMrBvwNdYnsta3aQTX2waA5XnTP1Zm3RBM="


def a_push(document: object) -> PushRequest:
    return PushRequest({}, {}, json.dumps(document).encode())


def an_event(kind: str) -> dict[str, Any]:
    return {"date": "2026-02-03T11:12:00-06:00", "eventType": kind, "eventDescription": "What happened"}


def test_the_worked_signature_is_right() -> None:
    push = PushRequest({"fdx-signature": SIGNED}, {}, BODY)
    assert fedex.verify(push, ACCOUNT, TOKEN)
    assert not fedex.verify(replace(push, body=BODY + b" "), ACCOUNT, TOKEN)
    assert not fedex.verify(push, ACCOUNT, TOKEN[::-1])
    assert not fedex.verify(replace(push, headers={}), ACCOUNT, TOKEN)


def test_a_signature_in_hex_is_taken_on_wish() -> None:
    in_hex = hmac.new(TOKEN.encode(), BODY, hashlib.sha256).hexdigest()
    push = PushRequest({"fdx-signature": in_hex}, {}, BODY)
    assert base64.b64decode(SIGNED).hex() == in_hex
    assert not fedex.verify(push, ACCOUNT, TOKEN)
    assert fedex.verify(push, replace(ACCOUNT, options={"push_encoding": "hex"}), TOKEN)


def test_pushes_come_by_account_to_the_address_in_the_portal() -> None:
    assert (fedex.PUSH.arranged, fedex.PUSH.proof) == (Arranged.BY_ACCOUNT, Proof.SIGNATURE)
    assert fedex.PUSH.console


def test_a_push_without_scans_is_a_hint_to_ask() -> None:
    (pushed,) = fedex.read_push(PushRequest({}, {}, BODY), ACCOUNT)
    assert (pushed.carrier, pushed.tracking_number, pushed.answer) == ("fedex", "568283610012000", None)


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda result: {"output": {"completeTrackResults": [{"trackResults": [result]}]}},
        lambda result: [{"events": [result]}],
        lambda result: result,
        lambda result: {"trackingNumberInfo": {"trackingNumber": "999"}, "trackResult": result},
    ],
)
def test_a_shipment_is_found_wherever_it_stands(wrapped: Any) -> None:
    result = {
        "trackingNumberInfo": {"trackingNumber": "568283610012000"},
        "scanEvents": [an_event("PU")],
    }
    (pushed,) = fedex.read_push(a_push(wrapped(result)), ACCOUNT)
    assert pushed.tracking_number == "568283610012000"
    assert isinstance(pushed.answer, Track)
    assert pushed.answer.scans[0].milestone is Milestone.PICKED_UP


def test_the_number_may_stand_around_the_shipment() -> None:
    document = {"trackingNumberInfo": {"trackingNumber": "1"}, "data": {"scanEvents": [an_event("PU")]}}
    (pushed,) = fedex.read_push(a_push(document), ACCOUNT)
    assert pushed.tracking_number == "1"


def test_a_push_tells_news_and_not_the_whole_history() -> None:
    document = {"trackingNumber": "1", "scanEvents": [an_event("OD")]}
    (pushed,) = fedex.read_push(a_push(document), ACCOUNT)
    assert isinstance(pushed.answer, Track)
    assert not pushed.answer.complete


def test_a_push_may_speak_of_several_numbers() -> None:
    told = [{"trackingNumber": number, "scanEvents": [an_event("PU")]} for number in ("1", "2")]
    pushed = fedex.read_push(a_push({"output": told}), ACCOUNT)
    assert [one.tracking_number for one in pushed] == ["1", "2"]


@pytest.mark.parametrize("kind", ["IN", "HP"])
def test_a_code_that_means_something_else_in_a_push_is_a_hint_to_ask(kind: str) -> None:
    document = {"trackingNumber": "1", "scanEvents": [an_event(kind), an_event("PU")]}
    (pushed,) = fedex.read_push(a_push(document), ACCOUNT)
    assert pushed.answer is None


def test_a_delivery_without_what_came_before_is_a_hint_to_ask() -> None:
    def pushed(*kinds: str) -> object:
        document = {"trackingNumber": "1", "scanEvents": [an_event(kind) for kind in kinds]}
        return fedex.read_push(a_push(document), ACCOUNT)[0].answer

    assert pushed("DL") is None
    assert pushed("OD", "DL") is None
    whole = pushed("PU", "RS", "DL")
    assert isinstance(whole, Track)
    assert whole.scans[-1].milestone is Milestone.RETURNED


def test_a_refusal_in_a_push_is_that_number_s() -> None:
    def pushed(code: str) -> object:
        told = {"trackingNumber": "1", "latestStatusDetail": {}, "error": {"code": code}}
        return fedex.read_push(a_push(told), ACCOUNT)[0].answer

    assert type(pushed("TRACKING.TRACKINGNUMBER.NOTFOUND")) is NotFoundYet
    assert pushed("INTERNAL.SERVER.ERROR") is None


@pytest.mark.parametrize(
    "body", [b"", b"x", b"7", b"{}", b'{"scanEvents":[]}', b'{"a":' * 99 + b"1" + b"}" * 99]
)
def test_what_speaks_of_no_number_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableResponse):
        fedex.read_push(PushRequest({}, {}, body), ACCOUNT)


def test_a_status_is_the_whole_reply() -> None:
    push = PushRequest({}, {}, BODY)
    replies = [fedex.acknowledge(push, ACCOUNT, accepted=accepted) for accepted in (True, False)]
    assert [(reply.status, reply.body) for reply in replies] == [(200, b"{}"), (500, b"{}")]
