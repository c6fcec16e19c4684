"""`watcher unknown`: texts that no phrase explains, and what people say of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from watcher.cli.carrier_names import known_carrier
from watcher.cli.database import existing_store
from watcher.cli.options import AsJson, ConfigFile, settings_of
from watcher.cli.speaking import BadInput, CommandFailed, local, note, plain_record, say_json, say_table

if TYPE_CHECKING:
    from enum import StrEnum

    from carriers.contract import Milestone, Reason
    from carriers.reading.labels import Label
    from watcher.store.engine import Store
    from watcher.store.labels import LabelRow
    from watcher.store.unknown_texts import UnknownText

Word = TypeVar("Word", bound="StrEnum")
commands = typer.Typer(
    help="Texts that no phrase explains: list, label, withdraw, labels, export.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Carrier = Annotated[str | None, typer.Option(help="Only of this carrier: zto or 中通.")]


@commands.command("list")
def list_texts(
    carrier: Carrier = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """List them: those under a code that says nothing first, then the most seen. # stands for a number."""
    from watcher.store import unknown_texts

    wanted = known_carrier(carrier)
    with existing_store(config) as store, store.read() as connection:
        found = unknown_texts.ranked(connection, carrier=wanted, limit=limit)
        total = unknown_texts.count(connection, carrier=wanted)
    if json:
        for text in found:
            say_json(plain_record(text))
        return
    if not found:
        note("watcher: every text that was read is explained by a phrase or a label")
        return
    say_table(("id", "carrier", "code says", "seen", "last", "sample", "text"), map(_row, found))
    if total > len(found):
        note(f"watcher: {total - len(found)} more; --limit shows them")


@commands.command("label")
def label(
    unknown_text: Annotated[
        int | None, typer.Argument(metavar="[ID]", help="Which text: an id of `watcher unknown list`.")
    ] = None,
    milestone: Annotated[
        str,
        typer.Option(
            help="How far the parcel is, such as exception; unknown: the text says nothing; ? lists them."
        ),
    ] = "",
    reason: Annotated[
        list[str] | None,
        typer.Option(
            help="Why it does not go on, such as refused; may be given several times; ? lists them."
        ),
    ] = None,
    text: Annotated[str | None, typer.Option(help="Instead of ID: a line as the carrier printed it.")] = None,
    carrier: Annotated[str | None, typer.Option(help="With --text: whose line it is.")] = None,
    all_carriers: Annotated[
        bool, typer.Option("--all-carriers", help="Whoever prints it, not only its carrier.")
    ] = False,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Say what a text means: for new scans at once, for stored ones as soon as the daemon has read them again."""
    from carriers.contract import Milestone, Reason
    from watcher.clock import SystemClock
    from watcher.labelling.desk import LabelDesk

    if (unknown_text is None) == (text is None):
        raise BadInput("give either the ID of a text or a line with --text")
    chosen = _word(milestone, Milestone, option="--milestone")
    reasons = [_word(word, Reason, option="--reason") for word in reason or ()]
    with existing_store(config) as store, _refusals():
        desk = LabelDesk(store, SystemClock())
        if unknown_text is not None:
            made = desk.label(unknown_text, milestone=chosen, reasons=reasons, for_all=all_carriers)
            _warn_of_code(store, unknown_text, chosen, config=config)
        else:
            wanted = None if all_carriers else _carrier_of_line(carrier)
            made = desk.put(_label_of_line(text or "", wanted, chosen, reasons, config=config))
    _tell_made(made, as_json=json)


@commands.command("withdraw")
def withdraw(
    label_id: Annotated[
        int, typer.Argument(metavar="LABEL", help="Which label: an id of `watcher unknown labels`.")
    ],
    config: ConfigFile = None,
) -> None:
    """Take a label back; what it said of stored scans is undone."""
    from watcher.clock import SystemClock
    from watcher.labelling.desk import LabelDesk

    with existing_store(config) as store, _refusals():
        LabelDesk(store, SystemClock()).withdraw(label_id)
    note(f"watcher: label {label_id} is withdrawn; stored scans are read again by the daemon")


@commands.command("labels")
def list_labels(config: ConfigFile = None, json: AsJson = False) -> None:
    """List all labels with who made them and what came of them."""
    from watcher.store import labels

    with existing_store(config) as store, store.read() as connection:
        found = labels.newest(connection, limit=10_000)
    if json:
        for row in found:
            say_json({**plain_record(row), **plain_record(row.label)} | {"label": row.id})
        return
    if not found:
        note("watcher: no label was made yet")
        return
    columns = ("label", "carrier", "means", "by", "made", "withdrawn", "changed", "text")
    say_table(columns, map(_label_row, found))


@commands.command("export")
def export(
    folder: Annotated[
        Path | None, typer.Argument(help="Where the phrase files go; may be the folder of [reading] phrases.")
    ] = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Write the labels in force as phrase files, one for each carrier: <carrier>.labels.toml."""
    from carriers.reading.phrase_file import pattern, phrase_files
    from watcher.store import labels

    if folder is None and not json:
        raise BadInput("give the folder that the phrase files shall go to, or --json")
    with existing_store(config) as store, store.read() as connection:
        standing = list(labels.standing(connection).values())
    if json:
        for one in standing:
            say_json({**plain_record(one), "id": one.phrase_id, "match": pattern(one.template)})
    if not standing:
        note("watcher: there is no label to export")
    if folder is not None:
        _write(folder, phrase_files(standing))


def _write(folder: Path, files: dict[str, str]) -> None:
    """Writes the files; those of an earlier export that no label stands behind any more go."""
    from carriers.reading.phrase_file import HEAD, file_name

    try:
        if files:
            folder.mkdir(parents=True, exist_ok=True)
        for old in sorted(set(folder.glob(file_name("*"))) - {folder / name for name in files}):
            if old.read_text(encoding="utf-8", errors="replace").startswith(HEAD):
                old.unlink()
                note(f"watcher: removed {old}, whose labels are withdrawn")
        for name, content in files.items():
            (folder / name).write_text(content, encoding="utf-8")
            note(f"watcher: wrote {folder / name}")
    except OSError as error:
        raise CommandFailed(f"{error.filename}: cannot be written ({error.strerror})") from error


def _carrier_of_line(carrier: str | None) -> str:
    wanted = known_carrier(carrier)
    if wanted is None:
        raise BadInput("--text needs --carrier, or --all-carriers")
    return wanted


def _label_of_line(
    text: str,
    carrier: str | None,
    milestone: "Milestone",
    reasons: "Sequence[Reason]",
    *,
    config: Path | None,
) -> "Label":
    from carriers.contract import in_order
    from carriers.reading.labels import Label
    from watcher.labelling.tables import reader_of

    reader = reader_of(settings_of(config))
    reading, template = reader.read(text, carrier=carrier), reader.template(text, carrier=carrier)
    if reading.explained:
        raise BadInput(
            f"--text: {', '.join(reading.phrases)} explains this line already; labels do not stand over phrases"
        )
    if not template:
        raise BadInput("--text: this line says nothing that a label could be about")
    return Label(template, carrier, milestone, in_order(reasons))


def _warn_of_code(store: "Store", unknown_text_id: int, wanted: "Milestone", *, config: Path | None) -> None:
    """Say so where the carrier's code keeps the label's milestone out."""
    from carriers.contract import Milestone
    from watcher.labelling.tables import reader_of
    from watcher.store import unknown_texts

    with store.read() as connection:
        text = unknown_texts.by_id(connection, unknown_text_id)
    if text is None or wanted in {text.milestone, Milestone.UNKNOWN}:
        return
    refines = reader_of(settings_of(config)).language(text.carrier).refines
    if wanted not in refines.get(text.milestone, frozenset()):
        note(
            f"watcher: the code of these lines says {text.milestone}, which a text cannot make {wanted}: "
            "only the label's reasons will count"
        )


def _word(word: str, kind: "type[Word]", *, option: str) -> "Word":
    if word in set(kind):
        return kind(word)
    said = " is missing: one" if not word else ": one" if word == "?" else f": {word!r} is none"
    raise BadInput(f"{option}{said} of {', '.join(kind)}")


@contextmanager
def _refusals() -> Iterator[None]:
    """What the desk refuses was given wrongly."""
    from watcher.labelling.refusals import LabelRefused

    try:
        yield
    except LabelRefused as refusal:
        raise BadInput(str(refusal)) from refusal


def _tell_made(label_id: int, *, as_json: bool) -> None:
    if as_json:
        say_json({"label": label_id})
    else:
        note(f"watcher: label {label_id} stands; stored scans are read again by the daemon")


def _row(text: "UnknownText") -> tuple[object, ...]:
    said = "nothing" if text.milestone == "unknown" else text.milestone
    last = local(text.last_seen_at)
    return text.id, text.carrier, said, text.seen, last, text.sample_tracking_number, text.template


def _label_row(row: "LabelRow") -> tuple[Any, ...]:
    means = " ".join([row.label.milestone, *row.label.reasons])
    changed = f"{row.scans_changed} of {row.scans_read}{', going on' if row.replaying else ''}"
    withdrawn = local(row.withdrawn_at) if row.withdrawn_at else None
    by = row.made_by or "command line"
    return (
        row.id,
        row.label.carrier or "all",
        means,
        by,
        local(row.made_at),
        withdrawn,
        changed,
        row.label.template,
    )
