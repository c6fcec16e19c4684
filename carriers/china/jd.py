"""JD Logistics (京东物流) asked through its open platform (LOP, scheme ECAP for couriers, version 2.0): trace query of
one number in one call, and subscription to pushes, which `jd_push` reads. Accounts of the older platform for merchants
(JOS) ask there instead, with the option `api`; `jd_jos` does that.

Limits: none published; one number in one call, so pushes come first. Times are printed in Shanghai without a zone.

Oddities, each with a test:
* the secret stands at both ends of the signed text, the scheme (`LOP-DN`, an option: unverified) is not in it; key,
  token, time and signature stand in the address, as the vendor wants it. How to sign is an option, too;
* partners sign with an empty token; merchants name their code with each number, persons none;
* an answer comes bare, or wrapped as the vendor's library shows it; codes and `success` are numbers, booleans or text,
  and `success` may be missing beside a code that says it;
* success without lines is "nothing yet"; lines come in no order;
* a line has a code (`state`), and a stage (`category`) that speaks where the code is unknown or missing; the code is
  reported all the same. Where neither speaks, the line's title stands in its text with the remark. The vendor's third
  code (`scanType`) is not needed;
* lines about another number are left out; an answer that has no others is about another parcel, and refused;
* that a station received a parcel means its recipient's city only if the parcel passed another site before and was not
  turned back: the codes are the same at both ends. Where no stage says that it passed, its code does;
* a new label (200020, 换单打印) is for the way back, unless the text speaks of another address;
* a parcel goes back under a new number, told in the text only, and only in that of the lines that turn it. Signed for
  under the old one after it turned back, it is with its shipper; after a mere refusal it may have been delivered after
  all;
* the operator is the courier where the parcel is delivered; elsewhere, and as `collectorName`, whoever collected it;
* numbers of packages carry a suffix (`-1-1-`) that is not asked with;
* refusals have numbers that are not public: they are told by their words, what says nothing is no answer we know.
  Words about a waybill concern it alone, words about the merchant code the account (all of it unverified);
* a subscription is checked against the recipient's phone, of which it names the last four digits; questions are not;
* a push tells one line and proves nothing. Of a signature and of an arrival at a station it cannot be said what they
  mean, so that they are hints to ask. `cancelReason` is left out, so that a line reads the same in push and answer;
* the older platform prints names in place of codes (快递签收 is no delivery), dates with slashes, and
  `querytrace_result` as an object or as JSON in a string; its words are misspelt (`responce`, `messsage`). Its oldest
  function spells its fields either way (unverified).
"""

import base64
import hmac
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from urllib.parse import quote, urlencode

import httpx
import msgspec

from carriers.answers import (
    NULL,
    Loose,
    blame,
    check_status,
    decode,
    decode_rows,
    inner_json,
    is_null,
    refusal_in_words,
    text,
)
from carriers.china import jd_jos
from carriers.china.jd_codes import MILESTONES, REFUSALS, RESULT_CODES, TITLES
from carriers.china.jd_push import PUSH, acknowledge, read_push, verify
from carriers.china.jd_traces import Told, Trace, history, told, waybill
from carriers.contract import (
    Account,
    Answer,
    Answers,
    CarrierInfo,
    Need,
    Query,
    Stamp,
    Subscription,
)
from carriers.errors import AccessDenied, CarrierError, NotFoundYet, ShipmentError
from carriers.questions import JSON, check_batch, choice, compact_json
from carriers.signing import md5_upper_hex
from carriers.timeline import as_printed

__all__ = [
    "INFO",
    "MILESTONES",
    "PUSH",
    "RESULT_CODES",
    "TITLES",
    "acknowledge",
    "read",
    "read_push",
    "read_subscription",
    "request",
    "signature",
    "subscribe",
    "verify",
]

INFO: CarrierInfo = CarrierInfo(
    id="jd",
    name_zh="京东物流",
    name_en="JD Logistics",
    checked_on=date(2026, 11, 22),
    base_url="https://api.jdl.com",
    carriers={"jd": "jd"},
    # today's; anything that begins so; older ones
    number_patterns=(r"JD[A-Z]{1,2}\d{11,13}", r"JD[0-9A-Z]{10,18}", r"V[A-Z]\d{11}"),
    batch_size=1,
    minimum_interval=timedelta(minutes=30),
    rate_per_second=5.0,
    burst=5,
    credentials=("app_key", "app_secret", "customer_code"),
    optional_credentials=("access_token",),
    options={
        "api": "lop (default); or jos for the older platform, etms for its oldest function (unverified); pushes are "
        "asked for through lop only",
        "domain": "the scheme that is named as LOP-DN (default ECAP)",
        "order_origin": "as parcels were ordered: 1 (default) or 2 by a merchant or its customers; 0 by a person, "
        "without merchant code; 4 or 5 other lines",
        "algorithm": "md5-salt (default), HMacMD5, HMacSHA1, HMacSHA256 or HMacSHA512; as set in the console",
        "push_reply": 'the JSON that a push is answered with (default {"code":"200","msg":"success","success":true})',
    },
    needs=frozenset({Need.CUSTOMER_CODE}),
    answers=frozenset({Answer.PUSH, Answer.COURIER_PHONE}),
    desk_phone="950616",
)

_OK = "0"
_APIS = ("lop", *jd_jos.METHODS)
_ALGORITHMS: Mapping[str, str] = {
    "md5-salt": "",
    "HMacMD5": "md5",
    "HMacSHA1": "sha1",
    "HMacSHA256": "sha256",
    "HMacSHA512": "sha512",
}
_ORIGINS = ("1", "0", "2", "4", "5")
_BY_A_PERSON = "0"


class _Gateway(msgspec.Struct):
    """What a gateway says that let nothing through."""

    code: Loose = None
    zh_desc: Loose = None
    en_desc: Loose = None


class _Wrapped(msgspec.Struct):
    code: Loose = None
    content: msgspec.Raw = NULL


class _Reply(msgspec.Struct, rename="camel"):
    """An answer in any of its shapes: bare, wrapped, of a function of the older platform, or of a gateway."""

    code: Loose = None
    msg: Loose = None
    sub_msg: Loose = None
    success: Loose = None
    data: msgspec.Raw = NULL
    response: _Wrapped | None = None
    error_response: _Gateway | None = msgspec.field(name="error_response", default=None)
    responce_of_jos: msgspec.Raw = msgspec.field(
        name="jingdong_ldop_receive_trace_get_responce", default=NULL
    )
    response_of_jos: msgspec.Raw = msgspec.field(
        name="jingdong_ldop_receive_trace_get_response", default=NULL
    )
    responce_of_etms: msgspec.Raw = msgspec.field(name="jingdong_etms_trace_get_responce", default=NULL)
    response_of_etms: msgspec.Raw = msgspec.field(name="jingdong_etms_trace_get_response", default=NULL)


class _Data(msgspec.Struct, rename="camel"):
    trace_details: list[msgspec.Raw] | None = None


_REPLY = msgspec.json.Decoder(_Reply)
_DATA = msgspec.json.Decoder(_Data)
_TRACE = msgspec.json.Decoder(Trace)


def signature(path: str, body: str, timestamp: str, *, account: Account) -> str:
    """`sign` of exactly the body that is sent to `path`, by the account's algorithm."""
    secret = account.credentials["app_secret"]
    fields = {
        "access_token": account.credentials.get("access_token", ""),
        "app_key": account.credentials["app_key"],
        "method": path,
        "param_json": body,
        "timestamp": timestamp,
        "v": "2.0",
    }
    signed = secret + "".join(f"{name}{value}" for name, value in fields.items()) + secret
    digest = _ALGORITHMS[choice(account, "algorithm", tuple(_ALGORITHMS))]
    if not digest:
        return md5_upper_hex(signed)
    return base64.b64encode(hmac.digest(secret.encode(), signed.encode(), digest)).decode()


def request(queries: Sequence[Query], account: Account, stamp: Stamp) -> httpx.Request:
    """The signed question about one number, on the platform that the account's option names."""
    check_batch(INFO, queries)
    api = choice(account, "api", _APIS)
    if api != "lop":
        return jd_jos.request(queries[0], account, stamp, jd_jos.METHODS[api])
    return _post(account, "/ecap/v1/orders/trace/query", _parcel(queries[0], account), stamp)


def subscribe(
    queries: Sequence[Query],
    account: Account,
    stamp: Stamp,
    subscription: Subscription,  # noqa: ARG001 - the address to call stands in the vendor's console
) -> httpx.Request:
    """The signed request for pushes about one number; raises `AccessDenied` for an account of the older platform."""
    check_batch(INFO, queries)
    if choice(account, "api", _APIS) != "lop":
        raise AccessDenied(INFO.id, detail="the older platform cannot be asked for pushes")
    (query,) = queries
    phone = {"mobile": query.phone_tail} if query.phone_tail else {}
    return _post(account, "/ecap/v1/orders/trace/subscribe", _parcel(query, account) | phone, stamp)


def _parcel(query: Query, account: Account) -> dict[str, object]:
    """Which parcel is meant, and through whom it was ordered."""
    origin = choice(account, "order_origin", _ORIGINS)
    fields: dict[str, object] = {"waybillCode": waybill(query.tracking_number), "orderOrigin": int(origin)}
    if origin != _BY_A_PERSON:
        fields["customerCode"] = account.credentials["customer_code"]
    return fields


def _post(account: Account, path: str, parcel: Mapping[str, object], stamp: Stamp) -> httpx.Request:
    body, timestamp = f"[{compact_json(parcel)}]", as_printed(stamp.at)
    said = {
        "LOP-DN": account.options.get("domain", "ECAP"),
        "access_token": account.credentials.get("access_token", ""),
        "app_key": account.credentials["app_key"],
        "timestamp": timestamp,
        "v": "2.0",
        "algorithm": choice(account, "algorithm", tuple(_ALGORITHMS)),
        "sign": signature(path, body, timestamp, account=account),
    }
    base = (account.base_url or INFO.base_url).rstrip("/")
    url = f"{base}{path}?{urlencode(said, quote_via=quote, safe='')}"
    return httpx.Request("POST", url, content=body.encode(), headers={"Content-Type": JSON})


def read(response: httpx.Response, queries: Sequence[Query]) -> Answers:
    """The answer for the one number asked, whichever platform gave it."""
    try:
        lines = _lines(_reply(response))
    except CarrierError as error:
        return blame(error, queries)
    return {query: history(query, lines) if lines else NotFoundYet(INFO.id) for query in queries}


def _reply(response: httpx.Response) -> _Reply:
    """What lies inside the wrapping; a gateway's refusal is raised."""
    check_status(INFO.id, response)
    reply = decode(INFO.id, response.content, _REPLY)
    if reply.response and not is_null(reply.response.content):
        reply = decode(INFO.id, inner_json(INFO.id, reply.response.content), _REPLY)
    if reply.error_response:
        said = reply.error_response
        words = f"{text(said.zh_desc)} {text(said.en_desc)}"
        raise refusal_in_words(INFO.id, text(said.code), words, classes=RESULT_CODES, signs=REFUSALS)
    return reply


def _lines(reply: _Reply) -> list[Told | None]:
    of_jos = (reply.responce_of_jos, reply.response_of_jos, reply.responce_of_etms, reply.response_of_etms)
    for document in of_jos:
        if not is_null(document):
            return jd_jos.lines(document)
    _check_success(reply)
    if is_null(reply.data):
        return []
    rows = decode(INFO.id, reply.data, _DATA).trace_details or []
    return [told(trace) if trace else None for trace in decode_rows(INFO.id, rows, _TRACE)]


def _check_success(reply: _Reply) -> None:
    code = text(reply.code)
    if code == _OK and text(reply.success).lower() in ("true", ""):
        return
    words = f"{code} {text(reply.msg)} {text(reply.sub_msg)}"
    raise refusal_in_words(INFO.id, code, words, classes={}, signs=REFUSALS)


def read_subscription(
    response: httpx.Response, queries: Sequence[Query]
) -> Mapping[Query, ShipmentError | None]:
    """None when pushes will come."""
    try:
        _check_success(_reply(response))
    except ShipmentError as error:
        return dict.fromkeys(queries, error)
    return dict.fromkeys(queries)
