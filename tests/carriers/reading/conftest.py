"""One reader over the tables of the checkout for all tests of the reader."""

from pathlib import Path

import pytest

from carriers.reading.reader import Reader
from carriers.reading.tables import load_reader

TABLES = Path(__file__).parents[3] / "config" / "phrases"


@pytest.fixture(scope="session")
def tables() -> Path:
    return TABLES


@pytest.fixture(scope="session")
def reader() -> Reader:
    return load_reader(TABLES)
