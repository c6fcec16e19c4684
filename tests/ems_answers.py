"""Answers of China Post for its tests: made after public clients; people and numbers are invented."""

import json
from typing import Any

import httpx

from carriers.china import ems
from carriers.contract import Account, Query, Scan, Track

KEY = "RkFLRS1TTTQtS0VZLTAwMQ=="
ACCOUNT = Account(
    "ems-1",
    "ems",
    {"sender_no": "1100000000000", "authorization": "FAKEauthCODE0001", "sign_key": KEY},
)
QUERY = Query("ems", "1000000000001")


def a_line(code: str = "702", hour: int = 8, **fields: Any) -> dict[str, Any]:
    """A line as the post prints it."""
    return {
        "waybillNo": "1000000000001",
        "opTime": f"2026-01-12 {hour:02}:03:21",
        "opCode": code,
        "opDesc": "一行",
        "opOrgName": "测试揽投部",
        "opOrgCity": "深圳市",
        "operatorNo": "00000001001",
        "operatorName": "李四",
    } | fields


def answer(*lines: Any, **envelope: Any) -> object:
    body = {"retCode": "00000", "retBody": json.dumps({"responseItems": list(lines)})} | envelope
    return ems.read(httpx.Response(200, content=json.dumps(body).encode()), [QUERY])[QUERY]


def track_of(*lines: Any, **envelope: Any) -> Track:
    found = answer(*lines, **envelope)
    assert isinstance(found, Track)
    return found


def scan_of(*args: Any, **fields: Any) -> Scan:
    (scan,) = track_of(a_line(*args, **fields)).scans
    return scan


def told(*lines: Any) -> list[tuple[str, str]]:
    """What the scans of such an answer say: codes and milestones."""
    return [(scan.carrier_code, str(scan.milestone)) for scan in track_of(*lines).scans]
