"""The division table, read once for all tests of the intake."""

import pytest

from watcher.intake.regions import Regions


@pytest.fixture(scope="session")
def regions() -> Regions:
    """All divisions."""
    return Regions.load()
