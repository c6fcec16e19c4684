"""How the demo ends: as a person in a terminal ends it, and as a machine does."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from watcher.app import listen
from watcher.settings import SettingsError

pytestmark = pytest.mark.slow
COMMAND = (sys.executable, "-m", "watcher", "demo", "--headless", "--port", "0", "--for", "60")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A demo in a group of its own, as a shell would start it."""
    environ = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        COMMAND,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environ,
        start_new_session=True,
    ) as process:
        yield process
        process.kill()


def sandboxes(folder: Path) -> list[str]:
    """Processes that were told to put their orders below `folder`."""
    lines = [path.read_bytes().replace(b"\0", b" ").decode() for path in Path("/proc").glob("[0-9]*/cmdline")]
    return [line for line in lines if "carriers.sandbox" in line and str(folder) in line]


def said(demo: subprocess.Popen[str], lines: int) -> None:
    """Wait for so many lines: console, password and parcels come first, then alerts."""
    assert demo.stderr
    for _ in range(lines):
        assert demo.stderr.readline()


def nothing_is_left(folder: Path) -> bool:
    """A process that was told to end needs its moment."""
    deadline = time.monotonic() + 20
    while sandboxes(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not sandboxes(folder)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_all_of_a_terminal_still_sums_up(
    demo: subprocess.Popen[str], tmp_path: Path, number: signal.Signals
) -> None:
    said(demo, 4)
    os.killpg(demo.pid, number)
    out, _ = demo.communicate(timeout=60)
    assert demo.returncode == 0
    assert "false alarms: 0" in out, out
    assert nothing_is_left(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_before_the_watching_leaves_nothing_behind(
    demo: subprocess.Popen[str], tmp_path: Path, number: signal.Signals
) -> None:
    deadline = time.monotonic() + 60
    while not sandboxes(tmp_path):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    demo.send_signal(number)
    demo.communicate(timeout=60)
    assert nothing_is_left(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_sandbox_does_not_outlive_a_demo_that_was_killed(
    demo: subprocess.Popen[str], tmp_path: Path
) -> None:
    said(demo, 1)
    demo.kill()
    demo.communicate(timeout=60)
    assert nothing_is_left(tmp_path)


def test_an_address_is_taken_from_the_moment_it_was_given() -> None:
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(SettingsError, match="another with --port"):
            listen("127.0.0.1", port)
