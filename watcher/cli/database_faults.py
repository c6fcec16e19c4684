"""What is wrong with a database, in one sentence: a URL and what its driver raised come in, `DatabaseFailed` goes out.

Every command says it so, and `watcher check` too. A place that cannot hold our tables was given wrongly (exit code 2);
one that does not answer, is full or is locked has failed (1). No sentence holds a password.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from watcher.cli.speaking import BAD_INPUT, FAILED, CommandFailed

_SQLITE = "sqlite:///"
_KNOWN = "sqlite:///PATH and postgresql+psycopg://USER@HOST/NAME"
_CORRECT = "correct [database] url"

_READ_ONLY, _LET_WRITE = "{path} can only be read", "let this user write to the file and to {folder}"

# what SQLite's library says, and what it means to whoever runs us
_SQLITE_SAYS: Sequence[tuple[str, str, str, int]] = (
    (
        "file is not a database",
        "{path} is no SQLite database",
        f"{_CORRECT} or [data] folder, or move that file away",
        BAD_INPUT,
    ),
    (
        "readonly database",
        _READ_ONLY,
        _LET_WRITE,
        BAD_INPUT,
    ),
    (
        "unable to open database file",
        "{path} cannot be opened",
        "let this user read and write the file and {folder}",
        BAD_INPUT,
    ),
    (
        "database is locked",
        "{path} is held by another program",
        "end that program, or wait and try again",
        FAILED,
    ),
    ("disk is full", "the disk of {path} is full", "make room", FAILED),
    ("malformed", "{path} is damaged", "put back a copy of it", FAILED),
)


class DatabaseFailed(CommandFailed):
    """The database cannot be used: `problem` says why, `advice` what to do."""

    def __init__(self, problem: str, advice: str, *, exit_code: int = FAILED) -> None:
        self.problem, self.advice = problem, advice
        super().__init__(f"database: {problem}; {advice}", exit_code=exit_code)


def sqlite_file(url: str) -> Path | None:
    """The file behind an SQLite URL; None for any other database."""
    return Path(url.removeprefix(_SQLITE)) if url.startswith(_SQLITE) else None


def read_only_fault(url: str) -> DatabaseFailed | None:
    """What is wrong with an SQLite file that may not be written; None where there is none, or another database."""
    file = sqlite_file(url)
    if file is None or not file.exists() or os.access(file, os.W_OK):
        return None
    return DatabaseFailed(
        _READ_ONLY.format(path=file), _LET_WRITE.format(folder=file.parent), exit_code=BAD_INPUT
    )


@contextmanager
def database_in_words(url: str) -> Iterator[None]:
    """What a driver raises inside becomes a `DatabaseFailed`; everything else passes through."""
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except DBAPIError as error:
        raise driver_fault(error, url) from error


@contextmanager
def opening_in_words(url: str) -> Iterator[None]:
    """As `database_in_words`, for the first look: the kind of database and the place of its file may be wrong, too."""
    from sqlalchemy.exc import ArgumentError

    _check_place(url)
    try:
        with database_in_words(url):
            yield
    except (ArgumentError, ModuleNotFoundError) as error:
        raise _unknown_kind(url) from error
    except OSError as error:
        # a port or a secret may be behind it as well: only what is about our file is ours
        file = sqlite_file(url)
        if file is None or error.filename is None or not _is_about(Path(error.filename), file):
            raise
        raise _no_folder(error, file) from error


def driver_fault(error: Exception, url: str) -> DatabaseFailed:
    """The sentence for an error of SQLAlchemy that came from the driver."""
    from watcher.telemetry import masked

    said = str(masked(str(getattr(error, "orig", None) or error))).strip().splitlines() or [""]
    file = sqlite_file(url)
    if file is None:
        return DatabaseFailed(f"not reachable: {said[0]}", f"start it, or {_CORRECT}")
    for sign, problem, advice, exit_code in _SQLITE_SAYS:
        if sign in said[0]:
            names = {"path": file, "folder": file.parent}
            return DatabaseFailed(problem.format(**names), advice.format(**names), exit_code=exit_code)
    return DatabaseFailed(f"{file}: {said[0]}", _CORRECT)


def _check_place(url: str) -> None:
    """A folder that is a file, or a file that is a folder, is told before a driver stumbles over it."""
    if (file := sqlite_file(url)) is None:
        return
    above = next((place for place in file.absolute().parents if place.exists()), Path("/"))
    if not above.is_dir():
        raise DatabaseFailed(
            f"{above} is a file, where a folder is wanted", "name a folder for the data", exit_code=BAD_INPUT
        )
    if file.is_dir():
        raise DatabaseFailed(f"{file} is a folder", _CORRECT, exit_code=BAD_INPUT)


def _unknown_kind(url: str) -> DatabaseFailed:
    kind, found, _ = url.partition("://")
    problem = f"{kind!r} is no kind of database known here" if found else "[database] url is no URL"
    return DatabaseFailed(problem, f"the known ones are {_KNOWN}", exit_code=BAD_INPUT)


def _is_about(given: Path, file: Path) -> bool:
    return given.absolute() == file.absolute() or given.absolute() in file.absolute().parents


def _no_folder(error: OSError, file: Path) -> DatabaseFailed:
    reason = error.strerror or os.strerror(error.errno or 0)
    return DatabaseFailed(
        f"the folder {file.parent} cannot be made ({reason})",
        f"let this user write to {file.absolute().parent.parent}, or name another folder for the data",
        exit_code=BAD_INPUT,
    )
