"""Plays DHL's Shipment Tracking - Unified with its push: one number in one GET, known by a key in a header.

Errors are problem documents with the HTTP status in their body. A new key has one call a second and 250 a day; calls
about pushes use up none of them (unverified). So is that a number of no known form is a wrong one (400).
"""

import hmac
from datetime import timedelta
from types import MappingProxyType

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from carriers.sandbox.dhl_pushes import SOURCE, SUBSCRIPTIONS, Hooks, Wish, confirm, is_right, take_in
from carriers.sandbox.dhl_shipments import service_of, shipment
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import Door, Played, Refused
from carriers.sandbox.wire import json_response
from carriers.sandbox.world import Outcome, World

API_KEY = "sandboxDhlConsumerKey0000000001"
SERVICES = frozenset(
    {
        "dgf",
        "dsc",
        "ecommerce",
        "ecommerce-apac",
        "ecommerce-europe",
        "ecommerce-ppl",
        "ecommerce-iberia",
        "express",
        "freight",
        "parcel-de",
        "parcel-nl",
        "parcel-pl",
        "parcel-uk",
        "post-de",
        "post-international",
        "sameday",
        "svb",
    }
)
_WORDS = {
    "400": ("Invalid request", "A parameter is missing or wrong."),
    "401": ("Unauthorized", "Unauthorized for given resource."),
    "404": ("No result found", "No shipment with given tracking number found."),
    "429": ("Too many requests", "Too many requests within defined time period, please try again later."),
    "500": ("Internal error", "Something went wrong on our side."),
}


class _Confirmation(msgspec.Struct):
    subscription: str
    once: str


def _is_let_in(request: Request) -> bool:
    return hmac.compare_digest(request.headers.get("dhl-api-key", "").encode(), API_KEY.encode())


async def question(request: Request) -> bytes | Refused:
    """What the address asks for, if the key is right."""
    if not _is_let_in(request):
        return Refused("401", Outcome.SIGNATURE_REFUSED)
    return msgspec.json.encode(dict(request.query_params))


def answer(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:
    """The one shipment with that number."""
    asked = msgspec.json.decode(question, type=dict[str, str])
    number, wanted = asked.get("trackingNumber", ""), asked.get("service", "")
    if not number or (wanted and wanted not in SERVICES):
        return Refused("400")
    service = service_of(number)
    if service is None:
        return Refused("400", Outcome.NUMBER_REFUSED)
    life = world.find("dhl", number)
    seen = () if life is None else life.seen_at(world.now())
    if life is None or not seen or wanted not in {"", service}:
        return Refused("404", Outcome.NOTHING_YET)
    world.count(SOURCE, Outcome.ANSWERED)
    url = f"/shipments?trackingNumber={number}&offset=0&limit=5"
    told = shipment(life, seen, service=service, ahead=ahead)
    return json_response({"url": url, "firstUrl": url, "lastUrl": url, "shipments": [told]})


async def wish(request: Request) -> bytes | Refused:
    """The body of a subscription, if the key is right."""
    if not _is_let_in(request):
        return Refused("401", Outcome.SIGNATURE_REFUSED)
    return await request.body()


def answer_wish(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:  # noqa: ARG001
    """Taken in, not confirmed yet."""
    try:
        wanted = msgspec.json.decode(question, type=Wish)
    except msgspec.DecodeError:
        return Refused("400")
    if not is_right(wanted) or (wanted.service and wanted.service not in SERVICES):
        return Refused("400")
    subscription = take_in(wanted, world)
    world.count(SOURCE, Outcome.SUBSCRIBED)
    return json_response({"id": subscription, "self": SUBSCRIPTIONS + subscription}, 202)


async def confirmation(request: Request) -> bytes | Refused:
    """Which subscription somebody confirms, and with which secret, if the key is right."""
    if not _is_let_in(request):
        return Refused("401", Outcome.SIGNATURE_REFUSED)
    once = request.headers.get("dhl-api-hook-secret", "")
    return msgspec.json.encode(_Confirmation(request.path_params["subscription"], once))


def answer_confirmation(question: bytes, world: World, *, ahead: timedelta) -> Response | Refused:  # noqa: ARG001
    """Nothing but the HTTP status; a wrong secret is refused like an unknown subscription."""
    said = msgspec.json.decode(question, type=_Confirmation)
    if not confirm(said.subscription, said.once, world):
        return Refused("404")
    return Response(status_code=204)


def refuse(code: str) -> Response:
    """A refusal with its own HTTP status."""
    title, detail = _WORDS[code]
    response = json_response({"status": int(code), "title": title, "detail": detail}, int(code))
    response.headers["content-type"] = "application/problem+json"
    return response


PLAYS = Played(
    source=SOURCE,
    path="/dhl",
    credentials=MappingProxyType({"api_key": API_KEY}),
    limit=Limit(per_second=1, per_day=250),
    doors=(
        Door("/track/shipments", question, answer, methods=("GET",)),
        Door("/tracking/push/v1/subscription", wish, answer_wish, limited=False),
        Door(
            "/tracking/push/v1/subscription/{subscription}", confirmation, answer_confirmation, limited=False
        ),
    ),
    refuse=refuse,
    system_error="500",
    too_many="429",
    calls_back=Hooks,
)
