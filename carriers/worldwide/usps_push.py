"""What USPS pushes (Subscriptions Tracking v3), about single numbers or about all parcels of a mailer.

A call holds a JSON document inside a string, `payload`: one event, or a parcel with several; it is news, never the
whole history. One without a time is a hint to ask. Its header X-HMAC is in no document of USPS that was seen
(unverified): the address that only the source knows proves a push, and an X-HMAC is checked where it comes.

Subscriptions end after 25 to 30 days without news, and rest while the listener cannot be reached; no call says so.
Their secret has 32 characters. A body with a `challenge` wants it echoed (unverified). Times are read as in
`usps_scans`.
"""

import hmac
from dataclasses import replace

import msgspec

from carriers.answers import Loose, decode, text
from carriers.contract import (
    Account,
    Proof,
    Pushed,
    PushReply,
    PushRequest,
    PushSheet,
    Query,
    Track,
)
from carriers.errors import UnreadableResponse
from carriers.questions import choice, compact_json
from carriers.signing import hmac_sha256_base64
from carriers.worldwide.usps_codes import SOURCE
from carriers.worldwide.usps_scans import Event, Piece, plain, told, tracked

__all__ = ["PUSH", "acknowledge", "hmac_check", "read_push", "secret_of", "signature", "verify"]

PUSH: PushSheet = PushSheet(proof=Proof.SECRET_PATH)

_SECRET_LENGTH = 32
_LONGEST_CHALLENGE = 256
_REPLY_TYPE = "application/json"


class _Call(msgspec.Struct, rename="camel"):
    timestamp: Loose = None
    payload: Loose = None
    challenge: Loose = None


_CALL = msgspec.json.Decoder(_Call)
_PIECE = msgspec.json.Decoder(Piece)
_EVENT = msgspec.json.Decoder(Event)


def secret_of(secret: str) -> str:
    """The 32 characters that USPS wants: a shorter secret is repeated, a longer one cut."""
    return (secret * _SECRET_LENGTH)[:_SECRET_LENGTH]


def signature(payload: str, timestamp: str, *, secret: str) -> str:
    """X-HMAC of exactly the string that stands in the call as `payload`, with its `timestamp`."""
    return hmac_sha256_base64((timestamp + payload).encode(), secret)


def hmac_check(account: Account) -> str:
    """What the account wants to be done about an X-HMAC: if_present, required or ignored."""
    return choice(account, "push_hmac", ("if_present", "required", "ignored"))


def verify(push: PushRequest, account: Account, secret: str) -> bool:
    """Whether the X-HMAC, where the call has one, is right; the secret address proves the rest."""
    check, sent = hmac_check(account), push.headers.get("x-hmac")
    if check == "ignored" or sent is None:
        return check != "required"
    try:
        call = decode(SOURCE, push.body, _CALL)
    except UnreadableResponse:
        return False
    if not isinstance(call.payload, str) or not isinstance(call.timestamp, str):
        return False
    due = signature(call.payload, call.timestamp, secret=secret_of(secret))
    return hmac.compare_digest(sent.encode(), due.encode())


def read_push(push: PushRequest, account: Account) -> tuple[Pushed, ...]:  # noqa: ARG001
    """News about one number, or only a hint to ask; nothing where the call wants no more than an echo."""
    call = decode(SOURCE, push.body, _CALL)
    if text(call.payload) == "" and text(call.challenge):
        return ()
    piece = decode(SOURCE, text(call.payload), _PIECE)
    number = plain(text(piece.tracking_number))
    if not number:
        raise UnreadableResponse(SOURCE, detail="the push does not say which number it is about")
    news = _news(piece, text(call.payload), Query(SOURCE, number))
    return (Pushed(SOURCE, number, replace(news, complete=False) if news.scans else None),)


def _news(piece: Piece, payload: str, query: Query) -> Track:
    """The events of the list; without one, the document is an event itself."""
    if piece.tracking_events is not None:
        return tracked(piece, query)
    return told(piece, [decode(SOURCE, payload, _EVENT)], query)


def acknowledge(push: PushRequest, account: Account, *, accepted: bool) -> PushReply:  # noqa: ARG001
    """Taken, with the challenge where there is one; anything but a good HTTP status says "send it again"."""
    if not accepted:
        return PushReply(500, _REPLY_TYPE, b'{"accepted":false}')
    challenge = _challenge(push)
    echo = {"challenge": challenge} if challenge else {}
    return PushReply(200, _REPLY_TYPE, compact_json(echo).encode())


def _challenge(push: PushRequest) -> str:
    try:
        challenge = text(decode(SOURCE, push.body, _CALL).challenge)
    except UnreadableResponse:
        return ""
    return challenge if len(challenge) <= _LONGEST_CHALLENGE else ""
