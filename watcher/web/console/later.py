"""When a snoozed work item can come back: a few useful hours, or one that is typed. Pure.

People can be called from nine in the morning to half past eight in the evening, in Shanghai; what would come back
at night is not offered.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from carriers.contract import SHANGHAI

_SOON = (timedelta(minutes=30), timedelta(hours=2))
_HOURS = (time(9), time(14), time(18, 30))
_FIRST_CALL, _LAST_CALL = time(9), time(20, 30)
_DAYS = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """A time to come back. `days` ahead in Shanghai's calendar; `soon` is the wait where it is a short one."""

    until: datetime
    days: int
    soon: timedelta | None = None

    @property
    def value(self) -> str:
        """How a form sends it."""
        return self.until.isoformat()

    @property
    def hour(self) -> str:
        """The hour in Shanghai."""
        return self.until.astimezone(SHANGHAI).strftime("%H:%M")

    @property
    def date(self) -> str:
        """Month and day in Shanghai."""
        return self.until.astimezone(SHANGHAI).strftime("%m-%d")


def choices(now: datetime) -> list[Choice]:
    """What is offered at `now`, soonest first."""
    today = now.astimezone(SHANGHAI).date()
    soon = [Choice(now + wait, _days(now + wait, now), wait) for wait in _SOON if _can_call(now + wait)]
    hours = [
        datetime.combine(today + timedelta(days=days), hour, SHANGHAI).astimezone(UTC)
        for days in range(_DAYS)
        for hour in _HOURS
    ]
    latest_soon = soon[-1].until if soon else now
    return soon + [Choice(moment, _days(moment, now)) for moment in hours if moment > latest_soon]


def typed(text: str) -> datetime | None:
    """A time from a form: with a zone as it says, without one as Shanghai's; None when it is no time."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)).astimezone(UTC)
    except (ValueError, OverflowError):
        # the first and the last day of all years lie in UTC before and after them
        return None


def _can_call(moment: datetime) -> bool:
    return _FIRST_CALL <= moment.astimezone(SHANGHAI).time() <= _LAST_CALL


def _days(moment: datetime, now: datetime) -> int:
    return (moment.astimezone(SHANGHAI).date() - now.astimezone(SHANGHAI).date()).days
