"""How times, spans and money are said to staff: Shanghai time with its age, yuan with two decimals or none."""

from datetime import datetime, timedelta
from gettext import NullTranslations

from markupsafe import Markup

from carriers.contract import SHANGHAI

_FEN = 100
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_HOURS_UNTIL = 48


def yuan(fen: int) -> str:
    """`123450` -> `¥1,234.50`; whole yuan without decimals."""
    sign = "-" if fen < 0 else ""
    whole, rest = divmod(abs(fen), _FEN)
    return f"{sign}¥{whole:,}.{rest:02}" if rest else f"{sign}¥{whole:,}"


def local(moment: datetime, now: datetime) -> str:
    """Shanghai time to the minute; the year only where it is another one."""
    there = moment.astimezone(SHANGHAI)
    same_year = there.year == now.astimezone(SHANGHAI).year
    return there.strftime("%m-%d %H:%M" if same_year else "%Y-%m-%d %H:%M")


def span(length: timedelta, spoken: NullTranslations) -> str:
    """A length of time, never negative, in at most two units."""
    seconds = max(0, int(abs(length).total_seconds()))
    minutes, hours, days = seconds // _MINUTE % 60, seconds // _HOUR, seconds // _DAY
    if seconds < _MINUTE:
        return spoken.gettext("%(seconds)s s") % {"seconds": seconds}
    if hours == 0:
        return spoken.gettext("%(minutes)s min") % {"minutes": minutes}
    if hours < _HOURS_UNTIL and minutes and hours < 6:  # noqa: PLR2004 - nobody needs the minutes of a long wait
        return spoken.gettext("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    if hours < _HOURS_UNTIL:
        return spoken.gettext("%(hours)s h") % {"hours": hours}
    return spoken.gettext("%(days)s d") % {"days": days}


def age(moment: datetime, now: datetime, spoken: NullTranslations) -> str:
    """`3 h ago`, `in 20 min`."""
    if abs(now - moment) < timedelta(seconds=1):
        return spoken.gettext("now")
    if moment > now:
        return spoken.gettext("in %(span)s") % {"span": span(moment - now, spoken)}
    return spoken.gettext("%(span)s ago") % {"span": span(now - moment, spoken)}


def time_tag(moment: datetime, shown: str, *, title: str) -> Markup:
    """The HTML of one moment: machines read it exactly, people as `shown`, with `title` on hovering."""
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.isoformat(timespec="seconds"), title, shown
    )
