"""How commands speak: results on standard output, everything else on standard error, failures as one sentence.

With `--json` one object per line, UTF-8 in any locale, no colour; else tables for people. Nothing is ever cut: what is
too wide for the terminal is folded, left out by name, or told as a block; piped, a table is as wide as it must be.
"""

import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

BAD_INPUT = 2
FAILED = 1
# wider than any table: piped, each row stays on its line
_PIPED_WIDTH = 100_000
_STEERING = dict.fromkeys({*range(0x20), *range(0x7F, 0xA0)} - {ord("\t"), ord("\n")}, "\ufffd")


class CommandFailed(Exception):
    """The command cannot go on; the message says why and what to do."""

    def __init__(self, message: str, *, exit_code: int = FAILED) -> None:
        self.exit_code = exit_code
        super().__init__(message)


class BadInput(CommandFailed):
    """What was given cannot be used."""

    def __init__(self, message: str) -> None:
        super().__init__(message, exit_code=BAD_INPUT)


def use_utf8() -> None:
    """Speak and hear UTF-8 whatever the locale says."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")


def given() -> list[str]:
    """The arguments of the process as UTF-8, also where the locale made something else of them."""
    return [os.fsencode(argument).decode("utf-8", "surrogateescape") for argument in sys.argv[1:]]


def say_json(record: Mapping[str, Any]) -> None:
    """One object, one line."""
    sys.stdout.write(json.dumps(record, ensure_ascii=False, default=_plain) + "\n")


def say(text: str = "") -> None:
    """A line of the result."""
    sys.stdout.write(f"{_harmless(text)}\n")


def note(text: str) -> None:
    """A line that is not the result."""
    sys.stderr.write(f"{text}\n")


def say_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table for people; cells are shown as they are, `None` as a dash, and folded where they do not fit."""
    _print(_table(columns, [[_shown(cell) for cell in row] for row in rows]))


def say_whole_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, less_needed: Sequence[str] = ()
) -> None:
    """A table whose cells stay whole. Too wide, it does without `less_needed`, in this order, or becomes blocks."""
    kept, cells = list(columns), [[_shown(cell) for cell in row] for row in rows]
    for name in (*less_needed, None):
        table = _table(kept, cells)
        if _fits(table):
            _print(table)
            return
        if name is not None:
            index = kept.index(name)
            kept = kept[:index] + kept[index + 1 :]
            cells = [row[:index] + row[index + 1 :] for row in cells]
    for row in cells:
        say_block(row[0], list(zip(kept[1:], row[1:], strict=True)))


def say_block(title: str, lines: Sequence[tuple[str, object]]) -> None:
    """A title and below it one line for each name; values wrap between words only."""
    from textwrap import wrap

    console = _console()
    room = max(len(name) for name, _ in lines) + 4
    say(title)
    for name, value in lines:
        parts = wrap(
            _shown(value), max(console.width - room, 20), break_long_words=False, break_on_hyphens=False
        )
        for number, part in enumerate(parts):
            say(f"  {'' if number else name:{room - 2}}{part}".rstrip())
    say()


@contextmanager
def progress(description: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, nothing where nobody watches; it wants to be told how many are done of how many."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(description, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def yuan(fen: int | None) -> str:
    """Money for people: `128.50`."""
    return "-" if fen is None else f"{fen / 100:.2f}"


def local(moment: datetime | None) -> str:
    """A moment as read in China: `03-02 10:00`."""
    from carriers.contract import SHANGHAI

    return "-" if moment is None else moment.astimezone(SHANGHAI).strftime("%m-%d %H:%M")


def span(duration: timedelta) -> str:
    """A duration in its two largest units: `3 h 20 min`."""
    minutes = int(abs(duration).total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {rest} min" if hours else f"{rest} min"


def plain_record(value: Any) -> Any:
    """A frozen dataclass (however deep) as what JSON can hold."""
    from dataclasses import fields, is_dataclass

    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain_record(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain_record(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain_record(inner) for inner in value]
    return value


def _console() -> "Console":
    from rich.console import Console

    return Console() if sys.stdout.isatty() else Console(width=_PIPED_WIDTH)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(_harmless(column), overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _fits(table: "Table") -> bool:
    console = _console()
    return console.measure(table, options=console.options.update(width=_PIPED_WIDTH)).maximum <= console.width


def _print(table: "Table") -> None:
    _console().print(table)


def _shown(cell: object) -> str:
    return "-" if cell is None or cell == "" else _harmless(str(cell))


def _harmless(text: str) -> str:
    """Without what would steer the terminal, which a carrier's text may hold."""
    return text.translate(_STEERING)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value)
