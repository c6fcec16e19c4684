"""The made lives: the same for a seed, plausible, and true to what they say should be raised."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

import pytest

from carriers.sandbox import casting, script, sf, zto
from carriers.sandbox.carried import Carried
from carriers.sandbox.casting import CARRIERS
from carriers.sandbox.life import CHINA, RULES, TROUBLES, EventKind, Life, longest_wait
from carriers.sandbox.places import PLACES, WAREHOUSES
from carriers.sandbox.script import Script
from carriers.sandbox.stories import STORIES, Story
from carriers.sandbox.wordings import book, lines
from carriers.sandbox.world import FastNow, World, made_world

STARTS = [datetime(2026, 3, 2, hour, 17, tzinfo=UTC) for hour in (0, 2, 7, 11, 15, 20)]
LATER = timedelta(days=60)
DOOR_KINDS = {
    EventKind.OUT_FOR_DELIVERY,
    EventKind.DELIVERED,
    EventKind.COLLECTED_FROM_STATION,
    EventKind.RETURNED,
    *TROUBLES,
}


@cache
def a_world(count: int = 300, seed: int = 1, start: datetime = STARTS[0]) -> World:
    return made_world(count, seed, lambda: start)


@cache
def many_lives() -> list[Life]:
    return [life for start in STARTS for life in a_world(300, 7, start).lives.values()]


def told(story: Story, seed: int, *, carrier: str = "sf") -> Life:
    rng = Random(seed)
    place = rng.choice([place for place in PLACES if story.suits(place)])
    birth = datetime(2026, 3, 2, 1, 0, tzinfo=UTC) + timedelta(hours=rng.uniform(0, 8))
    script = Script(carrier, "SF1000000000001", birth, rng.choice(WAREHOUSES), place, rng)
    story.tell(script)
    return script.finished(story.name, story.expected, ("0001",))


def first_scan(life: Life) -> timedelta | None:
    return next((event.after for event in life.events if event.kind is not EventKind.ORDERED), None)


def test_the_same_seed_and_moment_give_the_same_world() -> None:
    first, again, other = (made_world(120, seed, lambda: STARTS[0]) for seed in (1, 1, 2))
    assert (first.lives, first.orders) == (again.lives, again.orders)
    assert first.lives != other.lives


@pytest.mark.parametrize("start", STARTS, ids=lambda start: f"{start:%H:%M}")
def test_every_life_is_born_before_the_start_and_has_a_number_of_its_own(start: datetime) -> None:
    world = a_world(300, 3, start)
    assert len(world.lives) == 300
    assert len({number for _, number in world.lives}) == 300
    assert all(life.birth <= start for life in world.lives.values())


def test_every_carrier_has_lives() -> None:
    assert {carrier for carrier, _ in a_world().lives} == set(CARRIERS)


def test_only_asked_carriers_have_lives() -> None:
    world = made_world(30, 1, lambda: STARTS[0], carriers=("sf",))
    assert {carrier for carrier, _ in world.lives} == {"sf"}


@pytest.mark.parametrize("story", [one for one in STORIES if one.healthy], ids=lambda one: one.name)
def test_a_healthy_life_never_waits_long_and_ends_well(story: Story) -> None:
    for seed in range(200):
        life = told(story, seed)
        scanned = first_scan(life)
        assert scanned is not None
        assert scanned < timedelta(hours=8)
        assert longest_wait(life, life.birth + LATER) < timedelta(hours=20)
        assert life.ends_at is not None
        assert not TROUBLES.keys() & {event.kind for event in life.events}


@pytest.mark.parametrize("story", STORIES, ids=lambda one: one.name)
def test_a_life_shows_exactly_the_troubles_it_says(story: Story) -> None:
    for seed in range(100):
        life = told(story, seed)
        shown = {TROUBLES[event.kind] for event in life.events if event.kind in TROUBLES}
        silent = "stalled" in story.expected
        late = "no_first_scan" in story.expected
        assert shown == set(story.expected) - {"stalled", "no_first_scan"}
        assert (longest_wait(life, life.birth + LATER) > timedelta(hours=80)) is silent
        scanned = first_scan(life)
        assert (scanned is None or scanned > timedelta(days=3)) is late
        assert life.due_at(life.birth + LATER) == story.expected


@pytest.mark.parametrize("story", STORIES, ids=lambda one: one.name)
def test_a_troubled_life_that_is_not_stalled_keeps_moving(story: Story) -> None:
    if "stalled" in story.expected:
        return
    for seed in range(100):
        life = told(story, seed)
        assert longest_wait(life, life.birth + LATER) < timedelta(hours=28)


def test_stalled_lives_go_to_places_where_silence_is_not_usual() -> None:
    silent = [life for life in many_lives() if "stalled" in life.expected]
    assert silent
    assert not any(life.destination and life.destination.remote for life in silent)


def test_nobody_comes_to_the_door_at_night() -> None:
    for life in many_lives():
        for event in life.events:
            if event.kind in DOOR_KINDS:
                hour = life.moment(event).astimezone(CHINA).hour
                assert 7 <= hour < 21, (life.story, event.kind, hour)


def test_events_are_in_order_of_time() -> None:
    for life in many_lives():
        times = [event.after for event in life.events]
        assert times == sorted(times)
        assert all(after > timedelta(0) for after in times)


@pytest.mark.parametrize("start", STARTS, ids=lambda start: f"{start:%H:%M}")
def test_every_rule_is_open_somewhere_at_the_start_and_stays_so_for_hours(start: datetime) -> None:
    def open_rules(moment: datetime) -> Counter[str]:
        found: Counter[str] = Counter()
        for life in a_world(300, 1, start).lives.values():
            seen = life.seen_at(moment)
            waiting = moment - (life.moment(seen[-1]) if seen else life.birth)
            if life.ends_at is not None and life.ends_at <= moment:
                continue
            found["return_to_sender"] += any(event.kind is EventKind.RETURNING for event in seen)
            found["no_first_scan"] += not seen and waiting > timedelta(hours=24)
            found["stalled"] += bool(seen) and waiting > timedelta(hours=48)
            if seen and seen[-1].kind in TROUBLES.keys() - {EventKind.RETURNING}:
                found[TROUBLES[seen[-1].kind]] += 1
        return found

    at_once, soon = open_rules(start), open_rules(start + timedelta(hours=3))
    for rule in RULES:
        assert at_once[rule] >= 1, rule
        assert soon[rule] >= 1, rule


def test_most_lives_are_healthy() -> None:
    healthy = sum(not life.expected for life in a_world(2000).lives.values())
    assert healthy > 1200


@pytest.mark.parametrize(("carrier", "expected"), [("sf", ()), ("fedex", ("pickup_only",))])
def test_a_parcel_at_a_station_must_be_fetched_where_no_courier_comes_again(
    carrier: str, expected: tuple[str, ...]
) -> None:
    (story,) = (one for one in STORIES if one.name == "healthy_station")
    life = told(story, 1, carrier=carrier)
    stored = next(event for event in life.events if event.kind is EventKind.AT_STATION)
    assert life.expected == expected
    assert life.due_at(life.moment(stored) - timedelta(minutes=1)) == ()
    assert life.due_at(life.moment(stored)) == expected


def test_what_is_due_grows_with_the_life() -> None:
    life = next(life for life in a_world().lives.values() if life.story == "refused_then_returned")
    refused = next(event for event in life.events if event.kind is EventKind.REFUSED)
    assert life.due_at(life.moment(refused) - timedelta(minutes=1)) == ()
    assert life.due_at(life.moment(refused)) == ("refused",)
    assert life.due_at(life.birth + LATER) == ("refused", "return_to_sender")


@pytest.mark.parametrize("carrier", CARRIERS)
def test_every_troubled_story_has_a_courier_named_at_the_door_and_lives_without_one(carrier: str) -> None:
    for story in STORIES:
        if story.opens_with not in {
            EventKind.ATTEMPT_FAILED,
            EventKind.RECIPIENT_UNREACHABLE,
            EventKind.REFUSED,
        }:
            continue
        named = set()
        for seed in range(60):
            life = told(story, seed, carrier=carrier)
            out = next(event for event in life.events if event.kind is EventKind.OUT_FOR_DELIVERY)
            named.add(bool(out.courier_phone))
            assert not out.courier_phone or out.courier_phone in out.text
        assert named == {True, False}


@pytest.mark.parametrize("carrier", [*CARRIERS, "pigeon"])
@pytest.mark.parametrize("kind", EventKind)
def test_each_carrier_has_words_for_each_kind(carrier: str, kind: EventKind) -> None:
    found = lines(carrier, kind)
    assert len({line.text for line in found}) == len(found)
    assert len(found) >= (4 if kind in {*TROUBLES, EventKind.OUT_FOR_DELIVERY, EventKind.AT_STATION} else 2)


def test_a_carrier_without_own_words_writes_the_shared_ones() -> None:
    assert lines("pigeon", EventKind.REFUSED) == book()["shared"][EventKind.REFUSED]
    assert lines("zto", EventKind.REFUSED) == book()["zto"][EventKind.REFUSED]


def test_a_carrier_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    shape = Carried(heads=("PG", "PX"), digits=10)
    monkeypatch.setattr(casting, "CARRIED", {"pigeon": shape})
    monkeypatch.setattr(script, "CARRIED", {"pigeon": shape})
    world = made_world(60, 1, lambda: STARTS[0], carriers=("pigeon",))
    assert len(world.lives) == 60
    assert all(re.fullmatch(r"P[GX]\d{10}", number) for _, number in world.lives)
    hubs = {event.facility for life in world.lives.values() for event in life.events}
    assert any(hub.endswith("转运中心") for hub in hubs)


def test_numbers_suit_the_players_that_look_at_them() -> None:
    world = a_world()
    for carrier, looks_right in {"sf": sf.well_formed, "zto": zto.well_formed}.items():
        assert all(looks_right(number) for mover, number in world.lives if mover == carrier)


def test_no_words_are_left_unfilled() -> None:
    for life in many_lives():
        for event in life.events:
            assert event.text
            assert not {"{", "}"} & set(event.text)


def test_out_of_area_falls_on_few_places_of_a_carrier() -> None:
    places = Counter(
        (life.carrier, life.destination)
        for life in a_world(3000).lives.values()
        if "out_of_area" in life.expected
    )
    by_carrier = Counter(carrier for carrier, _ in places)
    assert max(by_carrier.values()) <= 5


def test_the_fast_clock_is_a_function_of_real_time() -> None:
    fast = FastNow(datetime.now(UTC) - timedelta(seconds=10), STARTS[0], 3600)
    assert timedelta(hours=10) <= fast() - STARTS[0] < timedelta(hours=11)
