"""The sandbox in a process of its own, with no limit of calls: what the watcher is polled against from end to end.

`python -m bench.counterpart PARCELS ORDERS` serves sf and zto on a free port, writes the order file, and says on stdout
where it is.
"""

import json
import signal
import socket
import sys
from pathlib import Path

import uvicorn

from carriers.sandbox.accounts import ACCOUNTS
from carriers.sandbox.limits import Limit
from carriers.sandbox.orders import write_orders_csv
from carriers.sandbox.server import create_app
from carriers.sandbox.world import made_world, real_now

CARRIERS = ("sf", "zto")
_NO_LIMIT = {account.source: Limit(per_second=1_000_000) for account in ACCOUNTS}


def main(parcels: str, orders: str) -> None:
    """Serve until SIGTERM; the world stands still."""
    now = real_now()
    world = made_world(int(parcels), 1, lambda: now, carriers=CARRIERS, limits=_NO_LIMIT)
    write_orders_csv(world.orders.values(), Path(orders))
    # without the protocol asyncio does not switch Nagle's algorithm off, and every answer waits 40 ms
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(2048)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        accounts = {
            account.source: {"base_url": account.base_url(url), **account.credentials} for account in ACCOUNTS
        }
        print(json.dumps(accounts), flush=True)
        server = uvicorn.Server(uvicorn.Config(create_app(world), log_config=None, access_log=False))
        signal.signal(signal.SIGTERM, server.handle_exit)
        server.run(sockets=[listening])


if __name__ == "__main__":
    main(*sys.argv[1:])
