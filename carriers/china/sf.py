"""SF Express (顺丰) asked through its open platform: service EXP_RECE_SEARCH_ROUTES, up to ten numbers in one call.

Orders of the account itself are pushed (RoutePushService) to the address in the vendor's console; `sf_push` reads them.

Limits: 30 calls a second and 3,000 a day per customer code are documented for testing; production is not published,
A1005 is the sign to slow down. Times are printed in Shanghai without a zone.

Oddities, each with a test:
* code A1000 says only that the gateway answered; what the service says is JSON inside a string (or an object), its
  `success` true or "true", the routes under `msgData` or beside it;
* a number that is not ours stands among the others with a reasonCode; one without routes so far has an empty list;
* when the service refuses a whole batch with a code about a number (8191), it does not say which: with one number
  asked the answer is that number's, with several `read` raises that `ShipmentError`, and asking one by one tells;
* a tail is needed unless the parcel was ordered through the account; where only some of a batch have one, the others'
  places in `checkPhoneNo` stay empty (unverified);
* reasonCodes are printed for few accounts, their list is not public: with one that we do not know the line means what
  its opCode does, and the pair is reported; so is an opCode that only its status explains;
* opCode 80 may lie in a locker and 648 may be redirected: only the text tells, so the reader refines the scan;
* pushes bear no signature, so the address must be secret; in one public client they have a msgDigest, which is checked
  where it comes (unverified, an option of the account); they come as JSON or as XML in a form, and each has a reply of
  its own; up to ten lines of several numbers come in one call, and the same line comes several times.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import httpx
import msgspec

from carriers.answers import (
    NULL,
    Loose,
    blame,
    check_status,
    decode,
    decode_rows,
    is_null,
    refusal,
    refusal_of_one,
    text,
)
from carriers.china.sf_codes import MILESTONES, RESULT_CODES
from carriers.china.sf_push import PUSH, acknowledge, digest_check, read_push, verify
from carriers.china.sf_routes import ROUTE, new_number, row
from carriers.contract import (
    Account,
    Answer,
    Answers,
    CarrierInfo,
    Need,
    Query,
    Stamp,
    Track,
)
from carriers.errors import NotFoundYet, ShipmentError, UnreadableResponse
from carriers.questions import FORM, check_batch, choice, compact_json, epoch_milliseconds, form_body, switch
from carriers.signing import java_urlencode, md5_base64
from carriers.timeline import track

__all__ = [
    "INFO",
    "MILESTONES",
    "PUSH",
    "RESULT_CODES",
    "acknowledge",
    "read",
    "read_push",
    "request",
    "signature",
    "verify",
]

INFO: CarrierInfo = CarrierInfo(
    id="sf",
    name_zh="顺丰速运",
    name_en="SF Express",
    checked_on=date(2026, 11, 22),
    base_url="https://bspgw.sf-express.com/std/service",
    carriers={"sf": "sf"},
    # all numbers of today; those of before 2020; unverified
    number_patterns=(r"SF\d{13}", r"\d{12}", r"\d{15}"),
    batch_size=10,
    minimum_interval=timedelta(minutes=30),
    rate_per_second=20.0,
    burst=10,
    credentials=("partner_id", "checkword"),
    options={
        "sign_urlencode": "true (default) or false: sign the URL-encoded text, as documented, or the plain text",
        "timestamp_unit": "ms (default) or s",
        "language": "zh-CN (default), en, or the older 0, 1, 2",
        "method_type": "1 (default, standard route) or 2 (route agreed with SF)",
        "push_digest": "if_present (default): a msgDigest in a push must be right; required; or ignored",
    },
    needs=frozenset({Need.PHONE_TAIL}),
    phone_tail_carriers=frozenset({"sf"}),
    answers=frozenset({Answer.PUSH, Answer.COURIER_PHONE}),
    desk_phone="95338",
)

_GATEWAY_OK = "A1000"
_SERVICE_OK = ("S0000", "")


class _Envelope(msgspec.Struct, rename="camel"):
    api_result_code: Loose = None
    api_result_data: msgspec.Raw = NULL


class _Routes(msgspec.Struct, rename="camel"):
    route_resps: list[msgspec.Raw] | None = None


class _Result(msgspec.Struct, rename="camel"):
    success: Loose = None
    error_code: Loose = None
    msg_data: msgspec.Raw = NULL
    route_resps: list[msgspec.Raw] | None = None


class _OneNumber(msgspec.Struct, rename="camel"):
    mail_no: Loose = None
    routes: list[msgspec.Raw] | None = None
    reason_code: Loose = None


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_RESULT = msgspec.json.Decoder(_Result)
_ROUTES = msgspec.json.Decoder(_Routes)
_ONE_NUMBER = msgspec.json.Decoder(_OneNumber)
_STRING = msgspec.json.Decoder(str)


def signature(msg_data: str, timestamp: str, *, checkword: str, urlencoded: bool = True) -> str:
    """`msgDigest` of exactly the text that is sent as `msgData`, with the timestamp that is sent beside it."""
    signed = msg_data + timestamp + checkword
    return md5_base64(java_urlencode(signed) if urlencoded else signed)


def request(queries: Sequence[Query], account: Account, stamp: Stamp) -> httpx.Request:
    """One form that asks for up to ten numbers; `stamp.nonce` becomes the request's id."""
    check_batch(INFO, queries)
    digest_check(account)  # a wrong option shows with the first question, not with the first push
    msg_data, timestamp = _msg_data(queries, account), _timestamp(account, stamp)
    fields = {
        "partnerID": account.credentials["partner_id"],
        "requestID": stamp.nonce,
        "serviceCode": "EXP_RECE_SEARCH_ROUTES",
        "timestamp": timestamp,
        "msgDigest": signature(
            msg_data,
            timestamp,
            checkword=account.credentials["checkword"],
            urlencoded=switch(account, "sign_urlencode", default=True),
        ),
        "msgData": msg_data,
    }
    url = account.base_url or INFO.base_url
    return httpx.Request("POST", url, content=form_body(fields), headers={"Content-Type": FORM})


def _msg_data(queries: Sequence[Query], account: Account) -> str:
    fields: dict[str, object] = {
        "language": choice(account, "language", ("zh-CN", "en", "0", "1", "2")),
        "trackingType": "1",
        "trackingNumber": [query.tracking_number for query in queries],
        "methodType": choice(account, "method_type", ("1", "2")),
    }
    if any(query.phone_tail for query in queries):
        fields["checkPhoneNo"] = ",".join(query.phone_tail or "" for query in queries)
    return compact_json(fields)


def _timestamp(account: Account, stamp: Stamp) -> str:
    if choice(account, "timestamp_unit", ("ms", "s")) == "s":
        return str(int(stamp.at.timestamp()))
    return epoch_milliseconds(stamp.at)


def read(response: httpx.Response, queries: Sequence[Query]) -> Answers:
    """An answer for every number asked; raises when the gateway or the service refused the whole call."""
    check_status(INFO.id, response)
    result = _result(response.content)
    code = text(result.error_code)
    if code not in _SERVICE_OK or text(result.success).lower() == "false":
        return blame(refusal(INFO.id, code, RESULT_CODES), queries)
    return _by_query(_route_resps(result), queries)


def _result(body: bytes) -> _Result:
    envelope = decode(INFO.id, body, _ENVELOPE)
    code = text(envelope.api_result_code)
    if code != _GATEWAY_OK:
        raise refusal(INFO.id, code, RESULT_CODES)
    return decode(INFO.id, _unwrapped(envelope.api_result_data), _RESULT)


def _unwrapped(document: msgspec.Raw) -> msgspec.Raw | str:
    """The object, which may be printed as JSON inside a string."""
    return decode(INFO.id, document, _STRING) if bytes(document).startswith(b'"') else document


def _route_resps(result: _Result) -> Sequence[msgspec.Raw]:
    rows = result.route_resps
    if rows is None and not is_null(result.msg_data):
        rows = decode(INFO.id, _unwrapped(result.msg_data), _ROUTES).route_resps
    if rows is None:
        raise UnreadableResponse(INFO.id, detail="the answer lists no numbers")
    return rows


def _by_query(rows: Sequence[msgspec.Raw], queries: Sequence[Query]) -> Answers:
    told = decode_rows(INFO.id, rows, _ONE_NUMBER)
    by_number = {_plain(text(one.mail_no)): one for one in told if one}
    asked = {_plain(query.tracking_number) for query in queries}
    # An element of no number we asked for may be about any number that is missing.
    strangers = None in told or not by_number.keys() <= asked
    if strangers and not by_number.keys() & asked:
        raise UnreadableResponse(INFO.id, detail="the answer is about none of the numbers asked")
    return {query: _answer(query, by_number, strangers=strangers) for query in queries}


def _plain(number: str) -> str:
    return number.strip().upper()


def _answer(
    query: Query, by_number: dict[str, _OneNumber], *, strangers: bool
) -> Track | ShipmentError | UnreadableResponse:
    one = by_number.get(_plain(query.tracking_number))
    if one is None:
        return _out_of_shape() if strangers else NotFoundYet(INFO.id)
    if not one.routes:
        reason = text(one.reason_code)
        return refusal_of_one(INFO.id, reason, RESULT_CODES) if reason else NotFoundYet(INFO.id)
    routes = decode_rows(INFO.id, one.routes, ROUTE)
    found = track(query, (None if route is None else row(route) for route in routes))
    if not found.scans:
        return _out_of_shape()
    return replace(found, new_tracking_number=new_number(found.scans, query.tracking_number))


def _out_of_shape() -> UnreadableResponse:
    return UnreadableResponse(INFO.id, detail="what is said about this number has not the shape we know")
