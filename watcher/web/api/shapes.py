"""What goes over the wire under /api. Times are ISO 8601, money in fen, ages in seconds, words from closed lists.

Numbers are masked here as they are on the pages: `POST …/reveal` gives them, and is written down.
"""

import re
from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from carriers.contract import Milestone, Reason, Scan
from watcher.coverage.table import CoverageLine
from watcher.detection import table
from watcher.model import (
    AlertState,
    Box,
    CloseReason,
    Fate,
    OrderState,
    PollReason,
    Region,
    Role,
    RouteReason,
    Rule,
    Urgency,
    WorkItemEventKind,
    WorkItemState,
)
from watcher.queue.cards import Card, Line, Moment, Overview
from watcher.queue.contacts import Contact, Who
from watcher.staff import Session
from watcher.store.queue_view import CardAlert
from watcher.store.shipment_view import WatchView
from watcher.web.languages import Language
from watcher.web.masking import mask_numbers, unless_open

_UNSPEAKABLE = re.compile("[\x00\ud800-\udfff]")


def _speakable(text: str) -> str:
    r"""JSON can spell halves of letters (`\ud800`) and NUL, which no database keeps."""
    if _UNSPEAKABLE.search(text):
        raise ValueError("holds something that is no letter")
    return text


Text = Annotated[str, AfterValidator(_speakable)]
"""Words of a person."""


class SignIn(BaseModel):
    """Name and password."""

    name: Text = Field(max_length=100)
    password: Text = Field(max_length=1000)


class SessionOut(BaseModel):
    """Who is signed in. Send `form_token` as `X-Form-Token` with everything that changes something."""

    name: str
    role: Role
    form_token: str
    expires_at: datetime

    @classmethod
    def of(cls, session: Session) -> Self:
        """From a session."""
        return cls(
            name=session.name,
            role=session.role,
            form_token=session.form_token,
            expires_at=session.expires_at,
        )


class WorkItemLine(BaseModel):
    """One work item in the list; `rules` holds the most pressing first."""

    id: int
    shipment_id: int
    state: WorkItemState
    rules: tuple[Rule, ...]
    order_number: str
    tracking_number: str
    carrier: str
    place: str
    at_risk_fen: int
    urgency: Urgency
    deadline: datetime | None
    opened_at: datetime
    claimed_by: str | None
    claimed_until: datetime | None
    snoozed_until: datetime | None
    closed_at: datetime | None
    close_reason: CloseReason | None
    milestone: Milestone
    last_answered_at: datetime | None
    data_age_seconds: int | None

    @classmethod
    def of(cls, line: Line) -> Self:
        """From a line of the queue."""
        same = {name: getattr(line, name) for name in cls.model_fields if hasattr(line, name)}
        age = line.data_age
        return cls(
            **same,
            id=line.work_item_id,
            data_age_seconds=int(age.total_seconds()) if age is not None else None,
        )


class WorkItemList(BaseModel):
    """One page. `total` counts what the filter finds (up to 10000), `counts` all that is not closed, by state."""

    items: list[WorkItemLine]
    total: int
    counts: dict[WorkItemState, int]

    @classmethod
    def of(cls, found: Overview) -> Self:
        """From a page of the queue."""
        return cls(
            items=[WorkItemLine.of(line) for line in found.lines],
            total=found.total,
            counts=dict(found.counts),
        )


class AlertOut(BaseModel):
    """What is wrong, with the sentence for staff in the language of the request."""

    id: int
    rule: Rule
    episode: int
    state: AlertState
    urgency: Urgency
    sentence: str
    since: datetime
    deadline: datetime | None
    at_risk_fen: int
    raised_at: datetime
    closed_at: datetime | None

    @classmethod
    def of(cls, alert: CardAlert, *, language: Language) -> Self:
        """From an alert."""
        same = {name: getattr(alert, name) for name in cls.model_fields if hasattr(alert, name)}
        said = table.sentence(alert.rule, alert.facts, language=language)
        return cls(**same, sentence=mask_numbers(said))


class ContactOut(BaseModel):
    """Somebody to call; `tel` only once the numbers were revealed, or where the number is public."""

    who: Who
    name: str | None
    phone: str
    tel: str | None

    @classmethod
    def of(cls, contact: Contact, *, revealed: bool) -> Self:
        """From a contact."""
        phone, shown = contact.phone, revealed or contact.phone.kind == "hotline"
        return cls(
            who=contact.who,
            name=unless_open(contact.name, revealed=revealed),
            phone=phone.shown if shown else phone.masked,
            tel=phone.tel_uri if shown else None,
        )


class ContactsOut(BaseModel):
    """Both sides."""

    recipient: list[ContactOut]
    courier: list[ContactOut]
    revealed_until: datetime | None

    @classmethod
    def of(cls, card: Card, *, revealed_until: datetime | None) -> Self:
        """From a card."""
        open_now = revealed_until is not None
        return cls(
            recipient=[ContactOut.of(one, revealed=open_now) for one in card.contacts.recipient],
            courier=[ContactOut.of(one, revealed=open_now) for one in card.contacts.courier],
            revealed_until=revealed_until,
        )


class ScanOut(BaseModel):
    """One line the carrier printed."""

    milestone: Milestone
    reasons: tuple[Reason, ...]
    text: str
    facility: str | None
    city: str | None

    @classmethod
    def of(cls, scan: Scan, *, revealed: bool) -> Self:
        """From a scan."""
        return cls(
            milestone=scan.milestone,
            reasons=scan.reasons,
            text=scan.text if revealed else mask_numbers(scan.text),
            facility=unless_open(scan.facility, revealed=revealed),
            city=unless_open(scan.city, revealed=revealed),
        )


class HappenedOut(BaseModel):
    """One thing that happened in the queue; `staff` is None where the watcher did it."""

    kind: WorkItemEventKind
    staff: str | None
    note: str | None


class MomentOut(BaseModel):
    """One thing in the time line: a scan, or something that happened in the queue."""

    at: datetime
    scan: ScanOut | None = None
    happened: HappenedOut | None = None

    @classmethod
    def of(cls, moment: Moment, *, revealed: bool) -> Self:
        """From a moment."""
        if moment.scan:
            return cls(at=moment.at, scan=ScanOut.of(moment.scan, revealed=revealed))
        if moment.happened is None:
            return cls(at=moment.at)
        event = moment.happened.event
        note = unless_open(event.note, revealed=revealed)
        return cls(
            at=moment.at,
            happened=HappenedOut(kind=event.kind, staff=moment.happened.staff_name, note=note),
        )


class PlaybookOut(BaseModel):
    """What to do and to say, in the language of the request."""

    steps: list[str]
    recipient: str
    courier: str


class ItemOut(BaseModel):
    """The state of the work item itself, and in words why it stands where it stands."""

    id: int
    state: WorkItemState
    at_risk_fen: int
    urgency: Urgency
    deadline: datetime | None
    opened_at: datetime
    claimed_by: str | None
    claimed_until: datetime | None
    snoozed_until: datetime | None
    closed_at: datetime | None
    close_reason: CloseReason | None
    why: str


class RegionOut(BaseModel):
    """Division codes."""

    province: str | None
    city: str | None
    district: str | None
    town: str | None

    @classmethod
    def of(cls, region: Region) -> Self:
        """From a region."""
        return cls(**{name: getattr(region, name) for name in cls.model_fields})


class WatchOut(BaseModel):
    """How it is watched, and how fresh what we know is."""

    box: Box
    account: str | None
    last_polled_at: datetime | None
    last_answered_at: datetime | None
    failures_in_a_row: int
    next_poll_at: datetime | None
    poll_reason: PollReason
    route_reason: RouteReason
    asked_elsewhere: tuple[str, ...]

    @classmethod
    def of(cls, watch: WatchView) -> Self:
        """From a watch."""
        return cls(**{name: getattr(watch, name) for name in cls.model_fields})


class ShipmentOut(BaseModel):
    """One parcel with all we know. `work_item` is None where none is open and none was."""

    id: int
    order_number: str
    tracking_number: str
    carrier: str
    order_state: OrderState
    recipient: str | None
    address: str | None
    place: str
    region: RegionOut
    shop: str | None
    platform: str | None
    value_fen: int | None
    cod_fen: int
    milestone: Milestone
    milestone_since: datetime | None
    watch: WatchOut | None
    alerts: list[AlertOut]
    contacts: ContactsOut
    time_line: list[MomentOut]
    playbook: PlaybookOut | None
    work_item: ItemOut | None


class ShipmentList(BaseModel):
    """All parcels with one number."""

    shipments: list[ShipmentOut]


class NextCall(BaseModel):
    """The work item to do next, claimed; None when there is nothing to do."""

    work_item_id: int | None


class NoteIn(BaseModel):
    """A note of 1 to 2000 characters."""

    text: Text


class SnoozeIn(BaseModel):
    """When it comes back (a time with a zone), with or without a note."""

    until: AwareDatetime
    note: Text | None = None


class CloseIn(BaseModel):
    """What came of it, with or without a note."""

    reason: CloseReason
    note: Text | None = None


class CoverageOut(BaseModel):
    """One carrier in one region: counts of parcels by fate, never a percentage."""

    carrier: str
    level: str
    region: str | None
    place: str
    shipments: int
    troubled: int
    counts: dict[Fate, int]
    days_in_transit: float | None

    @classmethod
    def of(cls, line: CoverageLine) -> Self:
        """From a line of the table."""
        return cls(**{name: getattr(line, name) for name in cls.model_fields})


class CoverageList(BaseModel):
    """One page of the table, most troubled first."""

    lines: list[CoverageOut]
    total: int
