"""USPS (美国邮政) asked through its own API: Tracking 3.2 (v3r2), up to 35 numbers in one call, or v3 with one.

Both want a bearer token (OAuth2, client credentials) that lasts eight hours. Parcels are pushed as well, by
subscription (Subscriptions Tracking v3); `usps_push` reads what comes.

Limits: about 60 calls an hour and five a minute of one app (unverified), shared by all that it asks of USPS, tokens
included; more by a request to USPS. Times are local, see `usps_scans`: GMT stands beside them, or their distance from
it, else the place tells the zone, which is an hour or more wrong where a state or country has several.

Oddities, each with a test:
* a token is issued even to an app that may not track: its `scope` tells, before every question is refused with 401;
* the code that counts is the innermost (150003); the outer one repeats the HTTP status, also inside HTTP 200 and 207;
* a number that is refused stands among the others (207); which shape that has is unverified: where it does not repeat
  its number, its place in the list tells, as long as the others keep to theirs;
* 403 about one number is another mailer's parcel, about the whole call a product that the app was not granted;
* a routing code of the recipient's ZIP before a number (420...) is not sent;
* events come newest first, booleans may be text, and a Z behind a local time is not meant;
* the distance from GMT is printed as -06:00 or in minutes;
* `actionCode` and `reasonCode` refine H0 and H8, by no public list: the pair is reported, and the line means what its
  event does;
* the category of the parcel (`statusCategory`) speaks where the newest event's code says nothing, written with or
  without hyphens and capitals;
* who signs as the recipient's agent makes a delivery one to a proxy;
* the expected time of delivery stands in the answer or, in v3r2, under `deliveryDateExpectation` (unverified);
* subscribing twice is no error: the refusal names the subscription that stands;
* a parcel that has a category and no events cannot be told of: that is out of shape, and not "nothing yet".

Unverified and therefore options: which version is asked and where (`api`, `path`), the scope that a token is asked
for, how a subscription is worded, and the proof of a push.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from urllib.parse import quote

import httpx
import msgspec

from carriers.answers import NULL, Loose, blame, check_status, decode_rows, refusal, refusal_of_one, text
from carriers.contract import (
    Account,
    Answer,
    Answers,
    CarrierInfo,
    Query,
    Stamp,
    Subscription,
    Token,
    Track,
)
from carriers.errors import AccessDenied, NotFoundYet, ShipmentError, UnreadableResponse
from carriers.questions import JSON, batch_size, check_batch, choice
from carriers.worldwide.usps_codes import BASE_URL, CODES_OF_ONE, MILESTONES, RESULT_CODES, TOKEN_CODES
from carriers.worldwide.usps_push import (
    PUSH,
    acknowledge,
    hmac_check,
    read_push,
    secret_of,
    signature,
    verify,
)
from carriers.worldwide.usps_refusals import code_of, decoded, words_of
from carriers.worldwide.usps_scans import Piece, plain, tracked

__all__ = [
    "INFO",
    "MILESTONES",
    "PUSH",
    "RESULT_CODES",
    "acknowledge",
    "read",
    "read_push",
    "read_subscription",
    "read_token",
    "request",
    "signature",
    "subscribe",
    "token_request",
    "verify",
]

_BATCH, _SINGLE = "v3r2", "v3"
_PATHS: Mapping[str, str] = {_BATCH: "/tracking/v3r2/tracking", _SINGLE: "/tracking/v3/tracking"}
_SUBSCRIPTIONS = "/subscriptions-tracking/v3/subscriptions"
_SCOPE = "tracking"
_STANDS_ALREADY = re.compile(r"already|duplicate|subscription ?id\W+[0-9a-f]+-", re.ASCII | re.IGNORECASE)

INFO: CarrierInfo = CarrierInfo(
    id="usps",
    name_zh="美国邮政",
    name_en="USPS",
    checked_on=date(2026, 11, 22),
    base_url=BASE_URL,
    carriers={"usps": "usps"},
    number_patterns=(
        r"(?:420\d{5}(?:\d{4})?)?9[1-5]\d{20}(?:\d{4})?",
        r"[A-Z]{2}\d{9}US",
        r"\d{20}",
    ),
    batch_size=35,
    minimum_interval=timedelta(minutes=30),
    rate_per_second=1 / 65,
    burst=5,
    credentials=("client_id", "client_secret"),
    options={
        "api": "v3r2 (default) or v3: the latter takes one number in a call and wants batch_size 1",
        "batch_size": "how many numbers are asked about in one call (default 35)",
        "path": f"where numbers are asked about (default {_PATHS[_BATCH]} or {_PATHS[_SINGLE]})",
        "scope": "what a token is asked for (default tracking subscriptions-tracking)",
        "subscription_path": f"where pushes are asked for (default {_SUBSCRIPTIONS})",
        "event_types": "the event word of a subscription: ALL_UPDATES (default) or ALL",
        "mailer_id": "subscribe to all parcels of this MID in place of single numbers",
        "admin_email": "whom USPS writes to about a subscription",
        "push_hmac": "if_present (default): an X-HMAC of a push must be right; required; or ignored",
    },
    answers=frozenset({Answer.PUSH, Answer.ETA}),
)


class _Token(msgspec.Struct):
    access_token: Loose = None
    expires_in: Loose = None
    scope: Loose = None
    error: msgspec.Raw = NULL


class _Subscribed(msgspec.Struct, rename="camel"):
    subscription_id: Loose = None
    error: msgspec.Raw = NULL


_SUBSCRIBED = msgspec.json.Decoder(_Subscribed)
_TOKEN = msgspec.json.Decoder(_Token)
_PIECE = msgspec.json.Decoder(Piece)
_ANSWER: msgspec.json.Decoder[list[msgspec.Raw] | Piece] = msgspec.json.Decoder(list[msgspec.Raw] | Piece)


def token_request(account: Account) -> httpx.Request:
    """The JSON that asks for a token; it counts as one of the calls of the hour."""
    asked = {
        "client_id": account.credentials["client_id"],
        "client_secret": account.credentials["client_secret"],
        "grant_type": "client_credentials",
        "scope": account.options.get("scope", "tracking subscriptions-tracking"),
    }
    return _post(account, "/oauth2/v3/token", asked)


def read_token(response: httpx.Response) -> Token:
    """The token; `AccessDenied` for one that may not track."""
    said = decoded(response, _TOKEN)
    code = code_of(said.error, TOKEN_CODES)
    if code is not None and code in TOKEN_CODES:
        raise refusal(INFO.id, code, TOKEN_CODES)
    check_status(INFO.id, response)
    if said.scope is not None and _SCOPE not in text(said.scope).split():
        raise AccessDenied(INFO.id, detail="the app was not granted the scope tracking")
    value, lasts = text(said.access_token), _lasts(text(said.expires_in))
    if code is not None or not value or lasts is None:
        raise UnreadableResponse(INFO.id, detail="the answer holds no token")
    return Token(value, lasts)


def _lasts(seconds: str) -> timedelta | None:
    """None for what is no time; a token of more than a day would be news."""
    if not (seconds.isascii() and seconds.isdigit()) or int(seconds) > timedelta(days=1).total_seconds():
        return None
    return timedelta(seconds=int(seconds))


def request(queries: Sequence[Query], account: Account, stamp: Stamp) -> httpx.Request:  # noqa: ARG001
    """One question; nothing in it is signed, the token is put on when it is sent."""
    check_batch(INFO, queries)
    hmac_check(account)  # a wrong option shows with the first question, not with the first push
    at_once, api = batch_size(INFO, account), choice(account, "api", (_BATCH, _SINGLE))
    path = account.options.get("path", _PATHS[api])
    numbers = _asked(queries)
    if api == _BATCH:
        return _post(account, path, [{"trackingNumber": number} for number in numbers])
    if at_once != 1 or len(numbers) != 1:
        raise ValueError("option api v3 takes one number in one call: set option batch_size to 1")
    url = _address(account, f"{path}/{quote(numbers[0], safe='')}")
    return httpx.Request("GET", url, params={"expand": "DETAIL"}, headers={"Accept": "application/json"})


def _asked(queries: Sequence[Query]) -> list[str]:
    """The numbers as they are sent, each once."""
    return list(dict.fromkeys(plain(query.tracking_number) for query in queries))


def _post(account: Account, path: str, document: object) -> httpx.Request:
    headers = {"Content-Type": JSON, "Accept": "application/json"}
    return httpx.Request(
        "POST", _address(account, path), content=msgspec.json.encode(document), headers=headers
    )


def _address(account: Account, path: str) -> str:
    return (account.base_url or INFO.base_url).rstrip("/") + path


def read(response: httpx.Response, queries: Sequence[Query]) -> Answers:
    """An answer for every number asked; raises when the whole call was refused."""
    said = decoded(response, _ANSWER)
    if isinstance(said, Piece):
        code = code_of(said.error, RESULT_CODES, beside=said.status_code)
        if code is not None:
            return blame(refusal(INFO.id, code, RESULT_CODES), queries)
        check_status(INFO.id, response)
        return _by_query([said], queries)
    check_status(INFO.id, response)
    pieces = decode_rows(INFO.id, said, _PIECE)
    return _by_query(pieces, queries)


def _by_query(pieces: Sequence[Piece | None], queries: Sequence[Query]) -> Answers:
    by_number = _by_number(pieces, _asked(queries))
    asked = {plain(query.tracking_number) for query in queries}
    # A piece of no number we asked for may be about any number that is missing.
    strangers = len(by_number) < len(pieces) or not by_number.keys() <= asked
    if not by_number.keys() & asked:
        raise UnreadableResponse(INFO.id, detail="the answer is about none of the numbers asked")
    return {query: _answer(query, by_number, strangers=strangers) for query in queries}


def _by_number(pieces: Sequence[Piece | None], asked: Sequence[str]) -> dict[str, Piece]:
    """The pieces by their numbers; a refusal without one has that of its place, if the others keep to theirs."""
    numbers = [plain(text(piece.tracking_number)) if piece else "" for piece in pieces]
    in_place = len(numbers) == len(asked) and all(
        number in ("", due) for number, due in zip(numbers, asked, strict=True)
    )
    found: dict[str, Piece] = {}
    for place, (piece, number) in enumerate(zip(pieces, numbers, strict=True)):
        if piece and number:
            found[number] = piece
        elif piece and in_place and _refused(piece) is not None:
            found[asked[place]] = piece
    return found


def _refused(piece: Piece) -> str | None:
    return code_of(piece.error, CODES_OF_ONE, beside=piece.status_code)


def _answer(
    query: Query, by_number: Mapping[str, Piece], *, strangers: bool
) -> Track | ShipmentError | UnreadableResponse:
    piece = by_number.get(plain(query.tracking_number))
    if piece is None:
        return _out_of_shape() if strangers else NotFoundYet(INFO.id)
    code = _refused(piece)
    if code is not None:
        return refusal_of_one(INFO.id, code, CODES_OF_ONE)
    if not piece.tracking_events and _is_not_there_yet(piece):
        return NotFoundYet(INFO.id)
    found = tracked(piece, query)
    return found if found.scans else _out_of_shape()


def _is_not_there_yet(piece: Piece) -> bool:
    """Whether no events are all that there is to tell."""
    return text(piece.status_category).casefold() in {"", "pre-shipment", "preshipment"}


def _out_of_shape() -> UnreadableResponse:
    return UnreadableResponse(INFO.id, detail="what is said about this number has not the shape we know")


def subscribe(
    queries: Sequence[Query],
    account: Account,
    stamp: Stamp,  # noqa: ARG001
    subscription: Subscription,
) -> httpx.Request:
    """The question for pushes about one number, or about all of the mailer's, where the account names one."""
    check_batch(INFO, queries)
    (query,) = queries
    mailer, email = account.options.get("mailer_id"), account.options.get("admin_email")
    about = {"MID": mailer} if mailer else {"trackingNumber": plain(query.tracking_number)}
    document: dict[str, object] = {
        "listenerURL": subscription.callback_url,
        "secret": secret_of(subscription.secret),
        "filterProperties": {
            **about,
            "trackingEventTypes": [choice(account, "event_types", ("ALL_UPDATES", "ALL"))],
        },
    }
    if email:
        document["adminNotification"] = [{"email": email}]
    return _post(account, account.options.get("subscription_path", _SUBSCRIPTIONS), document)


def read_subscription(
    response: httpx.Response, queries: Sequence[Query]
) -> Mapping[Query, ShipmentError | None]:
    """None when pushes will come, also when they came before."""
    said = decoded(response, _SUBSCRIBED)
    code = code_of(said.error, RESULT_CODES)
    if code is None:
        check_status(INFO.id, response)
        if not text(said.subscription_id):
            raise UnreadableResponse(INFO.id, detail="the answer names no subscription")
        return dict.fromkeys(queries)
    # Only the words tell a subscription that stands from a question that is wrong.
    if code == "400" and _STANDS_ALREADY.search(words_of(said.error)):
        return dict.fromkeys(queries)
    error = refusal(INFO.id, code, RESULT_CODES)
    if isinstance(error, ShipmentError):
        return dict.fromkeys(queries, error)
    raise error
