"""Orders the queue: money at risk in the time left, then deadline, then age. Pure.

In come the open alerts of one shipment, out goes one number (higher first), and the words that explain it on the card.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, Protocol

from watcher.model import Urgency

FADES_IN: Final = timedelta(hours=24)
"""A day more to act makes a parcel e (2.7) times less pressing: 100 yuan now weigh as much as 270 tomorrow."""

LEAST_FEN: Final = 1_000
"""Freight both ways is lost with any parcel, whatever it holds: about 10 yuan."""

ACT_WITHIN: Final[Mapping[Urgency, timedelta]] = {
    Urgency.NOW: timedelta(hours=2),
    Urgency.SOON: timedelta(hours=12),
    Urgency.TODAY: timedelta(hours=24),
}
"""How long an alert may wait for a person, whatever deadline it has."""

_ORIGIN = datetime(2024, 1, 1, tzinfo=UTC)
_LOUDNESS = {urgency: position for position, urgency in enumerate(Urgency)}
Language = Literal["zh", "en"]


class Pressing(Protocol):
    """What an alert shows to be ranked."""

    @property
    def at_risk_fen(self) -> int:
        """Money lost if nobody acts, in fen."""
        ...

    @property
    def urgency(self) -> Urgency:
        """How soon a person is needed."""
        ...

    @property
    def deadline(self) -> datetime | None:
        """When money is lost at the latest."""
        ...

    @property
    def raised_at(self) -> datetime:
        """Since when a person should know."""
        ...


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a work item stands among the others. The parcel can be lost only once, so `at_risk_fen` is the largest of
    its alerts, not their sum; `deadline` is the earliest."""

    at_risk_fen: int
    urgency: Urgency
    deadline: datetime | None
    priority: float


def act_by(*, urgency: Urgency, deadline: datetime | None, raised_at: datetime) -> datetime:
    """When a person should have acted: the deadline, or sooner where the kind of trouble cannot wait for it.

    A deadline that had passed before anybody could know is no reason to hurry: what it cost is lost, and calls that
    still save something come first.
    """
    soon = raised_at + ACT_WITHIN[urgency]
    return max(min(soon, deadline), raised_at) if deadline else soon


def priority(*, at_risk_fen: int, urgency: Urgency, deadline: datetime | None, raised_at: datetime) -> float:
    """Higher is sooner. The logarithm of the money, discounted by the time left.

    The discount is exponential, so the order of two items never changes by waiting alone: the number can be stored,
    indexed, and need not be computed again until the alerts change. An item that waits overtakes every newer one.
    """
    money = math.log(max(at_risk_fen, LEAST_FEN))
    wait = act_by(urgency=urgency, deadline=deadline, raised_at=raised_at) - _ORIGIN
    return money - wait / FADES_IN


def standing(alerts: Sequence[Pressing]) -> Standing:
    """What the alerts of one shipment (at least one) come to."""
    deadlines = [alert.deadline for alert in alerts if alert.deadline]
    return Standing(
        at_risk_fen=max(alert.at_risk_fen for alert in alerts),
        urgency=max((alert.urgency for alert in alerts), key=_LOUDNESS.__getitem__),
        deadline=min(deadlines, default=None),
        priority=max(
            priority(
                at_risk_fen=alert.at_risk_fen,
                urgency=alert.urgency,
                deadline=alert.deadline,
                raised_at=alert.raised_at,
            )
            for alert in alerts
        ),
    )


def why(place: Standing, *, opened_at: datetime, now: datetime, language: Language) -> str:
    """Why an item is where it is, in words for the card: money, time left, how soon, how long it has waited."""
    parts = (
        _money(place.at_risk_fen, language=language),
        _time_left(place.deadline, now=now, language=language),
        _URGENCIES[language][place.urgency],
        _WAITS[language].format(duration(now - opened_at, language=language)),
    )
    return _JOINTS[language].join(part for part in parts if part)


def duration(span: timedelta, *, language: Language) -> str:
    """A span in one unit, rounded down: "3 小时", "3 h"."""
    minutes = max(0, int(span / timedelta(minutes=1)))
    unit, size = next((unit, size) for unit, size, least in _SIZES if minutes >= least)
    return f"{minutes // size} {_UNITS[language][unit]}"


def _money(fen: int, *, language: Language) -> str:
    if fen <= 0:
        return _NO_VALUE[language]
    yuan = f"{fen / 100:.2f}".removesuffix(".00")
    return _MONEY[language].format(yuan)


def _time_left(deadline: datetime | None, *, now: datetime, language: Language) -> str:
    if deadline is None:
        return ""
    words = _LEFT if deadline > now else _OVER
    return words[language].format(duration(abs(deadline - now), language=language))


# unit, its minutes, from how many minutes on: hours speak up to two days, then days do
_SIZES: Final = (("day", 1440, 2880), ("hour", 60, 60), ("minute", 1, 0))
_UNITS: Final[Mapping[Language, Mapping[str, str]]] = {
    "zh": {"day": "天", "hour": "小时", "minute": "分钟"},
    "en": {"day": "d", "hour": "h", "minute": "min"},
}
_JOINTS: Final[Mapping[Language, str]] = {"zh": "，", "en": ", "}
_MONEY: Final[Mapping[Language, str]] = {"zh": "涉及 {} 元", "en": "{} yuan at risk"}
_NO_VALUE: Final[Mapping[Language, str]] = {"zh": "货值未知", "en": "value unknown"}
_LEFT: Final[Mapping[Language, str]] = {"zh": "距时限还有 {}", "en": "{} to the deadline"}
_OVER: Final[Mapping[Language, str]] = {"zh": "已超时限 {}", "en": "{} past the deadline"}
_WAITS: Final[Mapping[Language, str]] = {"zh": "已等待 {}", "en": "waiting for {}"}
_URGENCIES: Final[Mapping[Language, Mapping[Urgency, str]]] = {
    "zh": {Urgency.NOW: "请马上联系", Urgency.SOON: "请尽快联系", Urgency.TODAY: "今天内处理"},
    "en": {Urgency.NOW: "call now", Urgency.SOON: "call soon", Urgency.TODAY: "deal with it today"},
}
