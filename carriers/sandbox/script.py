"""Writes one parcel's life step by step: a cursor in time, and the carrier's words for whatever happens at it.

Nothing is delivered at 03:00: steps that people do move the cursor to the next hour at which they do them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from carriers.sandbox.carried import CARRIED
from carriers.sandbox.life import CHINA, TROUBLES, EventKind, Life, LifeEvent, Place
from carriers.sandbox.people import mobile, name
from carriers.sandbox.places import Warehouse
from carriers.sandbox.wordings import Wording, pick

_STATIONS = ("菜鸟驿站{town}店", "{town}便民超市", "{town}邻里驿站", "{town}丰巢柜2号", "{town}小学旁文具店")
_SIGNERS = ("本人", "收件人本人", "家属本人")
_PROXIES = ("门卫", "前台", "物业")
_VIA = ("武汉", "长沙", "西安", "南京", "石家庄", "南昌")
_HOUR = timedelta(hours=1)
_AT_LEAST_HOURS = 0.5
_AT_STATION = frozenset({EventKind.AT_STATION, EventKind.COLLECTED_FROM_STATION})


@dataclass(frozen=True, slots=True)
class Branch:
    """A carrier's branch or hub that prints scans."""

    name: str
    city: str
    phone: str


@dataclass(frozen=True, slots=True)
class Courier:
    """Who brings the parcel."""

    name: str
    phone: str


@dataclass(slots=True)
class Script:
    """A life being written. `at` is the moment of the last thing that happened."""

    carrier: str
    tracking_number: str
    birth: datetime
    warehouse: Warehouse
    destination: Place
    rng: Random
    courier_named: bool | None = None  # None: as chance has it
    at: datetime = field(init=False)
    events: list[LifeEvent] = field(init=False, default_factory=list)
    courier: Courier = field(init=False)
    station: str = field(init=False)
    station_phone: str = field(init=False)
    new_number: str = field(init=False)
    refused: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        """Decide who and what stays the same through the whole life."""
        self.at = self.birth
        self.courier = Courier(name(self.rng), mobile(self.rng))
        town = self.destination.town.removesuffix("街道").removesuffix("镇")
        self.station = self.rng.choice(_STATIONS).format(town=town)
        self.station_phone = mobile(self.rng)
        self.new_number = f"SF{self.rng.randrange(10**12, 10**13)}"

    @property
    def origin_branch(self) -> Branch:
        """Who collects from the warehouse."""
        place = self.warehouse.place
        return Branch(f"{place.short_city}{place.town}营业部", place.printed_city, "0571-80000315")

    @property
    def origin_hub(self) -> Branch:
        """The hub of the warehouse's city."""
        return self._hub(self.warehouse.place)

    @property
    def destination_hub(self) -> Branch:
        """The hub of the recipient's city."""
        return self._hub(self.destination)

    @property
    def destination_branch(self) -> Branch:
        """Who delivers in the recipient's town."""
        place = self.destination
        phone = f"0{510 + len(place.address)}-8000{len(place.town):02d}{ord(place.town[0]) % 100:02d}"
        return Branch(f"{place.short_city}{place.town}网点", place.printed_city, phone)

    def via(self, count: int) -> list[Branch]:
        """`count` different hubs on the way."""
        cities = self.rng.sample([city for city in _VIA if city != self.destination.short_city], count)
        return [Branch(f"{city}{CARRIED[self.carrier].hub}", f"{city}市", "") for city in cities]

    def wait(self, low: float, high: float) -> None:
        """Let `low` to `high` hours pass."""
        self.at += timedelta(hours=self.rng.uniform(low, high))

    def until(self, *windows: tuple[float, float]) -> None:
        """Go on to the next of these daily windows (hours of China's clock), half an hour from now or later."""
        local = self.at.astimezone(CHINA)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        for day in (midnight, midnight + timedelta(days=1)):
            for opens, closes in windows:
                earliest = max((local - day) / _HOUR + _AT_LEAST_HOURS, opens)
                if earliest < closes:
                    self.at = (day + _HOUR * self.rng.uniform(earliest, closes)).astimezone(self.at.tzinfo)
                    return

    def happens(self, kind: EventKind, here: Branch, onward: Branch | None = None) -> None:
        """Write down that `kind` happens now at `here`, in the carrier's words."""
        wording = self._wording(kind)
        courier = Courier(name(self.rng), mobile(self.rng)) if kind is EventKind.COLLECTED else self.courier
        station = self.station if kind in _AT_STATION else ""
        signer = self._signer(kind)
        self.events.append(
            LifeEvent(
                after=timedelta(seconds=int((self.at - self.birth).total_seconds())),
                kind=kind,
                text=wording.text.format(
                    here=here.name,
                    here_phone=here.phone,
                    next=(onward or self.origin_hub).name,
                    city=here.city,
                    courier=courier.name,
                    phone=courier.phone,
                    station=self.station,
                    station_phone=self.station_phone,
                    signer=signer,
                    code=f"{self.rng.randrange(1, 30)}-{self.rng.randrange(1, 9)}-{self.rng.randrange(1000, 9999)}",
                    new_number=self.new_number,
                ),
                city=here.city,
                facility=here.name,
                facility_phone=here.phone,
                courier_name=courier.name if "{courier}" in wording.text else "",
                courier_phone=courier.phone if "{phone}" in wording.text else "",
                station=station,
                station_phone=self.station_phone if station and wording.names_station else "",
                signer=signer,
                next_facility=onward.name if onward else "",
                code=wording.code,
                refused=self.refused and kind is EventKind.RETURNING,
            )
        )

    def finished(self, story: str, expected: Sequence[str], tails: tuple[str, ...]) -> Life:
        """The life as written."""
        return Life(
            carrier=self.carrier,
            tracking_number=self.tracking_number,
            birth=self.birth,
            events=tuple(self.events),
            phone_tails=tails,
            origin=self.warehouse.place,
            destination=self.destination,
            story=story,
            expected=(*expected, *self._expected_at_stations()),
        )

    def _expected_at_stations(self) -> tuple[str, ...]:
        waits = any(event.kind is EventKind.AT_STATION for event in self.events)
        return (TROUBLES[EventKind.PICKUP_ONLY],) if waits and CARRIED[self.carrier].no_second_visit else ()

    def _hub(self, place: Place) -> Branch:
        return Branch(f"{place.short_city}{CARRIED[self.carrier].hub}", place.printed_city, "")

    def _wording(self, kind: EventKind) -> Wording:
        wording = pick(self.carrier, kind, self.rng)
        if kind is EventKind.OUT_FOR_DELIVERY and self.courier_named is not None:
            while wording.names_courier is not self.courier_named:
                wording = pick(self.carrier, kind, self.rng)
        return wording

    def _signer(self, kind: EventKind) -> str:
        if kind in {EventKind.DELIVERED, EventKind.COLLECTED_FROM_STATION}:
            return self.rng.choice(_SIGNERS)
        return self.rng.choice(_PROXIES) if kind is EventKind.DELIVERED_TO_PROXY else ""
