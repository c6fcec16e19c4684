"""The nouns of the watching, and every decision as a closed list of words.

The values of the enums are the words in the database, the metrics and the console. Rows become these frozen
dataclasses in `store`; the pure stages (schedule, history, detection) take and give nothing else.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from carriers.contract import Milestone, Reason, Scan


class OrderState(StrEnum):
    """What the merchant says of the order."""

    OPEN = "open"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class Box(StrEnum):
    """The exclusive states of watching one shipment."""

    WATCHING = "watching"
    UNASSIGNED = "unassigned"  # no account answers for its carrier
    SETTLED = "settled"  # delivered, and quiet since
    RETURNED = "returned"  # the shipper has it back
    CANCELLED = "cancelled"  # the carrier cancelled it
    ORDER_CLOSED = "order_closed"  # the merchant cancelled or refunded the order
    GIVEN_UP = "given_up"  # nothing new for too long


class PollReason(StrEnum):
    """Why the next question is asked when it is."""

    FIRST_LOOK = "first_look"
    STAGE_INTERVAL = "stage_interval"
    MINIMUM_INTERVAL = "minimum_interval"
    QUIET_HOURS = "quiet_hours"
    NOT_FOUND_YET = "not_found_yet"
    RETRY = "retry"
    RETRY_AFTER = "retry_after"
    REFUSED_NUMBER = "refused_number"
    SAFETY_NET = "safety_net"
    INTERRUPTED = "interrupted"
    SETTLING = "settling"
    ASKED_BY_STAFF = "asked_by_staff"
    HINTED = "hinted"
    OTHER_SOURCE = "other_source"
    TOLD_FIRST = "told_first"
    ORDER_CHANGED = "order_changed"


class RouteReason(StrEnum):
    """Why this account is the one that is asked about a parcel."""

    FIRST_CHOICE = "first_choice"
    NO_PHONE_TAIL = "no_phone_tail"  # the one before wants the last digits of a phone, and there is none
    UNKNOWN_ELSEWHERE = "unknown_elsewhere"  # those before do not know the number, or do not show it
    SOURCE_AWAY = "source_away"  # the one before does not answer


class PollOutcome(StrEnum):
    """How one question about one shipment ended."""

    NEW_SCANS = "new_scans"
    UNCHANGED = "unchanged"
    NOT_FOUND_YET = "not_found_yet"
    INVALID_NUMBER = "invalid_number"
    OWNERSHIP_REFUSED = "ownership_refused"
    EXPIRED = "expired"
    UNREACHABLE = "unreachable"
    UNAVAILABLE = "unavailable"
    RATE_LIMITED = "rate_limited"
    AUTHENTICATION_FAILED = "authentication_failed"
    ACCESS_DENIED = "access_denied"
    QUOTA_EXHAUSTED = "quota_exhausted"
    UNREADABLE = "unreadable"

    @property
    def answered(self) -> bool:
        """Whether the source told us something true about this number."""
        return self in _ANSWERED


_ANSWERED = frozenset({PollOutcome.NEW_SCANS, PollOutcome.UNCHANGED, PollOutcome.NOT_FOUND_YET})


class PollWay(StrEnum):
    """Whether we asked or were told."""

    POLL = "poll"
    PUSH = "push"


class Breaker(StrEnum):
    """Whether an account may be used: closed lets calls through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class PushState(StrEnum):
    """How a subscription at a source stands."""

    WANTED = "wanted"
    ACTIVE = "active"
    FINISHED = "finished"
    ABANDONED = "abandoned"
    REFUSED = "refused"


class Lane(StrEnum):
    """Origin to destination, in four classes."""

    SAME_REGION = "same_region"
    SAME_PROVINCE = "same_province"
    CROSS_PROVINCE = "cross_province"
    REMOTE = "remote"


class Rule(StrEnum):
    """What can be found."""

    NO_FIRST_SCAN = "no_first_scan"
    STALLED = "stalled"
    FAILED_ATTEMPT = "failed_attempt"
    RECIPIENT_UNREACHABLE = "recipient_unreachable"
    REFUSED = "refused"
    OUT_OF_AREA = "out_of_area"
    PICKUP_ONLY = "pickup_only"
    RETURN_TO_SENDER = "return_to_sender"
    CANNOT_WATCH = "cannot_watch"


class Family(StrEnum):
    """Rules that speak of the same kind of trouble."""

    BEFORE_PICKUP = "before_pickup"
    TRANSIT = "transit"
    LAST_MILE = "last_mile"
    SERVICE_AREA = "service_area"
    RETURN = "return"
    DATA = "data"


class Urgency(StrEnum):
    """How soon a person is needed; declared from the least to the most."""

    TODAY = "today"
    SOON = "soon"
    NOW = "now"


class AlertState(StrEnum):
    """Whether a person should still know."""

    OPEN = "open"
    CLOSED = "closed"


class AlertEventKind(StrEnum):
    """What happened to an alert."""

    RAISED = "raised"
    REOPENED = "reopened"
    UPDATED = "updated"
    WORSENED = "worsened"
    CLOSED = "closed"


class AlertClose(StrEnum):
    """Why an alert closed."""

    FINDING_ENDED = "finding_ended"
    INHIBITED = "inhibited"
    ORDER_CLOSED = "order_closed"


class Suppression(StrEnum):
    """Why a finding raised no alert."""

    SHARPER_RULE = "sharper_rule"
    SOURCE_OUTAGE = "source_outage"
    ORDER_CLOSED = "order_closed"
    OLD_HISTORY = "old_history"


class WorkItemState(StrEnum):
    """Where a piece of work stands in the queue."""

    OPEN = "open"
    CLAIMED = "claimed"
    SNOOZED = "snoozed"
    CLOSED = "closed"


class WorkItemEventKind(StrEnum):
    """What happened to a work item."""

    OPENED = "opened"
    ALERT_ADDED = "alert_added"
    ALERT_WORSENED = "alert_worsened"
    ALERT_ENDED = "alert_ended"
    CLAIMED = "claimed"
    RELEASED = "released"
    CLAIM_RAN_OUT = "claim_ran_out"
    NOTED = "noted"
    SNOOZED = "snoozed"
    WOKE = "woke"
    CLOSED = "closed"


class CloseReason(StrEnum):
    """Why a work item was closed; the first three are written by the daemon, the others by staff."""

    ALERTS_ENDED = "alerts_ended"
    ORDER_CLOSED = "order_closed"
    DELIVERED = "delivered"
    HANDED_TO_CARRIER = "handed_to_carrier"
    MOVING_AGAIN = "moving_again"
    REDELIVERY_AGREED = "redelivery_agreed"
    ADDRESS_CORRECTED = "address_corrected"
    WILL_COLLECT = "will_collect"
    FORWARDED = "forwarded"
    RESHIPPED = "reshipped"
    RETURN_AGREED = "return_agreed"
    REFUNDED = "refunded"
    CLAIM_FILED = "claim_filed"
    NOTHING_WRONG = "nothing_wrong"
    OTHER = "other"


class Fate(StrEnum):
    """What became of a shipment at its place, as evidence about the carrier there."""

    SHIPPED = "shipped"
    DELIVERED_TO_DOOR = "delivered_to_door"
    DELIVERED_TO_STATION = "delivered_to_station"
    OUT_OF_AREA = "out_of_area"
    PICKUP_ONLY = "pickup_only"
    FAILED_ATTEMPT = "failed_attempt"
    REFUSED = "refused"
    RETURNED = "returned"


class Role(StrEnum):
    """What a member of staff may do."""

    AGENT = "agent"
    LEAD = "lead"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Region:
    """A place down to the town, by division codes (2, 4, 6 and 9 digits) with Chinese names; None where unknown."""

    province: str | None = None
    city: str | None = None
    district: str | None = None
    town: str | None = None
    province_name: str | None = None
    city_name: str | None = None
    district_name: str | None = None
    town_name: str | None = None

    @property
    def finest(self) -> str | None:
        """The code of the smallest place known."""
        return self.town or self.district or self.city or self.province


_STAND_INS = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})


def place_in_words(names: Iterable[str | None]) -> str:
    """Names of a place from the province down, as people say them: nothing twice (北京市 北京市), and without the rows
    that stand in the division tables where a level is missing, unless nothing finer is known."""
    known = [name for name in names if name]
    said = [name for name in known[:-1] if name not in _STAND_INS] + known[-1:]
    return " ".join(name for place, name in enumerate(said) if place == 0 or name != said[place - 1])


@dataclass(frozen=True, slots=True)
class Shipment:
    """The thing we watch, as the merchant described it. Money in fen, weight in grams, times aware UTC."""

    id: int
    order_number: str
    tracking_number: str
    carrier: str
    order_state: OrderState = OrderState.OPEN
    recipient: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    second_phone: str | None = field(default=None, repr=False)
    sender_phone_tail: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)
    region: Region = Region()
    buyer_id: str | None = None
    shop: str | None = None
    platform: str | None = None
    warehouse: str | None = None
    warehouse_address: str | None = None
    origin: Region = Region()
    distributor: str | None = None
    paid_at: datetime | None = None
    promised_ship_at: datetime | None = None
    presale: bool = False
    number_uploaded_at: datetime | None = None
    weight_grams: int | None = None
    value_fen: int | None = None
    cod_fen: int = 0
    order_note: str | None = field(default=None, repr=False)
    imported_at: datetime | None = None

    @property
    def at_stake_fen(self) -> int:
        """What is lost when the parcel is: the COD amount, else the value."""
        return self.cod_fen or self.value_fen or 0


@dataclass(frozen=True, slots=True)
class History:
    """All standing scans of one shipment, oldest first, and where they leave it."""

    scans: tuple[Scan, ...] = ()
    milestone: Milestone = Milestone.UNKNOWN
    milestone_since: datetime | None = None

    @property
    def first_scan_at(self) -> datetime | None:
        """When the carrier printed its first line."""
        return self.scans[0].occurred_at if self.scans else None

    @property
    def last_scan_at(self) -> datetime | None:
        """When the carrier printed its last line."""
        return self.scans[-1].occurred_at if self.scans else None

    def last_with(self, reason: Reason) -> Scan | None:
        """The latest scan that gives `reason`."""
        return next((scan for scan in reversed(self.scans) if reason in scan.reasons), None)


@dataclass(frozen=True, slots=True)
class PollSummary:
    """What asking about one shipment has brought so far."""

    watched_since: datetime
    last_polled_at: datetime | None = None
    last_answered_at: datetime | None = None
    last_outcome: PollOutcome | None = None
    failures_in_a_row: int = 0
    next_poll_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule is true now. `since` is when the evidence is from; `facts` fill the sentence for staff (plain values,
    no personal data); `weight` grows when the evidence gets worse (raises the alert again). `worse_at` is when that
    happens next if nothing is heard until then; it is not stored."""

    rule: Rule
    since: datetime
    facts: dict[str, str | int] = field(default_factory=dict)
    weight: int = 1
    deadline: datetime | None = None
    worse_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class NotYet:
    """A rule is not true now, but becomes so at `at` if nothing is heard until then."""

    at: datetime


@dataclass(frozen=True, slots=True)
class WorkItem:
    """All alerts of one shipment, as one piece of work. `version` grows with every change of the row."""

    id: int
    shipment_id: int
    state: WorkItemState
    at_risk_fen: int
    urgency: Urgency
    deadline: datetime | None
    priority: float
    opened_at: datetime
    changed_at: datetime
    claimed_by: int | None = None
    claimed_until: datetime | None = None
    snoozed_until: datetime | None = None
    closed_at: datetime | None = None
    close_reason: CloseReason | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class WorkItemEvent:
    """One change of a work item: who (None: the daemon), when, from, to. `facts` hold what the new state needs to be
    understood (until when, why, which alert), never personal data; `note` is what staff wrote."""

    kind: WorkItemEventKind
    at: datetime
    staff_id: int | None = None
    from_state: WorkItemState | None = None
    to_state: WorkItemState | None = None
    note: str | None = field(default=None, repr=False)
    facts: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KnownFinding:
    """A finding as it is stored: the `episode` counts how often its rule became true for this shipment (from 1)."""

    id: int
    shipment_id: int
    episode: int
    finding: Finding
    found_at: datetime
    ended_at: datetime | None = None
    suppressed_by: Suppression | None = None
    alerting_pending: bool = False

    @property
    def rule(self) -> Rule:
        """The rule that found it."""
        return self.finding.rule


@dataclass(frozen=True, slots=True)
class Alert:
    """A finding that a person should know, as it is stored. Identity is (shipment, rule, episode)."""

    id: int
    shipment_id: int
    finding_id: int
    rule: Rule
    episode: int
    state: AlertState
    urgency: Urgency
    weight: int
    at_risk_fen: int
    deadline: datetime | None
    facts: dict[str, str | int]
    raised_at: datetime
    changed_at: datetime
    closed_at: datetime | None = None
    close_reason: AlertClose | None = None

    @property
    def is_open(self) -> bool:
        """Whether a person should still know."""
        return self.state is AlertState.OPEN
