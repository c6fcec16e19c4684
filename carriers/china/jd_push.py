"""What JD (京东) pushes: one line in one call, as JSON, to the address in the vendor's console.

Nothing in a call proves it but that address. Times are printed in Shanghai without a zone.
"""

from dataclasses import replace

import httpx
import msgspec

from carriers.answers import decode, text
from carriers.china.jd_codes import ARRIVALS
from carriers.china.jd_traces import SOURCE, Told, Trace, history, told, waybill
from carriers.contract import Account, Milestone, Proof, Pushed, PushReply, PushRequest, PushSheet, Query
from carriers.errors import UnreadableResponse
from carriers.questions import compact_json

PUSH: PushSheet = PushSheet(proof=Proof.SECRET_PATH, console=True, recipient_phone=True)

_TAKEN = '{"code":"200","msg":"success","success":true}'


_PUSH = msgspec.json.Decoder(Trace)


def verify(push: PushRequest, account: Account, secret: str) -> bool:  # noqa: ARG001
    """True: the call bears nothing that could speak against it."""
    return True


def read_push(push: PushRequest, account: Account) -> tuple[Pushed, ...]:  # noqa: ARG001
    """The one line that is new; a hint to ask where the lines before it are needed to say what it means."""
    pushed = decode(SOURCE, push.body, _PUSH)
    number = waybill(text(pushed.waybill_code))
    if not number:
        raise UnreadableResponse(SOURCE, detail="the push does not say which number it is about")
    query, line = Query("jd", number), told(pushed)
    if line is None or _depends_on_others(line):
        return (Pushed(query.carrier, number, answer=None),)
    return (Pushed(query.carrier, number, replace(history(query, [line]), complete=False)),)


def _depends_on_others(line: Told) -> bool:
    """Whose station it is, and whether recipient or shipper signs, shows in the lines before."""
    meaning = line.row.meaning
    signed = meaning is not None and meaning.milestone is Milestone.DELIVERED
    return signed or line.row.scan.carrier_code in ARRIVALS


def acknowledge(push: PushRequest, account: Account, *, accepted: bool) -> PushReply:  # noqa: ARG001
    """What one receiver is known to answer; whether the vendor wants that, and then pushes again, is unverified."""
    taken = account.options.get("push_reply", _TAKEN)
    body = taken if accepted else compact_json({"code": "500", "msg": "failed", "success": False})
    status = httpx.codes.OK if accepted else httpx.codes.INTERNAL_SERVER_ERROR
    return PushReply(int(status), "application/json;charset=UTF-8", body.encode())
