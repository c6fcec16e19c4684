"""What ZTO (中通) pushes: one event in one call, as a form or as JSON with the fields `data` and `data_digest`.

`data` is JSON as text; what it says comes out as news about one number. Times are printed in Shanghai without a zone.
The actions have a table of their own, for the same words mean other things in an answer.
"""

import hmac
from dataclasses import replace

import msgspec

from carriers.answers import Loose, decode, text
from carriers.china.zto_codes import ACTIONS, DETAILED_ACTIONS
from carriers.contract import Account, Milestone, Pushed, PushReply, PushRequest, PushSheet, Query, Scan
from carriers.errors import UnreadableResponse
from carriers.forms import form_field
from carriers.questions import compact_json
from carriers.signing import md5_base64
from carriers.timeline import Row, from_shanghai, track, with_detail

__all__ = ["ACTIONS", "PUSH", "acknowledge", "push_signature", "read_push", "verify"]

PUSH: PushSheet = PushSheet(console=True)

_SOURCE = "zto"
_DELIVERS = "DISPATCH"
_AT_STATION = frozenset({"INBOUND", "HANDOVERSCAN_SIGNED", "DEPARTURE_SIGNED"})


class _Call(msgspec.Struct):
    data: str | None = None
    data_digest: str | None = None


class _Event(msgspec.Struct, rename="camel"):
    bill_code: Loose = None
    action: Loose = None
    action_time: Loose = None
    facility_name: Loose = None
    facility_contact_phone: Loose = None
    city: Loose = None
    courier: Loose = None
    courier_phone: Loose = None
    express_signer: Loose = None
    com_name: Loose = None
    problem_code: Loose = None
    return_type: Loose = None
    return_update_type: Loose = None
    desc: Loose = None


_CALL = msgspec.json.Decoder(_Call)
_EVENT = msgspec.json.Decoder(_Event)


def push_signature(data: str, app_secret: str) -> str:
    """`data_digest` of exactly the text that came as `data`; the modes of requests do not touch it."""
    return md5_base64(data + app_secret)


def verify(push: PushRequest, account: Account, secret: str) -> bool:  # noqa: ARG001
    """Whether `data_digest` is that of `data` with the account's own secret."""
    call = _call(push)
    if call.data is None or call.data_digest is None:
        return False
    due = push_signature(call.data, account.credentials["app_secret"])
    return hmac.compare_digest(call.data_digest.encode(), due.encode())


def _call(push: PushRequest) -> _Call:
    """The fields of the form or of the JSON; empty where it is neither."""
    if not push.body.lstrip().startswith(b"{"):
        return _Call(form_field(push, "data"), form_field(push, "data_digest"))
    try:
        return decode(_SOURCE, push.body, _CALL)
    except UnreadableResponse:
        return _Call()


def read_push(push: PushRequest, account: Account) -> tuple[Pushed, ...]:  # noqa: ARG001
    """The one event, as news about its number."""
    data = _call(push).data
    if data is None:
        raise UnreadableResponse(_SOURCE, detail="the push holds no data")
    event = decode(_SOURCE, data, _EVENT)
    number, row = text(event.bill_code), _row(event)
    if not number or row is None:
        raise UnreadableResponse(_SOURCE, detail="the push does not say which number it is about, or when")
    news = replace(track(Query(_SOURCE, number), [row]), complete=False)
    return (Pushed(carrier=_SOURCE, tracking_number=number, answer=news),)


def _row(event: _Event) -> Row | None:
    printed = text(event.action_time)
    occurred_at = from_shanghai(printed)
    if occurred_at is None:
        return None
    action = text(event.action)
    code, meaning, unmapped = with_detail(action, _detail(event, action), ACTIONS)
    at_station, delivers = action in _AT_STATION, action == _DELIVERS
    name = text(event.facility_name) or (text(event.com_name) if at_station else "") or None
    phone = text(event.facility_contact_phone) or None
    scan = Scan(
        occurred_at=occurred_at,
        local_time=printed,
        milestone=Milestone.UNKNOWN,
        text=text(event.desc),
        carrier_code=code,
        city=text(event.city) or None,
        facility=None if at_station else name,
        facility_phone=None if at_station else phone,
        station=name if at_station else None,
        station_phone=phone if at_station else None,
        courier_name=(text(event.courier) or None) if delivers else None,
        courier_phone=_first(text(event.courier_phone)) if delivers else None,
        signed_by=text(event.express_signer) or None,
    )
    return Row(scan, meaning, unmapped)


def _detail(event: _Event, action: str) -> str:
    """The kind of a return, whose field has a newer name as well, or the problem."""
    match DETAILED_ACTIONS.get(action):
        case "returnType":
            return text(event.return_type) or text(event.return_update_type)
        case "problemCode":
            return text(event.problem_code).upper()
        case _:
            return ""


def _first(phones: str) -> str | None:
    """Several are joined by 、."""
    return phones.partition("、")[0].strip() or None


def acknowledge(push: PushRequest, account: Account, *, accepted: bool) -> PushReply:  # noqa: ARG001
    """The vendor looks at `status` in the reply, and repeats the call unless it is true."""
    document = {"status": accepted, "message": "", "result": "", "statusCode": "200" if accepted else "500"}
    return PushReply(200, "application/json;charset=UTF-8", compact_json(document).encode())
