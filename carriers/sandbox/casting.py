"""Chooses who lives which story, when and where, so that everything is happening at any time.

Every troubled story is lived as far as the count reaches: of its first lives the trouble is open at the start, of the
next it opens within a day, so that a watcher finds something of every kind at once and again soon.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from math import ceil, floor
from random import Random

from carriers.sandbox.carried import CARRIED
from carriers.sandbox.life import CHINA, EventKind, Life, Place
from carriers.sandbox.orders import Order, an_order
from carriers.sandbox.people import recipient_phone, tail
from carriers.sandbox.places import PLACES, WAREHOUSES, Warehouse
from carriers.sandbox.script import Script
from carriers.sandbox.stories import STORIES, Story

CARRIERS = tuple(CARRIED)
_DAY = timedelta(days=1)
_OWNED_OF_FIVE = 2
_TRIES = 200
ROUNDS = 2
"""How often each trouble is open at the start, and how often within a day."""
_STILL_OPEN_AFTER = timedelta(hours=3)
_NO_FIRST_SCAN_AFTER = timedelta(hours=25)
_STALLED_AFTER = timedelta(hours=49)
_PLACE_KINDS = frozenset({EventKind.OUT_OF_AREA, EventKind.PICKUP_ONLY})
_TROUBLED = tuple(story for story in STORIES if not story.healthy)


class _Wanted(Enum):
    """When the trouble of a life should be open."""

    NOW = auto()
    WITHIN_A_DAY = auto()
    WHENEVER = auto()


@dataclass(frozen=True, slots=True)
class _Part:
    """One life to be made."""

    story: Story
    carrier: str
    position: int
    wanted: _Wanted


def cast(
    count: int,
    seed: int,
    *,
    start: datetime,
    carriers: Sequence[str],
    spread_days: float,
    rounds: int = ROUNDS,
) -> Iterator[tuple[Life, Order]]:
    """`count` lives with their orders, all born before `start`."""
    rng = Random(seed)  # noqa: S311 - invented parcels, no secret
    for part in _parts(count, carriers, rng, rounds):
        warehouse = rng.choice(WAREHOUSES)
        phone = recipient_phone(rng)
        life = _timely_life(part, warehouse, phone, rng=rng, start=start, spread_days=spread_days)
        # some were ordered through the account that asks: they need no phone tail, and vendors push about them
        life = replace(life, owned=part.position % 5 < _OWNED_OF_FIVE)
        yield life, an_order(life, warehouse, phone, rng=rng, position=part.position)


def _parts(count: int, carriers: Sequence[str], rng: Random, rounds: int) -> Iterator[_Part]:
    weights = [story.weight for story in STORIES]
    for position in range(count):
        turn = position // len(_TROUBLED)
        carrier = carriers[position % len(carriers)]
        if turn < rounds * 2:
            wanted = _Wanted.NOW if turn < rounds else _Wanted.WITHIN_A_DAY
            yield _Part(_TROUBLED[position % len(_TROUBLED)], carrier, position, wanted)
        else:
            yield _Part(rng.choices(STORIES, weights)[0], carrier, position, _Wanted.WHENEVER)


def _timely_life(
    part: _Part, warehouse: Warehouse, phone: str, *, rng: Random, start: datetime, spread_days: float
) -> Life:
    number = CARRIED[part.carrier].tracking_number(part.position, rng)
    tails = (tail(warehouse.phone), tail(phone))
    destination = _destination(part, rng)
    # Half of the troubled lives name the courier for certain, so that each kind has some.
    named = True if part.wanted is not _Wanted.WHENEVER and part.position % 2 == 0 else None
    life = None
    for _ in range(_TRIES):
        birth = _birth(start, spread_days, rng)
        script = Script(part.carrier, number, birth, warehouse, destination, rng, named)
        part.story.tell(script)
        told = script.finished(part.story.name, part.story.expected, tails)
        life = life or told
        moved = _moved(told, part, start)
        if moved is not None:
            return moved
    assert life is not None  # noqa: S101 - _TRIES is positive
    return life


def _moved(life: Life, part: _Part, start: datetime) -> Life | None:
    """The life, moved by whole days so that its trouble is open when wanted; None if no move does it."""
    if part.wanted is _Wanted.WHENEVER:
        return life
    opens, closes = _open_between(life, part.story)
    days = (start - opens) / _DAY
    step = _DAY * (floor(days) if part.wanted is _Wanted.NOW else ceil(days))
    moved = replace(life, birth=life.birth + step)
    must_last = start + _STILL_OPEN_AFTER if part.wanted is _Wanted.NOW else start
    if moved.birth > start or (closes is not None and closes + step <= must_last):
        return None
    return moved


def _open_between(life: Life, story: Story) -> tuple[datetime, datetime | None]:
    """When the story's trouble can be seen, and when it has passed or the next thing happens.

    Of a trouble that comes twice, it is the second time: the first is over by the next morning.
    """
    if story.opens_with is not None:
        position = max(index for index, event in enumerate(life.events) if event.kind is story.opens_with)
        opens = life.moment(life.events[position])
        if story.opens_with is EventKind.RETURNING:
            return opens, life.ends_at
    elif story.expected == ("stalled",):
        # The silence starts at the departure from the hub, the third scan after the collection.
        position = 3
        opens = life.moment(life.events[position]) + _STALLED_AFTER
    else:
        position = -1
        opens = life.birth + _NO_FIRST_SCAN_AFTER
    later = life.events[position + 1 : position + 2]
    return opens, life.moment(later[0]) if later else None


def _birth(start: datetime, spread_days: float, rng: Random) -> datetime:
    """A number is uploaded in the warehouse's working day, 09:00 to 17:00."""
    day = (start - rng.uniform(0, spread_days) * _DAY).astimezone(CHINA)
    birth = day.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(
        seconds=rng.randrange(8 * 3600)
    )
    if birth > start:
        birth -= _DAY
    return birth.astimezone(start.tzinfo)


def _destination(part: _Part, rng: Random) -> Place:
    suitable = [place for place in PLACES if part.story.suits(place)]
    if part.story.opens_with in _PLACE_KINDS:
        # A carrier does not reach the same few towns again and again: this is what coverage has to find.
        near = (sum(map(ord, part.carrier)) * 5) % len(suitable)
        suitable = (suitable * 2)[near : near + 5]
    return rng.choice(suitable)
