"""One shape for everything that goes wrong under /api: `{"error": {"code", "message", "fields"}}`."""

from collections.abc import Mapping, Sequence

from fastapi.responses import JSONResponse
from pydantic import BaseModel


class ErrorBody(BaseModel):
    """What went wrong: `code` for programs, `message` for people, `fields` where single values were refused."""

    code: str
    message: str
    fields: dict[str, str] = {}


class Error(BaseModel):
    """The answer of every request that failed."""

    error: ErrorBody


RESPONSES: Mapping[int | str, dict[str, object]] = {
    401: {"model": Error, "description": "Nobody is signed in"},
    403: {"model": Error, "description": "The form token is missing or not of this session"},
    422: {"model": Error, "description": "A value was refused"},
}
NOT_FOUND: Mapping[int | str, dict[str, object]] = {
    404: {"model": Error, "description": "There is no such thing"}
}
REFUSED: Mapping[int | str, dict[str, object]] = {
    **NOT_FOUND,
    409: {"model": Error, "description": "This cannot be done now; the code says why"},
}
_CODES = {
    400: "bad_request", 401: "sign_in_needed", 403: "not_accepted", 404: "not_found", 405: "method_not_allowed",
    409: "conflict", 413: "too_large", 422: "value_refused", 429: "too_many",
}  # fmt: skip


def answer(
    status: int, *, message: str, code: str | None = None, fields: Mapping[str, str] | None = None
) -> JSONResponse:
    """An error as JSON."""
    body = ErrorBody(code=code or _CODES.get(status, "failed"), message=message, fields=dict(fields or {}))
    return JSONResponse(Error(error=body).model_dump(), status_code=status)


def refused_fields(errors: Sequence[Mapping[str, object]]) -> dict[str, str]:
    """Which values were refused and why; what was sent is not repeated, it may be personal."""
    return {_path(error.get("loc")): str(error.get("msg", "")) for error in errors}


def _path(location: object) -> str:
    parts = location if isinstance(location, tuple) else ()
    return ".".join(str(part) for part in parts[1:]) or "body"
