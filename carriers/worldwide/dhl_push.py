"""What DHL pushes (Unified Push 1.2.5): subscribed for up to ten numbers, confirmed once, then told of every change.

A call carries no signature. The address is the secret, and so is a header of our own that DHL sends back; whether it
does so as well when it first asks whether we are there is unverified, so that it may be missing then. Shipments have
the shape of answers; that they hold all of their events is unverified, so they are taken for news alone.
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import httpx
import msgspec

from carriers.answers import Loose, blame, check_status, decode, refusal, text
from carriers.contract import (
    Account,
    Proof,
    Pushed,
    PushReply,
    PushRequest,
    PushSheet,
    Query,
    Stamp,
    Subscription,
)
from carriers.errors import ShipmentError, UnreadableResponse
from carriers.questions import JSON, check_batch, choice, compact_json
from carriers.worldwide.dhl_codes import INFO, NAMESPACES, RESULT_CODES
from carriers.worldwide.dhl_shipments import Told, newest, shipment_of, track_of

__all__ = [
    "PUSH",
    "acknowledge",
    "confirmation",
    "read_confirmation",
    "read_push",
    "read_subscription",
    "subscribe",
    "verify",
]

PUSH: PushSheet = PushSheet(proof=Proof.SECRET_PATH, batch_size=10)

_HEADER = "X-Parcel-Watcher-Key"
_VALIDATE, _READY, _NEWS = "subscription.validate", "subscription.ready", "subscription.push"
_EVENTS = ("Pre-Transit", "Transit", "Delivered", "Failure", "Unknown")
_SUBSCRIPTION_ID = re.compile(r"[A-Za-z0-9_-]{1,80}", re.ASCII)
_ONCE = re.compile(r"[!-~]{1,512}", re.ASCII)


class _Call(msgspec.Struct):
    scope: Loose = None
    itself: Loose = msgspec.field(default=None, name="self")
    secret: Loose = None
    shipments: list[msgspec.Raw] | None = None


class _Problem(msgspec.Struct):
    status: Loose = None


_CALL = msgspec.json.Decoder(_Call)
_PROBLEM = msgspec.json.Decoder(_Problem)


def subscribe(
    queries: Sequence[Query],
    account: Account,
    stamp: Stamp,  # noqa: ARG001
    subscription: Subscription,
) -> httpx.Request:
    """The JSON that asks for pushes about up to ten numbers, of one service where the account's option names it."""
    check_batch(replace(INFO, batch_size=PUSH.batch_size), queries)
    service = choice(account, "service", ("", *NAMESPACES))
    authentication = {
        "type": "ApiKeyAuthentication",
        "header": account.options.get("push_header", _HEADER),
        "token": subscription.secret,
    }
    document: dict[str, object] = {
        "hook": {"uri": subscription.callback_url, "authentication": authentication},
        "format": "Default",
        "type": "Shipment",
        **({"service": service} if service else {}),
        "events": _EVENTS,
        "shipmentIDs": [query.tracking_number for query in queries],
    }
    return _post(account, "", content=compact_json(document).encode(), headers={"Content-Type": JSON})


def _post(account: Account, path: str, *, content: bytes, headers: Mapping[str, str]) -> httpx.Request:
    url = (account.base_url or INFO.base_url).rstrip("/") + "/tracking/push/v1/subscription" + path
    key = {"Accept": "application/json", "DHL-API-Key": account.credentials["api_key"]}
    return httpx.Request("POST", url, content=content, headers={**key, **headers})


def read_subscription(
    response: httpx.Response, queries: Sequence[Query]
) -> Mapping[Query, ShipmentError | None]:
    """None for all when it was taken in; it stands after `confirmation`. One wrong number refuses all of them."""
    if response.is_success:
        return dict.fromkeys(queries)
    error = refusal(INFO.id, _problem(response), RESULT_CODES)
    if response.status_code != httpx.codes.BAD_REQUEST or not isinstance(error, ShipmentError):
        check_status(INFO.id, response)
    return {query: error for query in blame(error, queries) if isinstance(error, ShipmentError)}


def _problem(response: httpx.Response) -> str:
    try:
        return text(decode(INFO.id, response.content, _PROBLEM).status)
    except UnreadableResponse:
        return ""


def confirmation(push: PushRequest, account: Account) -> httpx.Request | None:
    """The yes to a call that validates a subscription: its secret goes back, once, to DHL's own address and not to one
    that stands in the call."""
    call = decode(INFO.id, push.body, _CALL)
    if text(call.scope) != _VALIDATE:
        return None
    subscription, secret = text(call.itself).rstrip("/").rpartition("/")[2], text(call.secret)
    if not _SUBSCRIPTION_ID.fullmatch(subscription) or not _ONCE.fullmatch(secret):
        raise UnreadableResponse(INFO.id, detail="the call does not say what is to be confirmed")
    return _post(account, f"/{subscription}", content=b"", headers={"DHL-API-Hook-Secret": secret})


def read_confirmation(response: httpx.Response) -> None:
    """Nothing to read: it stands (204), or the HTTP status says what is wrong."""
    check_status(INFO.id, response)


def verify(push: PushRequest, account: Account, secret: str) -> bool:
    """Whether our header came back; the call that validates a subscription may lack it, but not have another."""
    sent = push.headers.get(account.options.get("push_header", _HEADER).lower())
    if sent is None:
        return _scope(push) == _VALIDATE
    return hmac.compare_digest(sent.encode(), secret.encode())


def _scope(push: PushRequest) -> str:
    try:
        return text(decode(INFO.id, push.body, _CALL).scope)
    except UnreadableResponse:
        return ""


def read_push(push: PushRequest, account: Account) -> tuple[Pushed, ...]:  # noqa: ARG001
    """The news about each number; none in the calls that set a subscription up. A shipment whose lines cannot be read
    is a hint to ask."""
    call = decode(INFO.id, push.body, _CALL)
    scope = text(call.scope)
    if scope in {_VALIDATE, _READY}:
        return ()
    if scope != _NEWS or call.shipments is None:
        raise UnreadableResponse(INFO.id, detail="the push is of a kind we do not know")
    told = [one for document in call.shipments if (one := shipment_of(document)) and one.number]
    if not told:
        raise UnreadableResponse(INFO.id, detail="the push does not say which number it is about")
    numbers = dict.fromkeys(one.number for one in told)
    return tuple(_pushed(newest(one for one in told if one.number == number)) for number in numbers)


def _pushed(told: Told) -> Pushed:
    query = Query(INFO.id, told.number)
    news = replace(track_of(told, query), complete=False) if told.readable else None
    return Pushed(query.carrier, query.tracking_number, news)


def acknowledge(push: PushRequest, account: Account, *, accepted: bool) -> PushReply:  # noqa: ARG001
    """Any 2xx is taken for yes; how often a call that had another is repeated is unverified."""
    status = httpx.codes.OK if accepted else httpx.codes.SERVICE_UNAVAILABLE
    return PushReply(int(status), "application/json", b"{}")
