"""What every source that calls us back promises: its call is proved and read, a false one refused, the reply exact."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

import httpx
import pytest

from carriers.contract import Arranged, Milestone, Stamp, Subscription, Track
from carriers.errors import CarrierError, ShipmentError
from carriers.registry import PUSHING, SUBSCRIBING

if TYPE_CHECKING:
    from carriers.contract import PushRequest
    from tests.carriers.contract.conftest import Case

STAMP = Stamp(at=datetime(2026, 1, 12, 3, 4, 5, tzinfo=UTC), nonce="0123456789abcdef0123456789abcdef")


def a_push(pusher: "Case", *, secret: str | None = None) -> "PushRequest":
    """The vendor's call about the first number."""
    fixtures = pusher.fixtures
    document = fixtures.push_document(pusher.query, [fixtures.PUSH_CODE])
    push: PushRequest = fixtures.push(document, secret=fixtures.PUSH_SECRET if secret is None else secret)
    return push


def test_whoever_has_to_be_asked_to_push_can_be_asked(pusher: "Case") -> None:
    sheet = pusher.pushing.PUSH
    assert (sheet.arranged is Arranged.BY_NUMBER) == (pusher.id in SUBSCRIBING), (
        "SUBSCRIBING and PUSH.arranged agree"
    )
    assert sheet.batch_size >= 1
    assert SUBSCRIBING.keys() <= PUSHING.keys()


def test_a_proved_push_is_read(pusher: "Case") -> None:
    fixtures, query = pusher.fixtures, pusher.query
    push = a_push(pusher)
    assert pusher.pushing.verify(push, fixtures.ACCOUNT, fixtures.PUSH_SECRET)
    (pushed,) = pusher.pushing.read_push(push, fixtures.ACCOUNT)
    assert (pushed.carrier, pushed.tracking_number) == (query.carrier, query.tracking_number)
    assert pushed.ended is None
    if pushed.answer is None:  # a hint to ask
        return
    assert isinstance(pushed.answer, Track)
    assert (pushed.answer.carrier, pushed.answer.tracking_number) == (query.carrier, query.tracking_number)
    assert pushed.answer.unmapped_codes == ()
    (scan,) = pushed.answer.scans
    assert scan.milestone is Milestone.PICKED_UP
    assert scan.text.startswith(fixtures.PUSH_CODE), (
        "the text of a line of push_document() begins with its code"
    )
    assert re.match(r"\d{4}-\d\d-\d\d.\d\d:\d\d", scan.local_time)


def test_an_unknown_code_of_a_push_stays_unknown_and_is_reported(pusher: "Case") -> None:
    fixtures = pusher.fixtures
    document = fixtures.push_document(pusher.query, [fixtures.UNKNOWN_CODE])
    push = fixtures.push(document, secret=fixtures.PUSH_SECRET)
    (pushed,) = pusher.pushing.read_push(push, fixtures.ACCOUNT)
    if pushed.answer is None:
        return
    assert isinstance(pushed.answer, Track)
    assert pushed.answer.scans[-1].milestone is Milestone.UNKNOWN
    assert fixtures.UNKNOWN_CODE in pushed.answer.unmapped_codes


def test_a_push_with_a_wrong_signature_is_refused(signer: "Case") -> None:
    fixtures, pushing = signer.fixtures, signer.pushing
    assert not pushing.verify(
        a_push(signer, secret=fixtures.PUSH_SECRET[::-1]), fixtures.ACCOUNT, fixtures.PUSH_SECRET
    )
    push = a_push(signer)
    unproved = bool(getattr(fixtures, "BODY_NOT_PROVED", ""))
    for body in (push.body[:-1] + b"!", b"", b"\xff", b"a=1", b"{}"):
        proved = pushing.verify(replace(push, body=body), fixtures.ACCOUNT, fixtures.PUSH_SECRET)
        assert proved is unproved, body
    assert not pushing.verify(replace(push, headers={}, query={}, body=b""), fixtures.ACCOUNT, "")


def test_the_reply_to_a_push_is_exact(pusher: "Case") -> None:
    pushing, account, push = pusher.pushing, pusher.fixtures.ACCOUNT, a_push(pusher)
    assert pushing.acknowledge(push, account, accepted=True) == pusher.fixtures.ACCEPTED
    refused = pushing.acknowledge(push, account, accepted=False)
    assert refused != pusher.fixtures.ACCEPTED
    for body in (b"", b"\xff", b"<a", b"{", b"x=%ff"):
        assert pushing.acknowledge(replace(push, body=body), account, accepted=False).status


def test_no_push_raises_outside_the_tree(pusher: "Case") -> None:
    fixtures, pushing = pusher.fixtures, pusher.pushing
    changed = pusher.mutations(fixtures.push_document(pusher.query, [fixtures.PUSH_CODE]))
    for label, document in [*changed, ("null", None), ("[]", []), ("text", "x")]:
        push = fixtures.push(document, secret=fixtures.PUSH_SECRET)
        pushing.verify(push, fixtures.ACCOUNT, fixtures.PUSH_SECRET)
        try:
            pushed = pushing.read_push(push, fixtures.ACCOUNT)
        except CarrierError:
            continue
        except Exception as broke:  # noqa: BLE001 - the test is that none comes
            pytest.fail(f"{label}: read_push() raised {broke!r}, which is no CarrierError")
        assert all(isinstance(one.answer, Track | ShipmentError | None) for one in pushed), label


def test_a_subscription_names_the_numbers_where_to_call_and_the_secret(subscriber: "Case") -> None:
    fixtures, subscribing = subscriber.fixtures, subscriber.subscribing
    wish = Subscription("https://example.test/hooks/1", "salt-of-the-test")
    queries = fixtures.QUERIES[: subscribing.PUSH.batch_size]
    request = subscribing.subscribe(queries, fixtures.ACCOUNT, STAMP, wish)
    said = unquote_plus(request.content.decode())
    assert all(query.tracking_number in said for query in queries)
    assert (wish.callback_url in said) != subscribing.PUSH.console, (
        "the address stands in the subscription, unless PUSH.console says that the vendor's console holds it"
    )
    of_the_account = {
        *fixtures.ACCOUNT.credentials.values(),
        *getattr(fixtures, "FOR_PUSHES_ALONE", {}).values(),
    }
    if fixtures.PUSH_SECRET not in of_the_account:
        assert wish.secret in said


def test_every_number_of_a_subscription_is_answered(subscriber: "Case") -> None:
    queries = subscriber.fixtures.QUERIES[: subscriber.subscribing.PUSH.batch_size]
    document = subscriber.fixtures.subscribed(dict.fromkeys(queries))
    response = httpx.Response(200, content=subscriber.fixtures.encode(document))
    assert subscriber.subscribing.read_subscription(response, queries) == dict.fromkeys(queries)


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_subscription_that_fails_as_a_whole_is_typed(subscriber: "Case", status: int) -> None:
    with pytest.raises(CarrierError) as caught:
        subscriber.subscribing.read_subscription(
            httpx.Response(status, content=b"<html>"), [subscriber.query]
        )
    assert caught.value.code == f"HTTP {status}"


def test_no_answer_to_a_subscription_raises_outside_the_tree(subscriber: "Case") -> None:
    queries = list(subscriber.fixtures.QUERIES[: subscriber.subscribing.PUSH.batch_size])
    document = subscriber.fixtures.subscribed(dict.fromkeys(queries))
    for label, changed in [
        *subscriber.mutations(document),
        ("null", None),
        ("[]", []),
        ("text", "x"),
        ("{}", {}),
    ]:
        response = httpx.Response(200, content=subscriber.fixtures.encode(changed))
        try:
            said = subscriber.subscribing.read_subscription(response, queries)
        except CarrierError:
            continue
        except Exception as broke:  # noqa: BLE001 - the test is that none comes
            pytest.fail(f"{label}: read_subscription() raised {broke!r}, which is no CarrierError")
        assert set(said) == set(queries), label
