"""`watcher queue`: what waits for a person, the most pressing first."""

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from watcher.cli.database import existing_store
from watcher.cli.options import AsJson, ConfigFile
from watcher.cli.speaking import BadInput, local, note, plain_record, say_json, say_whole_table, span, yuan

if TYPE_CHECKING:
    from watcher.queue.cards import Line, Overview

# what a narrow terminal does without, first to last
_LESS_NEEDED = ("data", "state", "urgency", "place", "at risk")

Word = TypeVar("Word", bound=StrEnum)


def command(
    state: Annotated[str | None, typer.Option(help="Only open, claimed, snoozed or closed ones.")] = None,
    rule: Annotated[
        str | None, typer.Option(help="Only with an alert of this rule, such as out_of_area.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """List work items in the order in which they should be taken; no names, no phones."""
    from watcher.clock import SystemClock
    from watcher.model import Rule, WorkItemState
    from watcher.queue.cards import overview

    wanted_state = _word(state, WorkItemState, option="--state")
    wanted_rule = _word(rule, Rule, option="--rule")
    with existing_store(config) as store:
        page = overview(store, now=SystemClock().now(), state=wanted_state, rule=wanted_rule, limit=limit)
    if json:
        for line in page.lines:
            say_json(plain_record(line))
    else:
        _tell(page, is_filtered=bool(state or rule))


def _tell(page: "Overview", *, is_filtered: bool) -> None:
    counts = ", ".join(f"{count} {state}" for state, count in page.counts.items() if count) or "nothing"
    if not page.lines:
        what = "no work item is like that" if is_filtered else "no work item waits"
        note(f"watcher: {what}; in the queue: {counts}")
        return
    columns = (
        "item",
        "why",
        "at risk",
        "urgency",
        "until",
        "waits",
        "carrier",
        "number",
        "place",
        "state",
        "data",
    )
    say_whole_table(columns, (_row(line) for line in page.lines), less_needed=_LESS_NEEDED)
    note(f"{len(page.lines)} of {page.total}; in the queue: {counts}")


def _row(line: "Line") -> tuple[object, ...]:
    return (
        line.work_item_id,
        ", ".join(line.rules),
        yuan(line.at_risk_fen),
        line.urgency,
        local(line.deadline),
        span(line.age),
        line.carrier,
        line.tracking_number,
        line.place,
        line.state,
        _age(line.data_age),
    )


def _age(age: timedelta | None) -> str:
    return "never answered" if age is None else f"{span(age)} old"


def _word(word: str | None, closed_list: type[Word], *, option: str) -> Word | None:
    if word is None:
        return None
    try:
        return closed_list(word)
    except ValueError:
        raise BadInput(f"{option}: {word!r} is none of {', '.join(closed_list)}") from None
