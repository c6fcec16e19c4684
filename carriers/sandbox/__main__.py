"""`python -m carriers.sandbox`: a world and its server, until SIGTERM or Ctrl-C."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from carriers.sandbox.casting import CARRIERS, ROUNDS
from carriers.sandbox.players import PLAYERS
from carriers.sandbox.running import Plan, serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the options, serve, and give the exit code."""
    options = _parser().parse_args(arguments)
    plan = Plan(
        host=options.host,
        port=options.port,
        parcels=options.parcels,
        seed=options.seed,
        speed=options.speed,
        spread_days=options.spread_days,
        fake_start=options.fake_start,
        real_start=options.real_start,
        orders=options.orders,
        until_input_ends=options.until_input_ends,
        carriers=options.carriers,
        rounds=options.rounds,
    )
    try:
        serve(plan, as_json=options.json)
    except OSError as error:
        sys.stderr.write(f"cannot serve on {plan.host}:{plan.port}: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m carriers.sandbox",
        description=f"Plays {', '.join(played.source for played in PLAYERS)} with invented parcels.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8099, help="0 takes a free one")
    parser.add_argument("--parcels", type=int, default=300)
    parser.add_argument(
        "--carriers",
        type=_carriers,
        default=CARRIERS,
        help=f"whose parcels, with commas between; all of {','.join(CARRIERS)} if not given",
    )
    parser.add_argument(
        "--rounds",
        type=int,
        default=ROUNDS,
        help="how often each trouble is open at the start, and within a day",
    )
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same parcels")
    parser.add_argument(
        "--speed", type=float, default=1.0, help="how many times as fast as real time the clock runs"
    )
    parser.add_argument("--spread-days", type=float, default=6.0, help="parcels are born over this many days")
    parser.add_argument(
        "--fake-start", type=_moment, help="what the clock shows at --real-start, ISO 8601 with offset"
    )
    parser.add_argument("--real-start", type=_moment, help="when the clock started, ISO 8601 with offset")
    parser.add_argument(
        "--orders", type=Path, default=Path("sandbox-orders.csv"), help="where the order file goes"
    )
    parser.add_argument(
        "--until-input-ends",
        action="store_true",
        help="stop when standard input ends, as when its writer dies",
    )
    parser.add_argument("--json", action="store_true", help="one JSON line on stdout when ready")
    return parser


def _carriers(text: str) -> tuple[str, ...]:
    named = tuple(text.split(","))
    unknown = sorted(set(named) - set(CARRIERS))
    if unknown:
        message = f"no parcels of {', '.join(unknown)}; there are {', '.join(CARRIERS)}"
        raise argparse.ArgumentTypeError(message)
    return named


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        message = "needs an offset, such as +08:00 or Z"
        raise argparse.ArgumentTypeError(message)
    return moment.astimezone(UTC)


if __name__ == "__main__":
    raise SystemExit(main())
