"""Whether the accounts of the settings can be used, said with file and account, and which parcels wait for one.

For `watcher check`, which tells all of it, and for `watcher run` and `import`, which do not begin with what is wrong.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from watcher.cli.speaking import BadInput

if TYPE_CHECKING:
    from carriers.contract import CarrierInfo
    from watcher.settings import AccountSettings, Settings

NO_ACCOUNT = 'add [accounts.NAME] source = "…" to watcher.toml; `watcher carriers` lists the sources'


def refuse_unusable(settings: "Settings", file: Path | None) -> None:
    """Raises `BadInput` where an account in use has a source or a carrier that does not exist."""
    problems = [
        f"{file or 'settings'}: [accounts.{name}] {problem}"
        for name, account in settings.accounts.items()
        if account.enabled
        for problem in wrong_names(account)
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


def _no_carrier(carrier: str, sheet: "CarrierInfo") -> str:
    return f"no carrier {carrier}; {sheet.id} answers for {', '.join(sorted(sheet.carriers))}"


def unassigned_in_words(waiting: Mapping[str, int]) -> str:
    """How many parcels wait for an account, by carrier: `3 parcels wait for an account: yto 2, sto 1`."""
    total = sum(waiting.values())
    by_carrier = ", ".join(f"{carrier} {count}" for carrier, count in waiting.items())
    return f"{total} {'parcel waits' if total == 1 else 'parcels wait'} for an account: {by_carrier}"
