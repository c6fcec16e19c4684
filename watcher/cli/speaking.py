"""How commands speak: results on standard output, everything else on standard error, failures as one sentence.

With `--json` one object per line, UTF-8 in any locale, no colour; else tables for people, cut to no width when piped.
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

BAD_INPUT = 2
FAILED = 1
_PIPED_WIDTH = 240


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
    sys.stdout.write(f"{text}\n")


def note(text: str) -> None:
    """A line that is not the result."""
    sys.stderr.write(f"{text}\n")


def say_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> None:
    """A table for people; cells are shown as they are, `None` as a dash."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*(Text(_shown(cell)) for cell in row))
    _console().print(table)


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


def _shown(cell: object) -> str:
    return "-" if cell is None or cell == "" else str(cell)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value)
