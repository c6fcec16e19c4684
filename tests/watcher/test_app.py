"""What the daemon is put together with."""

from pathlib import Path

import pytest

from watcher.app import build_watcher
from watcher.clock import ManualClock
from watcher.settings import Data, Settings, Web


@pytest.mark.parametrize(
    ("web", "believed"), [(Web(port=0), "127.0.0.1"), (Web(port=0, trusted_proxies="10.0.0.2"), "10.0.0.2")]
)
def test_a_proxy_is_believed_where_it_is_named(
    tmp_path: Path, clock: ManualClock, web: Web, believed: str
) -> None:
    """Else all staff sit at its address, and a stranger's wrong passwords shut them all out."""
    watcher = build_watcher(Settings(data=Data(folder=str(tmp_path)), web=web), environ={}, clock=clock)
    try:
        assert watcher.server.config.forwarded_allow_ips == believed
    finally:
        watcher.listener.close()
        watcher.store.close()
