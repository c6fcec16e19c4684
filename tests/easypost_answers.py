"""EasyPost's answers, made after its documentation; people and numbers are invented."""

import json
from typing import Any

import httpx

from carriers.aggregators import easypost
from carriers.contract import Query

USPS = Query("usps", "EZ4000000004")
UPS = Query("ups", "1Z0000000000000000")


def a_line(
    detail: str | None = "in_transit", status: str | None = "in_transit", **fields: Any
) -> dict[str, Any]:
    return {
        "object": "TrackingDetail",
        "message": "A line",
        "description": None,
        "status": status,
        "status_detail": detail,
        "datetime": "2026-02-03T17:00:00Z",
        "source": None,
        "carrier_code": None,
        "tracking_location": {"city": "AUSTIN", "state": "TX", "country": "US", "zip": "78701"},
    } | fields


def a_tracker(*lines: Any, query: Query = USPS, **fields: Any) -> dict[str, Any]:
    return {
        "object": "Tracker",
        "tracking_code": query.tracking_number,
        "carrier": easypost.INFO.carriers[query.carrier],
        "status": "in_transit",
        "status_detail": "in_transit",
        "created_at": "2026-02-01T08:00:00Z",
        "finalized": False,
        "is_return": False,
        "tracking_details": list(lines),
    } | fields


def an_answer(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, content=json.dumps(body).encode(), headers=headers)


def refused(code: str, status: int, **headers: str) -> httpx.Response:
    return an_answer({"error": {"code": code, "message": "no", "errors": []}}, status, **headers)
