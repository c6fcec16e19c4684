"""`watcher carriers`: the capability sheets of all sources, and how the accounts at them stand.

Needs no store and no settings; where both are there, they are looked at.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from watcher.cli.options import AsJson, ConfigFile
from watcher.cli.speaking import local, plain_record, say_block, say_json, span

if TYPE_CHECKING:
    from carriers.contract import Carrier
    from watcher.store.health import AccountRow


def command(config: ConfigFile = None, json: AsJson = False) -> None:
    """List whom can be asked: carriers, limits, pushes, secrets, options, and how your accounts stand."""
    from carriers.registry import SOURCES

    standing = _accounts(config)
    for name, adapter in SOURCES.items():
        accounts = standing.get(name, ())
        if json:
            say_json(_record(adapter, accounts))
        else:
            sheet = adapter.INFO
            say_block(f"{sheet.id}  {sheet.name_zh} {sheet.name_en}", list(_lines(adapter, accounts)))


def _accounts(config: Path | None) -> Mapping[str, Sequence[tuple[str, str]]]:
    """By source the configured accounts, and how each stands; nothing where the settings cannot be read."""
    from watcher.settings import SettingsError, load_settings
    from watcher.source_accounts import source_account

    try:
        settings = load_settings(config, os.environ)
    except SettingsError:
        return {}
    breakers = _breakers(settings.database_url) if settings.accounts else {}
    found: dict[str, list[tuple[str, str]]] = {}
    for name, account in settings.accounts.items():
        state = breakers.get(name, "never asked")
        if not account.enabled:
            state = "switched off"
        else:
            try:
                source_account(settings, name, os.environ)
            except SettingsError:
                state = "credentials missing"
            except LookupError:
                continue  # no such source: `watcher check` says so
        found.setdefault(account.source, []).append((name, state))
    return found


def _breakers(url: str) -> Mapping[str, str]:
    """What the database says of each account; nothing where there is none yet, or it cannot be had."""
    from contextlib import closing

    from watcher.cli.database import look
    from watcher.cli.speaking import CommandFailed
    from watcher.store import health
    from watcher.store.engine import open_store

    try:
        if not look(url).is_current:
            return {}
        with closing(open_store(url)) as store, store.read() as connection:
            return {one.account: _in_words(one) for one in health.accounts(connection)}
    except CommandFailed:
        return {}


def _in_words(account: "AccountRow") -> str:
    if account.broken_since:
        error = f": {account.last_error}" if account.last_error else ""
        return f"does not answer since {local(account.broken_since)}{error}"
    return f"answered {local(account.last_answered_at)}" if account.last_answered_at else "never asked"


def _lines(adapter: "Carrier", accounts: Sequence[tuple[str, str]]) -> Iterator[tuple[str, object]]:
    sheet = adapter.INFO
    yield "carriers", ", ".join(sorted(sheet.carriers))
    yield "secrets", ", ".join(sheet.credentials)
    if sheet.optional_credentials:
        yield "secrets, if you like", ", ".join(sheet.optional_credentials)
    yield "asked", f"{sheet.batch_size} at once, {sheet.rate_per_second:g} calls per second"
    yield "interval", f"{span(sheet.minimum_interval)} between two questions about a parcel"
    yield "needs", ", ".join(sorted(sheet.needs))
    yield "answers", ", ".join(sorted(sheet.answers))
    yield "pushes", _pushes_in_words(sheet.id)
    yield "codes", f"{len(adapter.MILESTONES)} understood, {len(adapter.RESULT_CODES)} kinds of refusal"
    if sheet.checked_on:
        yield "checked on", f"{sheet.checked_on:%Y-%m-%d}"
    for name, takes in sheet.options.items():
        yield f"option {name}", takes
    for name, state in accounts:
        yield f"account {name}", state


def _pushes_in_words(source_id: str) -> str:
    from carriers.contract import Arranged, Proof
    from carriers.registry import pushing

    adapter = pushing(source_id)
    if adapter is None:
        return "none"
    sheet = adapter.PUSH
    asked = (
        "asked for by number"
        if sheet.arranged is Arranged.BY_NUMBER
        else "come for the account's own parcels"
    )
    address = (
        ", address in the vendor's console" if sheet.console or sheet.arranged is Arranged.BY_ACCOUNT else ""
    )
    proof = "signed" if sheet.proof is Proof.SIGNATURE else "known by a secret address"
    needed = "; needed before the source answers" if sheet.before_asking else ""
    return f"{asked}{address}; {proof}{needed}"


def _push_record(source_id: str) -> dict[str, object] | None:
    from carriers.registry import pushing

    adapter = pushing(source_id)
    return None if adapter is None else plain_record(adapter.PUSH)


def _record(adapter: "Carrier", accounts: Sequence[tuple[str, str]]) -> dict[str, Any]:
    sheet = adapter.INFO
    return {
        "source": sheet.id,
        "name_zh": sheet.name_zh,
        "name_en": sheet.name_en,
        "base_url": sheet.base_url,
        "carriers": sorted(sheet.carriers),
        "number_patterns": list(sheet.number_patterns),
        "batch_size": sheet.batch_size,
        "minimum_interval_seconds": sheet.minimum_interval.total_seconds(),
        "rate_per_second": sheet.rate_per_second,
        "burst": sheet.burst,
        "credentials": list(sheet.credentials),
        "options": dict(sheet.options),
        "needs": sorted(sheet.needs),
        "phone_tail_carriers": sorted(sheet.phone_tail_carriers),
        "answers": sorted(sheet.answers),
        "desk_phone": sheet.desk_phone,
        "push": _push_record(sheet.id),
        "codes": len(adapter.MILESTONES),
        "result_codes": len(adapter.RESULT_CODES),
        "checked_on": sheet.checked_on and sheet.checked_on.isoformat(),
        "accounts": [{"account": name, "state": state} for name, state in accounts],
    }
