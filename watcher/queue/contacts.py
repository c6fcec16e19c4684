"""Whom to call about a parcel: the order and its scans come in, phones that can be dialled go out. Pure.

Two lists, each with the best one first: the recipient's numbers, and whoever has the parcel in hand.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from carriers.contract import Milestone, Scan
from watcher.intake.phones import DialledPhone, dial
from watcher.model import History, Shipment


class Who(StrEnum):
    """Who answers."""

    RECIPIENT = "recipient"
    SECOND_PHONE = "second_phone"
    COURIER = "courier"
    STATION = "station"
    BRANCH = "branch"
    CARRIER_DESK = "carrier_desk"


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to call. `name` is the person's, the station's or the branch's, where we know it."""

    who: Who
    name: str | None = field(repr=False)
    phone: DialledPhone


@dataclass(frozen=True, slots=True)
class Contacts:
    """The recipient's numbers, and those on the carrier's side: the deliverer, the station, the branch, the desk."""

    recipient: tuple[Contact, ...] = ()
    courier: tuple[Contact, ...] = ()


# from the first of these on, a courier in a scan is the one who delivers; before, he is the one who collected
_AT_THE_DESTINATION = frozenset(
    {
        Milestone.ARRIVED_AT_DESTINATION_CITY,
        Milestone.OUT_FOR_DELIVERY,
        Milestone.READY_FOR_PICKUP,
        Milestone.DELIVERED,
        Milestone.DELIVERED_TO_PROXY,
        Milestone.RETURNING,
        Milestone.EXCEPTION,
    }
)


def contacts(shipment: Shipment, history: History, desk_phone: str | None) -> Contacts:
    """Everybody who can be called; numbers that cannot be dialled are left out, none stands twice in a list."""
    return Contacts(recipient=_once(_recipients(shipment)), courier=_once(_carrier_side(history, desk_phone)))


def _recipients(shipment: Shipment) -> Iterator[Contact | None]:
    yield _contact(Who.RECIPIENT, shipment.recipient, shipment.phone)
    yield _contact(Who.SECOND_PHONE, shipment.recipient, shipment.second_phone)


def _carrier_side(history: History, desk_phone: str | None) -> Iterator[Contact | None]:
    yield _latest(
        _last_mile(history), lambda scan: _contact(Who.COURIER, scan.courier_name, scan.courier_phone)
    )
    yield _latest(history.scans, lambda scan: _contact(Who.STATION, scan.station, scan.station_phone))
    yield _latest(history.scans, lambda scan: _contact(Who.BRANCH, scan.facility, scan.facility_phone))
    yield _contact(Who.CARRIER_DESK, None, desk_phone)


def _last_mile(history: History) -> tuple[Scan, ...]:
    """The scans since the parcel reached its destination, without the hand-over to the shipper after a return."""
    starts = (place for place, scan in enumerate(history.scans) if scan.milestone in _AT_THE_DESTINATION)
    start = next(starts, len(history.scans))
    return tuple(scan for scan in history.scans[start:] if scan.milestone is not Milestone.RETURNED)


def _latest(scans: tuple[Scan, ...], find: Callable[[Scan], Contact | None]) -> Contact | None:
    return next((found for scan in reversed(scans) if (found := find(scan))), None)


def _contact(who: Who, name: str | None, raw: str | None) -> Contact | None:
    phone = dial(raw) if raw else None
    return Contact(who, name, phone) if phone else None


def _once(found: Iterator[Contact | None]) -> tuple[Contact, ...]:
    by_number: dict[str, Contact] = {}
    for contact in found:
        if contact:
            by_number.setdefault(contact.phone.tel_uri, contact)
    return tuple(by_number.values())
