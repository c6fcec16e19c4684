"""What the vendors' players have in common on the wire: reading a form body, answering JSON."""

from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import Response

_ENCODER = msgspec.json.Encoder()


def json_response(content: Any, status: int = 200) -> Response:
    """`content` as compact UTF-8 JSON."""
    return Response(_ENCODER.encode(content), status, media_type="application/json")


async def form_of(request: Request) -> dict[str, str] | None:
    """The fields of a form body; None when the body is no UTF-8 form."""
    if "application/x-www-form-urlencoded" not in request.headers.get("content-type", ""):
        return None
    try:
        return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True, errors="strict"))
    except (UnicodeDecodeError, ValueError):
        return None
