"""The sandbox's own doors, and the whole thing as a process with a real socket."""

import csv
import json
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from carriers.sandbox.__main__ import main
from carriers.sandbox.accounts import ACCOUNTS
from carriers.sandbox.life import Life
from carriers.sandbox.world import World

Ask = Callable[..., Awaitable[Any]]
MakeLife = Callable[..., Life]
Running = tuple[subprocess.Popen[str], dict[str, Any]]
PARCEL = {
    "carrier": "zto",
    "tracking_number": "78400000000077",
    "birth": "2026-03-01T10:00:00+08:00",
    "phone_tails": ["4321"],
    "expected": ["refused"],
    "events": [
        {"after": "PT3H", "kind": "refused", "text": "客户拒收", "code": "问题件", "city": "上海市"},
        {"after": "PT1H", "kind": "collected", "text": "已收件"},
    ],
}


async def test_a_parcel_can_be_added_and_asked_for(client: httpx.AsyncClient, ask_zto: Ask) -> None:
    added = await client.post("/sandbox/parcels", json=PARCEL)
    assert (added.status_code, added.json()) == (201, {"tracking_number": "78400000000077"})
    answer = await ask_zto("78400000000077", "4321")
    assert [scan["desc"] for scan in answer["result"]] == ["已收件", "客户拒收"]


@pytest.mark.parametrize(
    "changes",
    [
        {"birth": "2026-03-01T10:00:00"},
        {"expected": ["sadness"]},
        {"events": [{"kind": "x"}]},
        {"carrier": None},
    ],
)
async def test_a_parcel_that_makes_no_sense_is_refused(
    world: World, client: httpx.AsyncClient, changes: dict[str, Any]
) -> None:
    refused = await client.post("/sandbox/parcels", json=PARCEL | changes)
    assert refused.status_code == 400
    assert refused.json()["error"]
    assert not world.lives


async def test_faults_are_ordered_and_cleared_over_http(client: httpx.AsyncClient, ask_zto: Ask) -> None:
    order = {"source": "zto", "kind": "error_in_200", "times": 3}
    ordered = await client.post("/sandbox/faults", json=order)
    assert ordered.status_code == 201
    assert ordered.json()["faults"] == [order | {"seconds": None, "delay": None}]
    assert (await ask_zto("78400000000001"))["statusCode"] == "S203"
    assert (await client.delete("/sandbox/faults")).status_code == 204
    assert (await ask_zto("78400000000001"))["statusCode"] == "SYS000"


@pytest.mark.parametrize(
    "order", [{"source": "pigeon-post", "kind": "slow"}, {"source": "sf", "kind": "sulk"}, []]
)
async def test_an_order_that_makes_no_sense_is_refused(client: httpx.AsyncClient, order: Any) -> None:
    assert (await client.post("/sandbox/faults", json=order)).status_code == 400


async def test_the_truth_says_what_should_be_raised_and_what_can_be_seen(
    client: httpx.AsyncClient, hands: Any, world: World, a_life: MakeLife
) -> None:
    world.add(a_life("zto", "78400000000001", "collected", "refused", expected=("refused", "stalled")))
    [parcel] = (await client.get("/sandbox/truth")).json()["parcels"]
    assert parcel == {
        "carrier": "zto",
        "tracking_number": "78400000000001",
        "story": "made",
        "expected": ["refused", "stalled"],
        "due": ["refused"],
        "ended": False,
    }
    hands.advance(hours=40)
    [parcel] = (await client.get("/sandbox/truth")).json()["parcels"]
    assert parcel["due"] == ["refused", "stalled"]


async def test_the_counters_tell_calls_by_source_and_outcome(
    client: httpx.AsyncClient, ask_zto: Ask, ask_kuaidi100: Ask
) -> None:
    await ask_zto("78400000000001")
    await ask_zto("78400000000001", None)
    await ask_zto("78400000000001", headers={"x-dataDigest": "x"})
    await ask_kuaidi100("yuantong", "YT0000000000001")
    await ask_kuaidi100("yuantong", "YT0000000000001")
    counted = (await client.get("/sandbox/stats")).json()
    assert counted["calls"] == {
        "kuaidi100": {"nothing_yet": 1, "old_data": 1},
        "zto": {"nothing_yet": 1, "tail_refused": 1, "signature_refused": 1},
    }
    assert (counted["refused_signatures"], counted["asked_too_soon"], counted["locked"]) == (1, 1, 0)


@pytest.mark.parametrize("path", ["/sf/std/service", "/zto/x", "/kuaidi100/poll", "/kuaidi100/poll/query.do"])
async def test_vendors_take_posts_only(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 405


@pytest.mark.parametrize("path", ["/sf/std/service", "/zto/x", "/kuaidi100/poll", "/kuaidi100/poll/query.do"])
@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe=%ff", b"param=%ff", b"[]", b"null", b"param=[]&sign=1&customer=1"]
)
async def test_no_body_breaks_a_player(client: httpx.AsyncClient, path: str, body: bytes) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    response = await client.post(path, content=body, headers=headers)
    assert response.status_code == 200
    assert isinstance(response.json(), dict)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """`python -m carriers.sandbox` on a free port, with what it announced."""
    command = [sys.executable, "-m", "carriers.sandbox", "--port", "0", "--parcels", "60", "--json"]
    clock = ["--speed", "600", "--fake-start", "2026-03-02T08:00:00+08:00"]
    orders = tmp_path / "orders.csv"
    process = subprocess.Popen([*command, *clock, "--orders", str(orders)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_serves_and_stops_in_peace(running: Running, number: signal.Signals) -> None:
    process, ready = running
    assert set(ready) == {"url", "orders", "accounts"}
    assert set(ready["accounts"]) == {account.source for account in ACCOUNTS}
    with Path(ready["orders"]).open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 60
    counted = httpx.get(ready["url"] + "/sandbox/stats").json()
    assert counted["parcels"] == 60
    assert counted["now"].startswith("2026-03-02T")
    process.send_signal(number)
    assert process.wait(timeout=10) == 0


def test_it_ends_with_whoever_started_it_where_that_is_wished(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "carriers.sandbox", "--port", "0", "--parcels", "1", "--json"]
    orders = ["--orders", str(tmp_path / "orders.csv"), "--until-input-ends"]
    with subprocess.Popen(
        [*command, *orders], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        assert json.loads(process.stdout.readline())["url"]
        process.stdin.close()
        assert process.wait(timeout=10) == 0


def test_a_dropped_connection_ends_in_the_middle_of_the_answer(running: Running) -> None:
    _, ready = running
    httpx.post(ready["url"] + "/sandbox/faults", json={"source": "sf", "kind": "drop_connection", "times": 1})
    # the system says either, depending on who is first
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        httpx.post(ready["url"] + "/sf/std/service", data={"a": "b"})
    again = httpx.post(ready["url"] + "/sf/std/service", data={"a": "b"})
    assert again.json()["apiResultCode"] == "A1001"


def test_a_taken_port_is_said_in_one_line(
    running: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, ready = running
    port = ready["url"].rpartition(":")[2]
    assert main(["--port", port, "--parcels", "1", "--orders", str(tmp_path / "o.csv")]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"cannot serve on 127.0.0.1:{port}")
    assert said.count("\n") == 1


def test_a_moment_without_offset_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--fake-start", "2026-03-02T08:00:00"])
    assert "offset" in capsys.readouterr().err
