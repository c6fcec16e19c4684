"""A parcel's scripted life: what happens to it, when, and what a watcher should raise about it.

Made by `stories` or handed in by a caller; the vendors' players print from it what has happened by now.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from itertools import pairwise
from operator import attrgetter

CHINA = timezone(timedelta(hours=8))
_CITY_ENDINGS = (
    "土家族苗族自治州",
    "苗族侗族自治州",
    "蒙古族藏族自治州",
    "朝鲜族自治州",
    "哈萨克自治州",
    "藏族自治州",
    "白族自治州",
    "地区",
    "市",
)
_AFTER = attrgetter("after")


class EventKind(StrEnum):
    """What can happen to a parcel."""

    ORDERED = "ordered"
    COLLECTED = "collected"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    ARRIVED_DESTINATION = "arrived_destination"
    OUT_FOR_DELIVERY = "out_for_delivery"
    ATTEMPT_FAILED = "attempt_failed"
    RECIPIENT_UNREACHABLE = "recipient_unreachable"
    REFUSED = "refused"
    OUT_OF_AREA = "out_of_area"
    PICKUP_ONLY = "pickup_only"
    AT_STATION = "at_station"
    COLLECTED_FROM_STATION = "collected_from_station"
    DELIVERED = "delivered"
    DELIVERED_TO_PROXY = "delivered_to_proxy"
    RETURNING = "returning"
    RETURNED = "returned"
    HANDED_OVER = "handed_over"  # to a carrier that reaches the place
    HELD = "held"
    DAMAGED = "damaged"
    NOTE = "note"


SIGNED_KINDS = frozenset(
    {EventKind.DELIVERED, EventKind.DELIVERED_TO_PROXY, EventKind.COLLECTED_FROM_STATION}
)
END_KINDS = SIGNED_KINDS | {EventKind.RETURNED}
TROUBLES = {
    EventKind.ATTEMPT_FAILED: "failed_attempt",
    EventKind.RECIPIENT_UNREACHABLE: "recipient_unreachable",
    EventKind.REFUSED: "refused",
    EventKind.OUT_OF_AREA: "out_of_area",
    EventKind.PICKUP_ONLY: "pickup_only",
    EventKind.RETURNING: "return_to_sender",
}
RULES = ("no_first_scan", "stalled", *TROUBLES.values())
_FIRST_SCAN_WITHIN = timedelta(hours=24)
_STALLED_AFTER = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Place:
    """A real place at town level. A municipality has no city of its own, some cities have no districts."""

    province: str
    city: str
    district: str
    town: str
    remote: bool = False
    rural: bool = False

    @property
    def short_city(self) -> str:
        """The city's name as couriers print it: 杭州 for 杭州市."""
        city = self.printed_city
        return city.removesuffix(next((ending for ending in _CITY_ENDINGS if city.endswith(ending)), ""))

    @property
    def printed_city(self) -> str:
        """The city as a field of its own: 杭州市, 上海市 for a municipality, 文昌市 where no city stands above it."""
        if self.city:
            return self.city
        return self.province if self.province.endswith("市") else self.district

    @property
    def address(self) -> str:
        """Province to town in one string, nothing said twice."""
        return self.province + self.city + self.district + self.town


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """One thing that happens `after` the birth, with the words the carrier prints and the people it names.

    `code` overrides what the vendor's table would print for the kind: op code, scan type or status code. `refused`
    says that a return goes back because the recipient refused.
    """

    after: timedelta
    kind: EventKind
    text: str
    city: str = ""
    facility: str = ""
    facility_phone: str = ""
    courier_name: str = ""
    courier_phone: str = ""
    station: str = ""
    station_phone: str = ""
    signer: str = ""
    next_facility: str = ""
    code: str = ""
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Life:
    """All that will happen to one parcel, oldest first, from the moment its number was uploaded.

    `phone_tails` are the last four digits that open it, the sender's and the recipient's; `expected` names the rules
    that a watcher should raise over the whole life (none for a healthy one). `owned` parcels were ordered through the
    asking account and need no tail.
    """

    carrier: str
    tracking_number: str
    birth: datetime
    events: tuple[LifeEvent, ...] = ()
    phone_tails: tuple[str, ...] = ()
    origin: Place | None = None
    destination: Place | None = None
    story: str = "made"
    expected: tuple[str, ...] = ()
    owned: bool = False

    def seen_at(self, now: datetime) -> tuple[LifeEvent, ...]:
        """What has happened by `now`, oldest first."""
        return self.events[: bisect_right(self.events, now - self.birth, key=_AFTER)]

    def moment(self, event: LifeEvent) -> datetime:
        """When the event happens, aware."""
        return self.birth + event.after

    @property
    def ends_at(self) -> datetime | None:
        """When it is signed for or back with the shipper; None if it never is."""
        if self.events and self.events[-1].kind in END_KINDS:
            return self.moment(self.events[-1])
        return None

    def due_at(self, now: datetime) -> tuple[str, ...]:
        """The expected rules whose cause can be seen by `now`, also where it has passed since."""
        seen = self.seen_at(now)
        shown = {TROUBLES[event.kind] for event in seen if event.kind in TROUBLES}
        if any(event.kind is EventKind.AT_STATION for event in seen):
            shown.add(TROUBLES[EventKind.PICKUP_ONLY])  # where the story expects it
        if longest_wait(self, now) >= _STALLED_AFTER:
            shown.add("stalled")
        first = next((event.after for event in seen if event.kind is not EventKind.ORDERED), now - self.birth)
        if first >= _FIRST_SCAN_WITHIN:
            shown.add("no_first_scan")
        return tuple(rule for rule in self.expected if rule in shown)


def longest_wait(life: Life, now: datetime) -> timedelta:
    """The longest time without a scan after the first one, up to `now` or to the end of the life."""
    seen = [event.after for event in life.seen_at(now) if event.kind is not EventKind.ORDERED]
    if not seen:
        return timedelta(0)
    until = seen if life.ends_at is not None and life.ends_at <= now else [*seen, now - life.birth]
    return max((later - earlier for earlier, later in pairwise(until)), default=timedelta(0))


def printed(moment: datetime) -> str:
    """A moment as these carriers print it: China's clock, no zone."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
