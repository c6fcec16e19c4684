"""What SF (顺丰) pushes about the account's own orders: RoutePushService, up to ten lines of several numbers in a call.

The vendor's console sets the form: JSON as the body, or XML as the field `content` of a form; each wants a reply of
its own. No document knows a signature. Times are printed in Shanghai without a zone.
"""

import hmac
from collections.abc import Sequence
from dataclasses import replace
from xml.etree.ElementTree import ParseError, fromstring

import msgspec

from carriers.answers import decode, decode_rows, text
from carriers.china.sf_routes import ROUTE, Route, new_number, row
from carriers.contract import Account, Arranged, Proof, Pushed, PushReply, PushRequest, PushSheet, Query
from carriers.errors import UnreadableResponse
from carriers.forms import form_field
from carriers.questions import choice, compact_json
from carriers.signing import md5_base64
from carriers.timeline import track

__all__ = ["PUSH", "acknowledge", "digest_check", "push_signature", "read_push", "verify"]

PUSH: PushSheet = PushSheet(arranged=Arranged.BY_ACCOUNT, proof=Proof.SECRET_PATH, console=True)

_SOURCE = "sf"


class _Listed(msgspec.Struct, rename="pascal"):
    waybill_route: list[msgspec.Raw] | None = None


class _Call(msgspec.Struct, rename="pascal"):
    body: _Listed | None = None


_CALL = msgspec.json.Decoder(_Call)


def push_signature(msg_data: str, timestamp: str, *, checkword: str) -> str:
    """`msgDigest` as one public client expects it in a push: over the plain text, not the URL-encoded one."""
    return md5_base64(msg_data + timestamp + checkword)


def digest_check(account: Account) -> str:
    """What the account wants to be done about a `msgDigest`: if_present, required or ignored."""
    return choice(account, "push_digest", ("if_present", "required", "ignored"))


def verify(push: PushRequest, account: Account, secret: str) -> bool:  # noqa: ARG001
    """Whether a `msgDigest`, where the call has one, is right; the secret address proves the rest."""
    check, digest = digest_check(account), None if _is_json(push) else form_field(push, "msgDigest")
    if check == "ignored" or digest is None:
        return check != "required"
    msg_data, timestamp = form_field(push, "msgData"), form_field(push, "timestamp")
    if msg_data is None or timestamp is None:
        return False
    due = push_signature(msg_data, timestamp, checkword=account.credentials["checkword"])
    return hmac.compare_digest(digest.encode(), due.encode())


def read_push(push: PushRequest, account: Account) -> tuple[Pushed, ...]:  # noqa: ARG001
    """News about every number that the call names; only a hint to ask about one whose lines have no time."""
    routes = _routes(push)
    by_number: dict[str, list[Route]] = {}
    for route in routes:
        if route is not None and (number := text(route.mailno).upper()):
            by_number.setdefault(number, []).append(route)
    if routes and not by_number:
        raise UnreadableResponse(_SOURCE, detail="the push does not say which numbers it is about")
    return tuple(_news(number, told) for number, told in by_number.items())


def _news(number: str, routes: Sequence[Route]) -> Pushed:
    found = track(Query(_SOURCE, number), map(row, routes))
    news = replace(found, complete=False, new_tracking_number=new_number(found.scans, number))
    return Pushed(carrier=_SOURCE, tracking_number=number, answer=news if news.scans else None)


def _routes(push: PushRequest) -> Sequence[Route | None]:
    """The lines; None for one that is out of shape."""
    if _is_json(push):
        return _from_json(push.body)
    content, msg_data = form_field(push, "content"), form_field(push, "msgData")
    if content is not None:
        return _from_xml(content)
    if msg_data is not None:
        return _from_json(msg_data)
    raise UnreadableResponse(_SOURCE, detail="the push is neither JSON nor a form that holds some")


def _is_json(push: PushRequest) -> bool:
    return push.body.lstrip().startswith(b"{")


def _from_json(document: bytes | str) -> Sequence[Route | None]:
    call = decode(_SOURCE, document, _CALL)
    if call.body is None or call.body.waybill_route is None:
        raise UnreadableResponse(_SOURCE, detail="the push lists no lines")
    return decode_rows(_SOURCE, call.body.waybill_route, ROUTE)


def _from_xml(content: str) -> Sequence[Route | None]:
    # Without a document type nothing can be declared that grows when it is read.
    if "<!DOCTYPE" in content:
        raise UnreadableResponse(_SOURCE, detail="the push declares a document type")
    try:
        root = fromstring(content)  # noqa: S314 - see above
    # The cause is dropped: its message can quote what the source wrote.
    except (ParseError, ValueError):
        raise UnreadableResponse(_SOURCE, detail="the push is not the XML we know") from None
    lines = root.findall("./Body/WaybillRoute")
    if not lines:
        raise UnreadableResponse(_SOURCE, detail="the push lists no lines")
    return [msgspec.convert(line.attrib, Route) for line in lines]


def acknowledge(push: PushRequest, account: Account, *, accepted: bool) -> PushReply:  # noqa: ARG001
    """The vendor's answer in the form of the call; after anything but its "taken" the whole call comes again."""
    if not _is_json(push) and form_field(push, "content") is not None:
        said = "<Head>OK</Head>" if accepted else '<Head>ERR</Head><ERROR code="4001">系统异常</ERROR>'
        reply = f'<Response service="RoutePushService">{said}</Response>'
        return PushReply(200, "application/xml;charset=UTF-8", reply.encode())
    code, words = ("0000", "成功") if accepted else ("1000", "系统异常")
    reply = compact_json({"return_code": code, "return_msg": words})
    return PushReply(200, "application/json;charset=UTF-8", reply.encode())
