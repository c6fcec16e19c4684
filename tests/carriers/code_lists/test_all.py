"""Every fact sheet of a source is held against its adapter."""

from pathlib import Path

import pytest
from fact_sheets import FOLDER

from carriers.registry import SOURCES

HERE = Path(__file__).parent


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_with_a_sheet_has_its_codes_held_against_it(source: str) -> None:
    if not (FOLDER / f"{source}.md").exists():
        pytest.skip(f"no fact sheet at ../shared/carriers/{source}.md")
    assert (HERE / f"test_{source}.py").exists(), f"write tests/carriers/code_lists/test_{source}.py"
