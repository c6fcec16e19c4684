"""What FedEx (联邦快递) pushes about the account's own parcels: Advanced Integrated Visibility, a paid service.

The body is modelled on an answer, but how it is wrapped is unverified: whatever holds scans or a latest status is read,
wherever it stands. Times carry their distance from UTC. The security token that is entered in the vendor's portal is
the account's push_salt.
"""

import base64
import hmac
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace

import msgspec

from carriers.answers import NULL, decode, refusal_of_one, text
from carriers.contract import (
    Account,
    Arranged,
    Milestone,
    Pushed,
    PushReply,
    PushRequest,
    PushSheet,
    Query,
    Track,
)
from carriers.errors import ShipmentError, UnreadableResponse
from carriers.questions import choice
from carriers.worldwide.fedex_codes import OTHERWISE_IN_PUSHES, RESULT_CODES
from carriers.worldwide.fedex_results import RESULT, Result, error_code, event_types, track_of

__all__ = ["PUSH", "acknowledge", "read_push", "signature", "verify"]

PUSH: PushSheet = PushSheet(arranged=Arranged.BY_ACCOUNT, console=True)

_SOURCE = "fedex"
_DEEPEST = 12
_BEGINNINGS = frozenset({Milestone.PRE_TRANSIT, Milestone.PICKED_UP})
_OBJECT: msgspec.json.Decoder[Mapping[str, msgspec.Raw]] = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_SCALAR = msgspec.json.Decoder(str | int | float | bool | None)
_NESTED = frozenset({b"{", b"["})
_RESULT_KEYS = frozenset({"scanEvents", "latestStatusDetail"})


def signature(body: bytes, token: str, *, encoding: str = "base64") -> str:
    """`fdx-signature` of the body as it came, with the security token that stands in the vendor's portal."""
    raw = hmac.digest(token.encode(), body, "sha256")
    return raw.hex() if encoding == "hex" else base64.b64encode(raw).decode()


def verify(push: PushRequest, account: Account, secret: str) -> bool:
    """Whether the header is that of the body; `secret` has to be entered in the portal as the security token."""
    encoding = choice(account, "push_encoding", ("base64", "hex"))
    sent = push.headers.get("fdx-signature", "")
    return hmac.compare_digest(sent.encode(), signature(push.body, secret, encoding=encoding).encode())


def read_push(push: PushRequest, account: Account) -> tuple[Pushed, ...]:  # noqa: ARG001
    """What the push says about each number: the news, not the whole history; a hint to ask where it has no scans, or
    where what they mean depends on what is not told."""
    told = [(number, decode(_SOURCE, raw, RESULT)) for number, raw in _results(push.body)]
    if not told or not all(number for number, _ in told):
        raise UnreadableResponse(_SOURCE, detail="the push does not say which number it is about")
    return tuple(Pushed(_SOURCE, number, _answer(number, result)) for number, result in told)


def _results(body: bytes) -> Iterator[tuple[str, msgspec.Raw]]:
    """Every part that speaks of one shipment, with its number or the one that is said around it."""
    parts = deque([("", msgspec.Raw(body.strip()), 0)])
    while parts:
        number, raw, depth = parts.popleft()
        kind = bytes(raw)[:1]
        if depth and kind not in _NESTED:
            continue
        if kind == b"[":
            parts += [(number, part, depth + 1) for part in decode(_SOURCE, raw, _LIST) if depth < _DEEPEST]
            continue
        fields = decode(_SOURCE, raw, _OBJECT)
        number = _number(fields) or number
        if fields.keys() & _RESULT_KEYS:
            yield number, raw
        else:
            parts += [(number, part, depth + 1) for part in fields.values() if depth < _DEEPEST]


def _number(fields: Mapping[str, msgspec.Raw]) -> str:
    """The number that stands in this part, or in its `trackingNumberInfo`."""
    info = fields.get("trackingNumberInfo", NULL)
    if bytes(info)[:1] == b"{":
        fields = decode(_SOURCE, info, _OBJECT)
    number = fields.get("trackingNumber", NULL)
    return "" if bytes(number)[:1] in _NESTED else text(decode(_SOURCE, number, _SCALAR))


def _answer(number: str, result: Result) -> Track | ShipmentError | None:
    code = error_code(result)
    if code:
        error = refusal_of_one(_SOURCE, code, RESULT_CODES)
        return error if isinstance(error, ShipmentError) else None
    if OTHERWISE_IN_PUSHES & {*event_types(result)}:
        return None
    found = track_of(Query(_SOURCE, number), result)
    return None if found is None or _may_be_the_shipper(found) else replace(found, complete=False)


def _may_be_the_shipper(found: Track) -> bool:
    """Whether somebody signed, and the push does not say whether the parcel had turned back before."""
    signed = any(scan.milestone is Milestone.DELIVERED for scan in found.scans)
    return signed and found.scans[0].milestone not in _BEGINNINGS


def acknowledge(push: PushRequest, account: Account, *, accepted: bool) -> PushReply:  # noqa: ARG001
    """A status is all that tells; what FedEx wants to read, and when it calls again, is unverified."""
    return PushReply(200 if accepted else 500, "application/json", b"{}")
