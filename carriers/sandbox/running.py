"""Builds a world by a plan, binds the port, writes the order file, says where everything is, and serves."""

import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import uvicorn
from starlette.applications import Starlette

from carriers.sandbox.accounts import ACCOUNTS
from carriers.sandbox.casting import CARRIERS, ROUNDS
from carriers.sandbox.limits import Limit
from carriers.sandbox.orders import write_orders_csv
from carriers.sandbox.server import create_app
from carriers.sandbox.world import FastNow, World, made_world

_BACKLOG = 2048
_GRACE_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be served. `real_start` and `fake_start` default to now; port 0 takes a free one; `until_input_ends`
    ties the sandbox to whoever holds the other end of its standard input."""

    host: str = "127.0.0.1"
    port: int = 8099
    parcels: int = 300
    seed: int = 1
    speed: float = 1.0
    spread_days: float = 6.0
    fake_start: datetime | None = None
    real_start: datetime | None = None
    orders: Path = Path("sandbox-orders.csv")
    limits: Mapping[str, Limit] = field(default_factory=dict)
    until_input_ends: bool = False
    carriers: Sequence[str] = CARRIERS
    rounds: int = ROUNDS


def world_by(plan: Plan) -> World:
    """The world of the plan; its lives are as old as the made clock says at its start."""
    real_start = plan.real_start or datetime.now(UTC)
    fake_start = plan.fake_start or real_start
    world = made_world(
        plan.parcels,
        plan.seed,
        lambda: fake_start,
        carriers=plan.carriers,
        spread_days=plan.spread_days,
        limits=plan.limits,
        rounds=plan.rounds,
    )
    world.now = FastNow(real_start, fake_start, plan.speed)
    return world


def serve(plan: Plan, *, as_json: bool = False) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError when the port or the order file cannot be had."""
    world = world_by(plan)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((plan.host, plan.port))
        url = f"http://{plan.host}:{listening.getsockname()[1]}"
        write_orders_csv(world.orders.values(), plan.orders)
        # From here on the system queues callers, so the announcement is true although the loop is not up yet.
        listening.listen(_BACKLOG)
        sys.stdout.write(_announcement(url, plan, as_json=as_json) + "\n")
        sys.stdout.flush()
        _run(create_app(world), listening, until_input_ends=plan.until_input_ends)


def _run(app: Starlette, listening: socket.socket, *, until_input_ends: bool) -> None:
    # A dropped connection is an order here, and uvicorn would log it as an error.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=_GRACE_SECONDS)
    )
    # uvicorn raises a caught signal again when it is done; with its own handler in place that ends in peace.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, server.handle_exit)
    if until_input_ends:
        Thread(target=_stop_with_input, args=[server], daemon=True).start()
    server.run(sockets=[listening])


def _stop_with_input(server: uvicorn.Server) -> None:
    # not sys.stdin, whose lock would be held while the interpreter ends
    while os.read(0, 4096):
        pass
    server.should_exit = True


def _announcement(url: str, plan: Plan, *, as_json: bool) -> str:
    accounts = {
        account.source: {"base_url": account.base_url(url), **account.credentials} for account in ACCOUNTS
    }
    if as_json:
        ready: dict[str, Any] = {"url": url, "orders": str(plan.orders.resolve()), "accounts": accounts}
        return json.dumps(ready)
    lines = [f"sandbox at {url}, {plan.parcels} parcels, orders in {plan.orders.resolve()}"]
    for source, account in accounts.items():
        lines.append(f"  {source}: " + "  ".join(f"{word}={value}" for word, value in account.items()))
    return "\n".join(lines)
