"""The benchmark runs, and says something about everything it promises. Speed itself is no test."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from carriers.registry import SOURCES

HOUSE = Path(__file__).parents[1]
PROMISED = {
    "import, CSV",
    "import, XLSX",
    "import, peak memory, CSV",
    "answers recorded, nothing new, sqlite",
    "scans recorded, eight each, sqlite",
    "what is due, put off, sqlite",
    "detection, sqlite",
    "alerting, sqlite",
    "queueing, sqlite",
    "coverage, sqlite",
    "every loop, nothing due, sqlite",
    "queue overview, sqlite",
    "health page, sqlite",
    "gauges, sqlite",
    "lines read",
    "lines read, peak memory",
    "regions found",
    "phones made dialable",
    *(f"answers read, {source}, 11 scans each" for source in SOURCES),
    "polled over HTTP, sf, all scans new",
    "polled over HTTP, zto, nothing new",
    "probe answered over HTTP",
}


@pytest.fixture(scope="module")
def told() -> list[dict]:
    command = [sys.executable, "-m", "bench", "--quick", "--json"]
    ended = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=False, timeout=110)
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


def test_every_promised_figure_is_there_once(told):
    names = [figure["name"] for figure in told]
    assert set(names) >= PROMISED
    assert len(names) == len(set(names))


def test_figures_are_measured_and_in_order(told):
    for figure in told:
        assert 0 < figure["min"] <= figure["median"] <= figure["max"], figure
        assert 0 < figure["reference"] < math.inf, figure
        assert figure["unit"], figure
        assert figure["against"], figure


def test_a_figure_is_held_against_something_bare_or_against_less_that_is_stored(told):
    for figure in told:
        factors = [figure[name] for name in ("ratio", "growth") if figure[name] is not None]
        assert len(factors) == 1, figure
        assert 0 < factors[0] < math.inf, figure
