"""Whether the accounts of the settings can be used, said with file and account, and which parcels wait for one.

For `watcher check`, which tells all of it, and for `watcher run` and `import`, which do not begin with what is wrong.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from watcher.cli.speaking import BadInput

if TYPE_CHECKING:
    from carriers.contract import CarrierInfo
    from watcher.settings import AccountSettings, Settings

NO_ACCOUNT = 'add [accounts.NAME] source = "…" to watcher.toml; `watcher carriers` lists the sources'


def refuse_unusable(settings: "Settings", file: Path | None) -> None:
    """Raises `BadInput` where an account in use names what does not exist, or could not ask with what is set."""
    problems = [
        f"{file or 'settings'}: [accounts.{name}] {problem}"
        for name, account in settings.accounts.items()
        if account.enabled
        for problem in (*wrong_names(account), *wrong_options(account))
    ]
    if problems:
        raise BadInput("; ".join(problems))


def wrong_names(account: "AccountSettings") -> Iterator[str]:
    """What an account names that is not there: its source, or carriers that its source does not answer for."""
    from carriers.registry import source

    try:
        sheet = source(account.source).INFO
    except LookupError as error:
        yield f"source: {error.args[0]}"
        return
    for carrier in account.carriers:
        if carrier not in sheet.carriers:
            yield f"carriers: {_no_carrier(carrier, sheet)}"


def wrong_options(account: "AccountSettings") -> Iterator[str]:
    """Options and an address with which no question can be put to the source."""
    from carriers.contract import Stamp
    from carriers.registry import SOURCES
    from carriers.trial import wrong_settings

    if account.source in SOURCES:
        stamp = Stamp(at=datetime.now(UTC), nonce="trial")
        adapter = SOURCES[account.source]
        yield from wrong_settings(adapter, account.options, base_url=account.base_url or None, stamp=stamp)


def _no_carrier(carrier: str, sheet: "CarrierInfo") -> str:
    return f"no carrier {carrier}; {sheet.id} answers for {', '.join(sorted(sheet.carriers))}"


def unassigned_in_words(waiting: Mapping[str, int]) -> str:
    """How many parcels wait for an account, by carrier: `3 parcels wait for an account: yto 2, sto 1`."""
    total = sum(waiting.values())
    by_carrier = ", ".join(f"{carrier} {count}" for carrier, count in waiting.items())
    return f"{total} {'parcel waits' if total == 1 else 'parcels wait'} for an account: {by_carrier}"
