"""Measures the reading of a source's answer into tracks, against `json.loads` of the same body.

Bodies are made in the vendors' shape: ten numbers with ten scans each, from the sources that answer for ten; one number
from the others.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import httpx

from bench import town
from bench.databases import Databases
from bench.figures import Figure, compare, timed
from bench.scale import Scale
from carriers.china import sf, zto
from carriers.contract import SHANGHAI, Carrier, Query

_SCANS = 10
_LINE = "快件到达【成都转运中心】，正发往【成都武侯网点】"


def measure(scale: Scale, _databases: Databases) -> Iterator[Figure]:
    """One batch of sf, one answer of zto."""
    ten = [Query("sf", f"SF1000000000{number:03}") for number in range(10)]
    yield _figure("sf, ten numbers", sf, ten, _sf_body(ten), scale)
    one = [Query("zto", "78400000000001", "0001")]
    yield _figure("zto, one number", zto, one, _zto_body(one[0]), scale)


def _figure(name: str, adapter: Carrier, queries: Sequence[Query], body: bytes, scale: Scale) -> Figure:
    response = httpx.Response(200, content=body)
    assert all(len(track.scans) == _SCANS for track in adapter.read(response, queries).values())  # type: ignore[union-attr]
    return compare(
        f"answers read, {name}, ten scans each",
        lambda: timed(lambda: [adapter.read(response, queries) for _ in range(scale.bodies)]),
        lambda: timed(lambda: _load_often(body, scale.bodies)),
        against="json.loads of the same body",
        amount=scale.bodies * len(queries) * _SCANS,
        unit="scans/s",
        rounds=scale.rounds,
    )


def _load_often(body: bytes, times: int) -> None:
    for _ in range(times):
        _loads(body)


def _loads(body: bytes) -> None:
    """All of it: sf's answer is a string inside the answer."""
    inner = json.loads(body).get("apiResultData")
    if isinstance(inner, str):
        json.loads(inner)


def _printed(turn: int) -> str:
    at = town.NOW - timedelta(hours=_SCANS - turn)
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


def _sf_body(queries: Sequence[Query]) -> bytes:
    routes: list[dict[str, Any]] = [
        {
            "acceptTime": _printed(turn),
            "acceptAddress": "成都市",
            "remark": _LINE,
            "opCode": "31",
            "firstStatusCode": "2",
            "firstStatusName": "运送中",
            "secondaryStatusCode": "201",
            "secondaryStatusName": "运送中",
        }
        for turn in range(_SCANS)
    ]
    answers = [{"mailNo": query.tracking_number, "routes": routes} for query in queries]
    inner = {"success": True, "errorCode": "S0000", "errorMsg": None, "msgData": {"routeResps": answers}}
    told = json.dumps(inner, ensure_ascii=False)
    outer = {"apiResponseID": "1", "apiErrorMsg": "", "apiResultCode": "A1000", "apiResultData": told}
    return json.dumps(outer, ensure_ascii=False).encode()


def _zto_body(query: Query) -> bytes:
    scans: list[dict[str, Any]] = [
        {
            "billCode": query.tracking_number,
            "scanType": "到件",
            "scanDate": int((town.NOW - timedelta(hours=_SCANS - turn)).timestamp() * 1000),
            "scanSite": {
                "name": "成都转运中心",
                "code": "02100",
                "phone": "",
                "city": "成都市",
                "isTransfer": 1,
            },
            "preOrNextSite": {"name": "成都武侯网点", "code": "", "phone": ""},
            "operateUser": "王师傅",
            "operateUserPhone": "13800000008",
            "signMan": "",
            "desc": _LINE,
        }
        for turn in range(_SCANS)
    ]
    told = {"status": True, "statusCode": "SYS000", "message": "操作成功", "result": scans}
    return json.dumps(told, ensure_ascii=False).encode()
