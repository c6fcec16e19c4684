"""Story templates: how parcels live, fail and are saved. Each has a weight and the rules a watcher should raise.

Healthy lives have their first scan within 8 hours and no gap of 20; only the stalled ones are silent for long.
"""

from collections.abc import Callable
from dataclasses import dataclass

from carriers.sandbox.life import EventKind, Place
from carriers.sandbox.script import Branch, Script

_MORNING = (7.6, 9.2)
_AFTERNOON = (13.6, 15.2)
_FETCHING = ((10.0, 12.0), (17.0, 20.4))


@dataclass(frozen=True, slots=True)
class Story:
    """One way to live. `weight` is its share; `opens_with` the kind that shows the trouble (None: silence, or none)."""

    name: str
    tell: Callable[[Script], None]
    weight: float
    expected: tuple[str, ...] = ()
    opens_with: EventKind | None = None
    suits: Callable[[Place], bool] = lambda _place: True

    @property
    def healthy(self) -> bool:
        """Whether nothing should be raised."""
        return not self.expected


def _collect(script: Script) -> None:
    script.wait(1.0, 4.0)
    script.happens(EventKind.COLLECTED, script.origin_branch, script.origin_hub)


def _leave(script: Script) -> None:
    script.wait(1.0, 3.0)
    script.happens(EventKind.DEPARTED, script.origin_branch, script.origin_hub)
    script.wait(1.0, 4.0)
    script.happens(EventKind.ARRIVED, script.origin_hub)


def _haul(script: Script, stops: list[Branch], low: float = 6.0, high: float = 13.0) -> None:
    here = script.origin_hub
    for stop in [*stops, script.destination_hub]:
        script.wait(1.0, 4.0)
        script.happens(EventKind.DEPARTED, here, stop)
        script.wait(low, high)
        script.happens(EventKind.ARRIVED, stop)
        here = stop


def _to_branch(script: Script) -> None:
    script.wait(1.0, 3.0)
    script.happens(EventKind.DEPARTED, script.destination_hub, script.destination_branch)
    script.wait(1.5, 4.0)
    script.happens(EventKind.ARRIVED_DESTINATION, script.destination_branch)


def _to_town(script: Script) -> None:
    _collect(script)
    _leave(script)
    same_province = script.warehouse.place.province == script.destination.province
    if same_province:
        _haul(script, [], 3.0, 7.0)
    else:
        _haul(script, script.via(3 if script.destination.remote else script.rng.randrange(0, 2)))
    _to_branch(script)


def _out(script: Script) -> None:
    script.until(_MORNING, _AFTERNOON)
    script.happens(EventKind.OUT_FOR_DELIVERY, script.destination_branch)


def _out_again(script: Script) -> None:
    script.until(_MORNING)
    script.happens(EventKind.OUT_FOR_DELIVERY, script.destination_branch)


def _attempt(script: Script, kind: EventKind) -> None:
    script.wait(1.5, 5.0)
    script.happens(kind, script.destination_branch)


def _sign(script: Script) -> None:
    script.wait(0.7, 4.5)
    script.happens(EventKind.DELIVERED, script.destination_branch)


def _kept_and_returned(script: Script) -> None:
    # A branch keeps a parcel for most of a day in case the shipper decides otherwise.
    script.wait(16.0, 20.0)
    _return(script)


def _return(script: Script) -> None:
    script.until((8.5, 11.0), (14.0, 18.0))
    script.happens(EventKind.RETURNING, script.destination_branch, script.destination_hub)
    script.wait(4.0, 9.0)
    script.happens(EventKind.ARRIVED, script.destination_hub)
    script.wait(2.0, 5.0)
    script.happens(EventKind.DEPARTED, script.destination_hub, script.origin_hub)
    script.wait(10.0, 17.0)
    script.happens(EventKind.ARRIVED, script.origin_hub)
    script.until((9.5, 11.5), (14.0, 17.0))
    script.happens(EventKind.RETURNED, script.origin_branch)


def _healthy(script: Script) -> None:
    _to_town(script)
    _out(script)
    _sign(script)


def _healthy_ordered_first(script: Script) -> None:
    script.wait(0.05, 0.3)
    script.happens(EventKind.ORDERED, script.origin_branch)
    _healthy(script)


def _healthy_by_many_hubs(script: Script) -> None:
    _collect(script)
    _leave(script)
    _haul(script, script.via(4), 9.0, 16.0)
    _to_branch(script)
    _out(script)
    _sign(script)


def _healthy_station(script: Script) -> None:
    _to_town(script)
    _out(script)
    script.wait(0.7, 3.0)
    script.happens(EventKind.AT_STATION, script.destination_branch)
    script.until(*_FETCHING)
    script.happens(EventKind.COLLECTED_FROM_STATION, script.destination_branch)


def _failed_then_delivered(script: Script) -> None:
    _to_town(script)
    _out(script)
    _attempt(script, EventKind.ATTEMPT_FAILED)
    _out_again(script)
    _sign(script)


def _failed_then_returned(script: Script) -> None:
    _to_town(script)
    _out(script)
    _attempt(script, EventKind.ATTEMPT_FAILED)
    _kept_and_returned(script)


def _unreachable_then_delivered(script: Script) -> None:
    _to_town(script)
    _out(script)
    _attempt(script, EventKind.RECIPIENT_UNREACHABLE)
    _out_again(script)
    _sign(script)


def _unreachable_twice_then_returned(script: Script) -> None:
    _to_town(script)
    for send_out in (_out, _out_again):
        send_out(script)
        _attempt(script, EventKind.RECIPIENT_UNREACHABLE)
    _kept_and_returned(script)


def _refused_then_returned(script: Script) -> None:
    _to_town(script)
    _out(script)
    _attempt(script, EventKind.REFUSED)
    script.refused = True
    _kept_and_returned(script)


def _refused_then_delivered(script: Script) -> None:
    _to_town(script)
    _out(script)
    _attempt(script, EventKind.REFUSED)
    _out_again(script)
    _sign(script)


def _out_of_area_then_post(script: Script) -> None:
    _to_town(script)
    script.until((8.0, 10.0), (13.0, 18.0))
    script.happens(EventKind.OUT_OF_AREA, script.destination_branch)
    script.until((8.5, 11.0), (15.0, 19.5))
    script.happens(EventKind.HANDED_OVER, script.destination_branch)
    script.until((9.0, 12.0), (14.0, 18.0))
    script.happens(EventKind.DELIVERED, script.destination_branch)


def _out_of_area_then_returned(script: Script) -> None:
    _to_town(script)
    script.until((8.0, 10.0), (13.0, 18.0))
    script.happens(EventKind.OUT_OF_AREA, script.destination_branch)
    _kept_and_returned(script)


def _pickup_only_then_collected(script: Script) -> None:
    _to_town(script)
    script.until((8.0, 10.0), (13.0, 17.0))
    script.happens(EventKind.PICKUP_ONLY, script.destination_branch)
    script.wait(6.0, 9.0)
    script.until((9.0, 12.0), (15.0, 20.0))
    script.happens(EventKind.COLLECTED_FROM_STATION, script.destination_branch)


def _returned_on_request(script: Script) -> None:
    _to_town(script)
    _return(script)


def _never_collected(_script: Script) -> None:
    """Nothing ever happens."""


def _collected_late(script: Script) -> None:
    script.wait(74.0, 80.0)
    script.until((9.0, 11.0), (14.0, 18.0))
    _healthy(script)


def _stalled_then_moves(script: Script) -> None:
    _collect(script)
    _leave(script)
    script.wait(1.0, 4.0)
    script.happens(EventKind.DEPARTED, script.origin_hub, script.destination_hub)
    script.wait(84.0, 110.0)
    script.happens(EventKind.ARRIVED, script.destination_hub)
    _to_branch(script)
    _out(script)
    _sign(script)


def _stalled_for_good(script: Script) -> None:
    _collect(script)
    _leave(script)
    script.wait(1.0, 4.0)
    script.happens(EventKind.DEPARTED, script.origin_hub, script.destination_hub)


def _not_remote(place: Place) -> bool:
    return not place.remote


def _rural(place: Place) -> bool:
    return place.rural


_FAILED, _UNREACHABLE, _REFUSED = EventKind.ATTEMPT_FAILED, EventKind.RECIPIENT_UNREACHABLE, EventKind.REFUSED
_OUT_OF_AREA, _PICKUP_ONLY, _RETURN_KIND = EventKind.OUT_OF_AREA, EventKind.PICKUP_ONLY, EventKind.RETURNING

STORIES: tuple[Story, ...] = (
    Story("healthy", _healthy, 30),
    Story("healthy_ordered_first", _healthy_ordered_first, 8),
    Story("healthy_by_many_hubs", _healthy_by_many_hubs, 10),
    Story("healthy_station", _healthy_station, 16),
    Story("never_collected", _never_collected, 2.5, ("no_first_scan",)),
    Story("collected_late", _collected_late, 1.5, ("no_first_scan",)),
    Story("stalled_then_moves", _stalled_then_moves, 3, ("stalled",), suits=_not_remote),
    Story("stalled_for_good", _stalled_for_good, 1.5, ("stalled",), suits=_not_remote),
    Story("failed_then_delivered", _failed_then_delivered, 4, ("failed_attempt",), _FAILED),
    Story("failed_then_returned", _failed_then_returned, 2, ("failed_attempt", "return_to_sender"), _FAILED),
    Story(
        "unreachable_then_delivered", _unreachable_then_delivered, 4, ("recipient_unreachable",), _UNREACHABLE
    ),
    Story(
        "unreachable_twice_then_returned",
        _unreachable_twice_then_returned,
        2,
        ("recipient_unreachable", "return_to_sender"),
        _UNREACHABLE,
    ),
    Story("refused_then_returned", _refused_then_returned, 3, ("refused", "return_to_sender"), _REFUSED),
    Story("refused_then_delivered", _refused_then_delivered, 1.5, ("refused",), _REFUSED),
    Story("out_of_area_then_post", _out_of_area_then_post, 3, ("out_of_area",), _OUT_OF_AREA, _rural),
    Story(
        "out_of_area_then_returned",
        _out_of_area_then_returned,
        2,
        ("out_of_area", "return_to_sender"),
        _OUT_OF_AREA,
        _rural,
    ),
    Story(
        "pickup_only_then_collected", _pickup_only_then_collected, 3, ("pickup_only",), _PICKUP_ONLY, _rural
    ),
    Story("returned_on_request", _returned_on_request, 2, ("return_to_sender",), _RETURN_KIND),
)
BY_NAME = {story.name: story for story in STORIES}
