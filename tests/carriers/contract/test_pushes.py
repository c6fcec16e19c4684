"""What every source that calls us back promises: right signature read, wrong one refused, the reply exact."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

import httpx
import pytest

from carriers.contract import Stamp, Subscription, Track
from carriers.errors import CarrierError, ShipmentError

if TYPE_CHECKING:
    from tests.carriers.contract.conftest import Case

STAMP = Stamp(at=datetime(2026, 1, 12, 3, 4, 5, tzinfo=UTC), nonce="0123456789abcdef0123456789abcdef")


def test_a_push_with_the_right_signature_is_read(pusher: "Case") -> None:
    fixtures, query = pusher.fixtures, pusher.query
    push = fixtures.push(fixtures.push_document(query, [pusher.plain_code]), secret=fixtures.PUSH_SECRET)
    assert pusher.pushing.verify(push, fixtures.PUSH_SECRET)
    (pushed,) = pusher.pushing.read_push(push)
    assert (pushed.carrier, pushed.tracking_number) == (query.carrier, query.tracking_number)
    assert isinstance(pushed.answer, Track)
    assert pushed.answer == pusher.track(fixtures.history({query: [pusher.plain_code]}))
    assert pushed.ended is None


def test_a_push_with_a_wrong_signature_is_refused(pusher: "Case") -> None:
    fixtures = pusher.fixtures
    push = fixtures.push(
        fixtures.push_document(pusher.query, [pusher.plain_code]), secret=fixtures.PUSH_SECRET
    )
    assert not pusher.pushing.verify(push, fixtures.PUSH_SECRET + "x")
    assert not pusher.pushing.verify(push, "")
    changed = push.body.replace(pusher.query.tracking_number.encode(), b"SOMETHING-ELSE")
    assert changed != push.body
    for body in (changed, b"", b"\xff", b"a=1"):
        assert not pusher.pushing.verify(replace(push, body=body), fixtures.PUSH_SECRET)


def test_the_reply_to_a_push_is_exact(pusher: "Case") -> None:
    assert pusher.pushing.acknowledge(accepted=True) == pusher.fixtures.ACCEPTED
    assert pusher.pushing.acknowledge(accepted=False).body != pusher.fixtures.ACCEPTED.body


def test_no_push_raises_outside_the_tree(pusher: "Case") -> None:
    fixtures = pusher.fixtures
    changed = pusher.mutations(fixtures.push_document(pusher.query, [pusher.plain_code]))
    for label, document in [*changed, ("null", None), ("[]", []), ("text", "x")]:
        try:
            pushed = pusher.pushing.read_push(fixtures.push(document, secret=fixtures.PUSH_SECRET))
        except CarrierError:
            continue
        except Exception as broke:  # noqa: BLE001 - the test is that none comes
            pytest.fail(f"{label}: read_push() raised {broke!r}, which is no CarrierError")
        assert all(isinstance(one.answer, Track | ShipmentError | None) for one in pushed), label


def test_a_subscription_names_the_number_where_to_call_and_the_secret(pusher: "Case") -> None:
    wish = Subscription("https://example.test/hooks/1", "salt-of-the-test")
    request = pusher.pushing.subscribe(pusher.query, pusher.fixtures.ACCOUNT, STAMP, wish)
    said = unquote_plus(request.content.decode())
    assert pusher.query.tracking_number in said
    assert wish.callback_url in said
    assert wish.secret in said


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_subscription_that_fails_as_a_whole_is_typed(pusher: "Case", status: int) -> None:
    with pytest.raises(CarrierError) as caught:
        pusher.pushing.read_subscription(httpx.Response(status, content=b"<html>"), pusher.query)
    assert caught.value.code == f"HTTP {status}"
