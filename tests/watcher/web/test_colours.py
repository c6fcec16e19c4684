"""Every text can be read, by day and by night: the contrast of WCAG 2 (AA, 4.5 to 1), computed from the sheet."""

import re
from functools import cache

import pytest

from watcher.web.console.pages import STATIC

ENOUGH = 4.5
# what stands on what, by the names of the sheet
PAIRS = [
    ("ink", "paper"), ("ink", "panel"), ("ink", "faint"), ("ink", "now-faint"), ("ink", "soon-faint"),
    ("soft", "paper"), ("soft", "panel"), ("soft", "faint"), ("accent", "paper"), ("accent", "panel"),
    ("accent", "accent-faint"), ("accent-ink", "accent"), ("now", "panel"), ("now", "now-faint"),
    ("soon", "soon-faint"), ("today", "today-faint"), ("good", "good-faint"),
]  # fmt: skip


@cache
def sheet() -> str:
    return (STATIC / "console.css").read_text()


def colours(light: str) -> dict[str, str]:
    by_day, by_night = re.findall(r":root \{(.*?)\}", sheet(), re.DOTALL)
    read = by_day if light == "day" else by_day + by_night
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", read))


def brightness(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("light", ["day", "night"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_a_text_stands_out_from_its_ground(light: str, text: str, ground: str) -> None:
    known = colours(light)
    darker, brighter = sorted((brightness(known[text]), brightness(known[ground])))
    assert (brighter + 0.05) / (darker + 0.05) >= ENOUGH


def test_no_text_fades() -> None:
    """What is half transparent has another contrast than its colour."""
    assert "opacity" not in sheet()
