"""USPS calls back: a document inside a string, its X-HMAC, challenges; and how it is asked to."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from carriers.contract import Account, Milestone, PushReply, PushRequest, Query, Stamp, Subscription, Track
from carriers.errors import AccessDenied, AuthenticationFailed, InvalidNumber, NotFoundYet, UnreadableResponse
from carriers.worldwide import usps

STAMP = Stamp(at=datetime(2026, 2, 3, tzinfo=UTC), nonce="n")
ACCOUNT = Account("usps", "usps", {"client_id": "client-1", "client_secret": "secret-1"})
NUMBER = "9400111206206406260787"
QUERY = Query("usps", NUMBER)
SECRET = "0123456789abcdef0123456789abcdef"
WISH = Subscription("https://us.test/push/usps", SECRET)
EVENT = {
    "eventType": "Out for Delivery",
    "eventTimestamp": "2026-02-03T08:10:00",
    "GMTTimestamp": "2026-02-03T14:10:00",
    "eventCity": "AUSTIN",
    "eventState": "TX",
    "eventCode": "OF",
}
# The worked example of the rule for signatures.
TIMESTAMP = "2026-02-03T14:05:09Z"
PAYLOAD = '{"trackingNumber":"9400111206206406260787","statusCategory":"Out for Delivery","eventCode":"OF"}'
HMAC = "cPcwyP0qDNdRUyKOppk02yAVC+LCKCl5Xu5pJfwIN80="


def an_account(**options: str) -> Account:
    return replace(ACCOUNT, options=options)


def push(payload: object, *, hmac: str | None = None, **more: object) -> PushRequest:
    said = payload if isinstance(payload, str) else json.dumps(payload)
    body = {"subscriptionId": "1", "timestamp": TIMESTAMP, "payload": said} | more
    return PushRequest({"x-hmac": hmac} if hmac else {}, {}, json.dumps(body).encode())


def read(payload: object) -> Any:
    (pushed,) = usps.read_push(push(payload), ACCOUNT)
    assert (pushed.carrier, pushed.tracking_number) == ("usps", NUMBER)
    return pushed.answer


def test_the_worked_signature_comes_out_again() -> None:
    assert usps.signature(PAYLOAD, TIMESTAMP, secret=SECRET) == HMAC
    assert usps.verify(push(PAYLOAD, hmac=HMAC), ACCOUNT, SECRET)


@pytest.mark.parametrize(
    ("check", "right", "wrong", "none"),
    [
        ("if_present", True, False, True),
        ("required", True, False, False),
        ("ignored", True, True, True),
    ],
)
def test_an_x_hmac_is_checked_as_the_account_wants(
    check: str, *, right: bool, wrong: bool, none: bool
) -> None:
    account = an_account(push_hmac=check)
    assert usps.verify(push(PAYLOAD, hmac=HMAC), account, SECRET) is right
    assert usps.verify(push(PAYLOAD + " ", hmac=HMAC), account, SECRET) is wrong
    assert usps.verify(push(PAYLOAD, hmac="ä"), account, SECRET) is wrong
    assert usps.verify(push(PAYLOAD), account, SECRET) is none


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"payload":{},"timestamp":"x"}', b'{"payload":"{}"}'])
def test_nothing_to_sign_is_no_signature(body: bytes) -> None:
    assert not usps.verify(PushRequest({"x-hmac": HMAC}, {}, body), ACCOUNT, SECRET)


def test_one_event_is_news() -> None:
    news = read({"trackingNumber": NUMBER, "statusCategory": "Out for Delivery", **EVENT})
    assert isinstance(news, Track)
    assert not news.complete
    (scan,) = news.scans
    assert (scan.milestone, scan.city) == (Milestone.OUT_FOR_DELIVERY, "AUSTIN")


def test_a_parcel_with_its_events_is_news_all_the_same() -> None:
    news = read({"trackingNumber": f"42078701{NUMBER}", "trackingEvents": [EVENT]})
    assert isinstance(news, Track)
    assert (len(news.scans), news.complete) == (1, False)


def test_a_push_without_a_time_is_a_hint_to_ask() -> None:
    assert read(PAYLOAD) is None
    assert read({"trackingNumber": NUMBER, "trackingEvents": []}) is None


@pytest.mark.parametrize("payload", ["", "{", "[]", "{}", '{"trackingNumber":""}'])
def test_a_push_that_does_not_say_its_number_is_unreadable(payload: str) -> None:
    with pytest.raises(UnreadableResponse):
        usps.read_push(push(payload), ACCOUNT)


def test_a_challenge_is_echoed_and_says_nothing() -> None:
    challenge = PushRequest({}, {}, b'{"challenge":"c-1"}')
    assert usps.verify(challenge, ACCOUNT, SECRET)
    assert usps.read_push(challenge, ACCOUNT) == ()
    echo = PushReply(200, "application/json", b'{"challenge":"c-1"}')
    assert usps.acknowledge(challenge, ACCOUNT, accepted=True) == echo
    assert b"c-1" not in usps.acknowledge(challenge, ACCOUNT, accepted=False).body
    long = PushRequest({}, {}, json.dumps({"challenge": "c" * 300}).encode())
    assert usps.acknowledge(long, ACCOUNT, accepted=True).body == b"{}"


def test_a_push_that_was_not_taken_hears_an_error() -> None:
    assert usps.acknowledge(push(PAYLOAD), ACCOUNT, accepted=False).status == 500


def subscription(**options: str) -> Any:
    return json.loads(usps.subscribe([QUERY], an_account(**options), STAMP, WISH).content)


def test_a_number_is_subscribed() -> None:
    request = usps.subscribe([Query("usps", f"42078701{NUMBER}")], ACCOUNT, STAMP, WISH)
    assert str(request.url) == "https://apis.usps.com/subscriptions-tracking/v3/subscriptions"
    assert json.loads(request.content) == {
        "listenerURL": "https://us.test/push/usps",
        "secret": SECRET,
        "filterProperties": {"trackingNumber": NUMBER, "trackingEventTypes": ["ALL_UPDATES"]},
    }


def test_what_is_unverified_of_a_subscription_is_an_option() -> None:
    said = subscription(mailer_id="900000000", admin_email="ops@example.com", event_types="ALL")
    assert said["filterProperties"] == {"MID": "900000000", "trackingEventTypes": ["ALL"]}
    assert said["adminNotification"] == [{"email": "ops@example.com"}]
    path = an_account(subscription_path="/subscriptions-tracking/v3r2/subscriptions")
    assert usps.subscribe([QUERY], path, STAMP, WISH).url.path.endswith("/v3r2/subscriptions")


@pytest.mark.parametrize(("secret", "sent"), [("pepper", "pepper" * 5 + "pe"), (SECRET * 2, SECRET)])
def test_a_secret_has_32_characters_and_verifies_as_it_was_sent(secret: str, sent: str) -> None:
    wish = replace(WISH, secret=secret)
    assert json.loads(usps.subscribe([QUERY], ACCOUNT, STAMP, wish).content)["secret"] == sent
    hmac = usps.signature(PAYLOAD, TIMESTAMP, secret=sent)
    assert usps.verify(push(PAYLOAD, hmac=hmac), ACCOUNT, secret)


def answered(document: object, status: int = 400) -> Any:
    response = httpx.Response(status, content=json.dumps(document).encode())
    return usps.read_subscription(response, [QUERY])[QUERY]


def refusal(code: str, words: str = "", *inner: str) -> dict[str, Any]:
    causes = [{"code": one, "title": "", "detail": words} for one in inner]
    return {"error": {"code": code, "message": "" if inner else words, "errors": causes}}


def test_a_subscription_stands_also_when_it_stood_before() -> None:
    named = "filter in use by subscriptionId : 00000000-0000-4000-8000-000000000001"
    assert answered({"subscriptionId": "1"}, 201) is None
    assert answered(refusal("400", named)) is None
    assert answered(refusal("400", "Already subscribed", "030001")) is None


def test_a_question_that_is_wrong_is_no_subscription() -> None:
    for document, status in (
        (refusal("400", "OASValidation failed"), 400),
        ({"status": "ENABLED"}, 200),
        ([], 200),
    ):
        with pytest.raises(UnreadableResponse):
            answered(document, status)


def test_a_refused_subscription_is_typed() -> None:
    assert type(answered(refusal("404", "", "150006"))) is InvalidNumber
    assert type(answered(refusal("404"))) is NotFoundYet
    with pytest.raises(AuthenticationFailed):
        answered(refusal("401"), 401)
    with pytest.raises(AccessDenied):
        answered(refusal("403"), 403)
