"""`watcher track`: all that is known about one parcel, and why it is asked about and alerted as it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watcher.cli.database import existing_store
from watcher.cli.options import AsJson, ConfigFile
from watcher.cli.speaking import CommandFailed, local, plain_record, say, say_json, say_table, span

if TYPE_CHECKING:
    from carriers.contract import Scan
    from watcher.model import Region, Shipment
    from watcher.store.engine import Store
    from watcher.store.health import AccountRow
    from watcher.store.queue_view import CardAlert
    from watcher.store.shipment_view import FindingView, ShipmentView, WatchView


@dataclass(frozen=True, slots=True)
class Known:
    """One shipment and all that is stored about it."""

    shipment: "Shipment"
    scans: "Sequence[Scan]"
    view: "ShipmentView"
    alerts: "Sequence[CardAlert]"
    account: "AccountRow | None" = None


def command(
    number: Annotated[str, typer.Argument(help="A tracking number or an order number.")],
    why: Annotated[
        bool,
        typer.Option("--why", help="Also list the questions asked so far, and why each was asked."),
    ] = False,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Show a parcel's time line, findings and alerts; phones are masked."""
    from watcher.clock import SystemClock

    with existing_store(config) as store:
        known = _known(store, number)
    if not known:
        raise CommandFailed(f"no shipment has the tracking or order number {number!r}: was it imported?")
    for one in known:
        if json:
            say_json(_record(one, why=why))
        else:
            _tell(one, why=why, now=SystemClock().now())


def _known(store: "Store", number: str) -> list[Known]:
    from watcher.store import health, queue_view, scans, shipments
    from watcher.store.shipment_view import view

    with store.read() as connection:
        found = shipments.by_number(connection, number.strip())
        lines = scans.standing(connection, [shipment.id for shipment in found])
        accounts = {account.account: account for account in health.accounts(connection)}
        views = {shipment.id: view(connection, shipment.id) for shipment in found}
        return [
            Known(
                shipment=shipment,
                scans=lines[shipment.id],
                view=views[shipment.id],
                alerts=tuple(queue_view.alerts(connection, shipment.id)),
                account=accounts.get(_asked_by(views[shipment.id])),
            )
            for shipment in found
        ]


def _asked_by(view: "ShipmentView") -> str:
    return (view.watch and view.watch.account) or ""


# --- for people


def _tell(one: Known, *, why: bool, now: datetime) -> None:
    shipment, watch = one.shipment, one.view.watch
    say(
        f"{shipment.carrier} {shipment.tracking_number}, order {shipment.order_number} ({shipment.order_state})"
    )
    say(f"  goes to: {_destination(shipment.region)}")
    say(f"  stands: {_standing(watch, now=now)}")
    say(f"  asked next: {_next_poll(watch, shipment.carrier, now=now)}")
    if one.account and one.account.breaker != "closed":
        say(f"  source: {_source_down(one.account)}")
    if one.scans:
        say_table(("when", "milestone", "reasons", "text"), (_scan_row(scan) for scan in one.scans))
    else:
        say("  no scan yet")
    _tell_some(
        ("finding", "says", "since", "ended", "became"), [_finding_row(found) for found in one.view.findings]
    )
    _tell_some(
        ("alert", "state", "raised", "urgency", "closed because"), [_alert_row(alert) for alert in one.alerts]
    )
    items = [(item.id, item.state, local(item.opened_at), item.close_reason) for item in one.view.work_items]
    _tell_some(("work item", "state", "opened", "closed because"), items)
    if why:
        polls = [
            (local(poll.polled_at), poll.way, poll.reason, poll.outcome, poll.new_scans, poll.code)
            for poll in one.view.polls
        ]
        _tell_some(("asked at", "way", "because", "outcome", "new scans", "code"), polls)


def _tell_some(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    if rows:
        say_table(columns, rows)


def _standing(watch: "WatchView | None", *, now: datetime) -> str:
    if watch is None:
        return "not watched"
    answered = watch.last_answered_at
    fresh = f"last answer {span(now - answered)} ago" if answered else "no answer yet"
    since = f" since {local(watch.milestone_since)}" if watch.milestone_since else ""
    return f"{watch.milestone}{since}; {watch.box}; {fresh}"


def _destination(region: "Region") -> str:
    from watcher.model import place_in_words

    names = (region.province_name, region.city_name, region.district_name, region.town_name)
    return place_in_words(names) or "no place that is known: its address is missing or not understood"


def _source_down(account: "AccountRow") -> str:
    since = f" since {local(account.broken_since)}" if account.broken_since else ""
    error = f" ({account.last_error})" if account.last_error else ""
    return f"{account.source} by {account.account} does not answer{since}{error}: what is known may be old"


def _next_poll(watch: "WatchView | None", carrier: str, *, now: datetime) -> str:
    if watch is None:
        return "never, it is not watched"
    if watch.account is None:
        return f"never: no account answers for {carrier}; `watcher carriers` says which sources do"
    if watch.next_poll_at is None:
        return f"never, it is {watch.box}"
    ahead = watch.next_poll_at - now
    from watcher.model import RouteReason

    how_soon = f"in {span(ahead)}" if ahead.total_seconds() > 0 else f"due for {span(ahead)}"
    route = f" ({watch.route_reason})" if watch.route_reason != RouteReason.FIRST_CHOICE else ""
    return f"{local(watch.next_poll_at)} ({how_soon}) by {watch.account}{route}, because {watch.poll_reason}"


def _finding_row(found: "FindingView") -> tuple[object, ...]:
    from watcher.detection.table import sentence

    decision = f"no alert: {found.suppressed_by}" if found.suppressed_by else "an alert"
    says = sentence(found.rule, found.facts, language="en")
    return found.rule, says, local(found.since), local(found.ended_at), decision


def _alert_row(alert: "CardAlert") -> tuple[object, ...]:
    return alert.rule, alert.state, local(alert.raised_at), alert.urgency, alert.close_reason


def _scan_row(scan: "Scan") -> tuple[object, ...]:
    from watcher.telemetry import masked

    return scan.local_time, scan.milestone, ", ".join(scan.reasons), masked(scan.text)


# --- for machines


def _record(one: Known, *, why: bool) -> dict[str, Any]:
    shipment, view = one.shipment, one.view
    return {
        "order_number": shipment.order_number,
        "tracking_number": shipment.tracking_number,
        "carrier": shipment.carrier,
        "order_state": shipment.order_state,
        "region": plain_record(shipment.region),
        "watch": plain_record(view.watch),
        "source_down_since": one.account and one.account.broken_since,
        "scans": list(_scan_records(one.scans)),
        "findings": plain_record(view.findings),
        "alerts": plain_record(one.alerts),
        "work_items": plain_record(view.work_items),
        **({"polls": plain_record(view.polls)} if why else {}),
    }


def _scan_records(scans: "Sequence[Scan]") -> Iterator[dict[str, Any]]:
    from watcher.telemetry import masked

    for scan in scans:
        yield {
            "occurred_at": scan.occurred_at,
            "local_time": scan.local_time,
            "milestone": scan.milestone,
            "reasons": list(scan.reasons),
            "carrier_code": scan.carrier_code,
            "city": scan.city,
            "text": masked(scan.text),
        }
