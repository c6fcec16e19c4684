"""What an adapter is: two pure functions and tables of data. It does no I/O and reads no clock.

A caller builds `Query` objects, an adapter turns them into one `httpx.Request` and the response into one `Track` or
`ShipmentError` for every query asked. Sources that call us back implement `Pushing` as well, those that have to be
asked to do so `Subscribing`, and those that then ask whether we are there `Confirming`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

import httpx

from carriers.errors import CarrierError, ShipmentError, UnreadableResponse

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Milestone(StrEnum):
    """How far a parcel has come."""

    UNKNOWN = "unknown"
    PRE_TRANSIT = "pre_transit"
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    ARRIVED_AT_DESTINATION_CITY = "arrived_at_destination_city"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_PICKUP = "ready_for_pickup"
    DELIVERED = "delivered"
    DELIVERED_TO_PROXY = "delivered_to_proxy"
    RETURNING = "returning"
    RETURNED = "returned"
    EXCEPTION = "exception"
    CANCELLED = "cancelled"


class Reason(StrEnum):
    """Why a parcel does not go on. Declared in the fixed order in which several are listed."""

    FAILED_ATTEMPT = "failed_attempt"
    RECIPIENT_UNREACHABLE = "recipient_unreachable"
    REFUSED = "refused"
    OUT_OF_AREA = "out_of_area"
    PICKUP_ONLY = "pickup_only"
    BAD_ADDRESS = "bad_address"
    BAD_PHONE = "bad_phone"
    PICKUP_OVERDUE = "pickup_overdue"
    DAMAGED = "damaged"
    LOST = "lost"
    DELAYED_TRANSIT = "delayed_transit"
    MISSORTED = "missorted"
    INTERCEPTED = "intercepted"
    HELD = "held"
    WEATHER_OR_FORCE_MAJEURE = "weather_or_force_majeure"
    RESCHEDULE_BY_RECIPIENT_OR_HOLIDAY = "reschedule_by_recipient_or_holiday"
    RETURN_TO_SENDER = "return_to_sender"
    COD_PROBLEM = "cod_problem"


_REASON_ORDER = {reason: position for position, reason in enumerate(Reason)}


def in_order(reasons: "frozenset[Reason] | set[Reason] | Sequence[Reason]") -> tuple[Reason, ...]:
    """The reasons without repeats, in their fixed order."""
    return tuple(sorted(set(reasons), key=_REASON_ORDER.__getitem__))


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one code of a carrier says: a milestone (None keeps the one before) and reasons."""

    milestone: Milestone | None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """One question about one number of one carrier.

    `phone_tail` is the last four digits of the sender's or the recipient's phone, for sources that ask for it.
    """

    carrier: str
    tracking_number: str
    phone_tail: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """Our credentials at one source. `options` changes what could not be verified of a source; all values are text."""

    id: str
    source: str
    credentials: Mapping[str, str] = field(repr=False)
    base_url: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a signed request needs from time and chance, handed in so that signing stays pure."""

    at: datetime
    nonce: str


@dataclass(frozen=True, slots=True)
class Scan:
    """One line the carrier printed.

    `occurred_at` is aware, UTC; `local_time` is the time as printed. `milestone` and `reasons` say what the carrier's
    code says (milestone `unknown` where it says nothing); the reader refines them from `text`, which stays verbatim.
    `facility` is the hub or branch that printed it, `station` where the parcel lies or was handed over.
    """

    occurred_at: datetime
    local_time: str
    milestone: Milestone
    text: str
    reasons: tuple[Reason, ...] = ()
    carrier_code: str = ""
    city: str | None = None
    facility: str | None = None
    facility_phone: str | None = None
    courier_name: str | None = None
    courier_phone: str | None = None
    station: str | None = None
    station_phone: str | None = None
    pickup_code: str | None = None
    signed_by: str | None = None

    @property
    def identity(self) -> str:
        """32 hex digits that are equal for the same line printed again, whatever we read from it."""
        line = f"{self.occurred_at.isoformat()}\x1f{self.carrier_code}\x1f{self.text}"
        return hashlib.blake2b(line.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Track:
    """One answer about one number: scans oldest first; `complete` when it lists the whole history, not only news."""

    carrier: str
    tracking_number: str
    scans: tuple[Scan, ...]
    complete: bool = True
    eta: datetime | None = None
    proof_of_delivery: str | None = None
    new_tracking_number: str | None = None
    unmapped_codes: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """32 hex digits over all scans: equal digests mean that nothing new was said."""
        whole = hashlib.blake2b(digest_size=16)
        for scan in self.scans:
            whole.update(scan.identity.encode())
        return whole.hexdigest()


Answers = Mapping[Query, Track | ShipmentError | UnreadableResponse]
"""`UnreadableResponse` for one number: what the source said about its neighbours could be read."""


class Need(StrEnum):
    """What a source wants beside the number."""

    PHONE_TAIL = "phone_tail"
    CUSTOMER_CODE = "customer_code"


class Answer(StrEnum):
    """What a source can give beside scans."""

    PUSH = "push"
    COURIER_PHONE = "courier_phone"
    PROOF_OF_DELIVERY = "proof_of_delivery"
    ETA = "eta"


@dataclass(frozen=True, slots=True)
class CarrierInfo:
    """The capability sheet of one source.

    `carriers` maps our carrier id to the source's own code for it (a carrier's own API: its id to itself).
    `minimum_interval` is the shortest time between two questions about one parcel; `rate_per_second` and `burst` are
    calls of one account. `credentials` names the keys an `Account` must hold, `optional_credentials` and `options`
    those it may hold; `options` says what each does. `checked_on` is the day on which all of it was last held against
    what the vendor publishes.
    """

    id: str
    name_zh: str
    name_en: str
    base_url: str
    carriers: Mapping[str, str]
    number_patterns: tuple[str, ...]
    batch_size: int
    minimum_interval: timedelta
    rate_per_second: float
    burst: int
    credentials: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)
    optional_credentials: tuple[str, ...] = ()
    needs: frozenset[Need] = frozenset()
    phone_tail_carriers: frozenset[str] = frozenset()
    answers: frozenset[Answer] = frozenset()
    desk_phone: str | None = None
    checked_on: date | None = None


class Carrier(Protocol):
    """An adapter module."""

    INFO: CarrierInfo
    RESULT_CODES: Mapping[str, type[CarrierError]]
    MILESTONES: Mapping[str, Meaning]

    def request(self, queries: Sequence[Query], account: Account, stamp: Stamp) -> httpx.Request:
        """One HTTP request that asks for all `queries` (at most `INFO.batch_size`)."""
        ...

    def read(self, response: httpx.Response, queries: Sequence[Query]) -> Answers:
        """An answer for every query asked; raises a `CarrierError` only when the whole call failed.

        A `ShipmentError` is raised when one of several numbers is to blame and the source did not say which: asked
        one by one, they tell.
        """
        ...


@dataclass(frozen=True, slots=True)
class Token:
    """What lets us in for a while, as the source gave it."""

    value: str = field(repr=False)
    lasts: timedelta


class TokenBearing(Protocol):
    """What an adapter adds when its source wants a bearer token, fetched with the credentials and kept for a while."""

    INFO: CarrierInfo

    def token_request(self, account: Account) -> httpx.Request:
        """The request that asks for a token."""
        ...

    def read_token(self, response: httpx.Response) -> Token:
        """The token; raises a `CarrierError` where there is none."""
        ...


class PushEnd(StrEnum):
    """Why a source says that it will push no more about a number."""

    FINISHED = "finished"
    ABANDONED = "abandoned"


class Arranged(StrEnum):
    """How a source comes to push about a number."""

    BY_NUMBER = "by_number"
    """We ask for it, number by number: the adapter is `Subscribing`."""
    BY_ACCOUNT = "by_account"
    """By itself, about the account's own parcels, once the vendor's console knows our address."""


class Proof(StrEnum):
    """What shows that a push comes from the source."""

    SIGNATURE = "signature"
    """`verify` finds it in the call."""
    SECRET_PATH = "secret_path"  # noqa: S105 - the kind of proof, no secret
    """Nothing in the call: only the source knows the address that it calls."""


@dataclass(frozen=True, slots=True)
class PushSheet:
    """The capability sheet of a source's pushes.

    `batch_size` is how many numbers one subscription may name. With `before_asking` the source knows nothing of a
    number that was not subscribed, so that asking about it is in vain. `console` says that the address to call stands
    in the vendor's console and not in the subscription. With `recipient_phone` a subscription is held against the
    recipient's phone alone, so that the tail of the sender's does not open it.
    """

    arranged: Arranged = Arranged.BY_NUMBER
    proof: Proof = Proof.SIGNATURE
    batch_size: int = 1
    before_asking: bool = False
    console: bool = False
    recipient_phone: bool = False


@dataclass(frozen=True, slots=True)
class PushRequest:
    """A call that reached our webhook, as it came over the wire; names of `headers` are in lower case."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class PushReply:
    """The exact answer the source wants to see."""

    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Pushed:
    """What one push says about one number. `carrier` and `new_carrier` are the source's own carrier codes mapped to
    ours; `ended` tells that the subscription is over. Without an `answer` and not ended, the push is a hint to ask."""

    carrier: str
    tracking_number: str
    answer: Track | ShipmentError | None
    ended: PushEnd | None = None
    new_carrier: str | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where and how a source shall call us back about a number. `secret` signs the pushes of sources that take one
    with the subscription."""

    callback_url: str
    secret: str


class Pushing(Protocol):
    """What an adapter adds when its source can call us back."""

    INFO: CarrierInfo
    PUSH: PushSheet

    def verify(self, push: PushRequest, account: Account, secret: str) -> bool:
        """Whether the push carries the signature that the account's credentials, or the subscription's `secret`, give;
        compared in constant time. True where `PUSH.proof` is the secret path and nothing in the call speaks against it.
        """
        ...

    def read_push(self, push: PushRequest, account: Account) -> tuple[Pushed, ...]:
        """What the push says; raises `UnreadableResponse` when it is not the shape we know."""
        ...

    def acknowledge(self, push: PushRequest, account: Account, *, accepted: bool) -> PushReply:
        """The source's exact reply for taken, or for "send it again"; whatever came, it never raises."""
        ...


class Subscribing(Pushing, Protocol):
    """What an adapter adds when its source has to be asked to call us back."""

    def subscribe(
        self, queries: Sequence[Query], account: Account, stamp: Stamp, subscription: Subscription
    ) -> httpx.Request:
        """The request that asks for pushes about these numbers, at most `PUSH.batch_size`."""
        ...

    def read_subscription(
        self, response: httpx.Response, queries: Sequence[Query]
    ) -> Mapping[Query, ShipmentError | None]:
        """For every number None when the subscription stands (also when it stood before), or why it does not; raises
        when the whole call failed, a `ShipmentError` when one of several numbers is to blame and was not named."""
        ...


class Confirming(Subscribing, Protocol):
    """What an adapter adds when a subscription stands only after a call has asked us whether we are there."""

    def confirmation(self, push: PushRequest, account: Account) -> httpx.Request | None:
        """The request that says yes to such a call; None for every other. Raises `UnreadableResponse` when the call is
        not the shape we know."""
        ...

    def read_confirmation(self, response: httpx.Response) -> None:
        """Raises a `CarrierError` unless the subscription stands now."""
        ...
