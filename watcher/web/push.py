"""The ear for pushes: hands the call as it came over the wire to the receiver, and its reply back, byte for byte."""

from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect

from carriers.contract import PushRequest
from watcher.web.guard import services_of

router = APIRouter(include_in_schema=False)


@router.post("/push/{account_id}")
@router.post("/push/{account_id}/{key}")
async def take_push(request: Request, account_id: str, key: str | None = None) -> Response:
    """One push of one source; who may push is told by the signature or by the address, which the receiver checks."""
    try:
        body = await request.body()
    except ClientDisconnect:
        return Response(status_code=400)
    push = PushRequest(dict(request.headers), dict(request.query_params), body)
    reply = await services_of(request).receive_push(account_id, push, key)
    return Response(reply.body, status_code=reply.status, headers={"content-type": reply.content_type})
