"""One cell as the file holds it comes in; a value of ours goes out, or a `FaultError` that says what is wrong.

Cells are text, or what a workbook gives: numbers, dates, booleans. Times without a zone are Shanghai's; money becomes
fen, weights grams, times UTC.
"""

import re
import unicodedata
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from carriers.contract import SHANGHAI
from watcher.intake.faults import Fault, FaultError
from watcher.intake.phones import phone_tail
from watcher.intake.words import CARRIERS, NO, ORDER_STATES, STATE_SIGNS, YES
from watcher.model import OrderState

Cell = str | int | float | bool | date | datetime | time | timedelta | None

_BLANK = frozenset(
    {"", "-", "--", "—", "——", "/", "\\", "无", "空", "null", "none", "nil", "nan", "n/a", "#n/a", "暂无"}
)
_LONGEST_BLANK = max(map(len, _BLANK))
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200e\u200f\ufeff]")
_EXCEL_TEXT = re.compile(r'="(?P<text>[^"]*)"')
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
_TRACKING_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{3,38}[A-Z0-9]")
_SEVERAL = re.compile(r"[A-Z0-9-]{8,}(?:\s*[,，;；、/|]\s*|\s+)[A-Z0-9-]{8,}.*", re.DOTALL)
_MONEY = re.compile(
    r"(?:[¥￥$]|RMB|CNY)?\s*(?P<amount>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+)\s*(?:元|圆|RMB|CNY)?",
    re.IGNORECASE,
)
_WEIGHT = re.compile(
    r"(?P<amount>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+)\s*(?P<unit>kg|公斤|千克|g|克|斤)?",
    re.IGNORECASE,
)
_GRAMS = {"kg": 1000, "公斤": 1000, "千克": 1000, "斤": 500, "g": 1, "克": 1}
_TIME = re.compile(
    r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
    r"(?:[ T]*(?P<half>上午|下午|中午|晚上|凌晨)?[ ]*(?P<hour>\d{1,2})[:时点](?P<minute>\d{1,2})分?"
    r"(?::?(?P<second>\d{1,2})秒?(?:[.,]\d+)?)?[ ]*(?P<late>[AP]M)?)?[ ]*(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_USUAL_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?", re.ASCII)
_COMPACT = re.compile(
    r"(?P<year>20\d\d)(?P<month>\d\d)(?P<day>\d\d)(?:(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d))?"
)
_ZERO_TIME = re.compile(r"0000-00-00.*|1970-01-01[ T]0[08]:00(:00)?|1900-01-0[01].*")
_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's day count has no zone
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_EXCEL_DAYS = (36526, 73051)
_UNIX_SECONDS = (946_684_800, 4_102_444_800)
_DAY_END = time(23, 59, 59)
_KEPT_DIGITS = 15
_LONGEST_KEY, _LONGEST_TEXT = 100, 2000
_DEAREST_FEN = 10**11
_HEAVIEST_GRAMS = 10**8


def text(cell: Cell) -> str:
    """The cell as clean text: no control characters, no spreadsheet wrappers (`="…"`, a leading '), "" for blank."""
    if isinstance(cell, str):
        return _clean(cell)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)


def _clean(raw: str) -> str:
    stripped = (raw if raw.isprintable() else _CONTROL.sub("", raw)).strip()
    if stripped[:1] == "'":
        stripped = stripped[1:].strip()
    wrapped = _EXCEL_TEXT.fullmatch(stripped)
    if wrapped:
        stripped = wrapped["text"].strip()
    return "" if len(stripped) <= _LONGEST_BLANK and stripped.lower() in _BLANK else stripped


def plain(cell: Cell) -> str | None:
    """Any text; None for blank."""
    value = text(cell)
    if len(value) > _LONGEST_TEXT:
        raise FaultError(Fault.TOO_LONG)
    return value or None


def order_number(cell: Cell) -> str:
    """The order's number, as the merchant writes it."""
    value = _key(cell)
    if not value:
        raise FaultError(Fault.EMPTY)
    return value


def tracking_number(cell: Cell) -> str:
    """The carrier's number: upper case, half width, no blanks."""
    value = unicodedata.normalize("NFKC", _key(cell)).upper()
    if not value:
        raise FaultError(Fault.EMPTY)
    if _SEVERAL.fullmatch(value):
        raise FaultError(Fault.SEVERAL_NUMBERS)
    value = "".join(value.split())
    if not _TRACKING_NUMBER.fullmatch(value) or not any(sign.isdigit() for sign in value):
        raise FaultError(Fault.NOT_A_NUMBER)
    return value


def _key(cell: Cell) -> str:
    value = text(cell)
    if isinstance(cell, int | float) and len(value) > _KEPT_DIGITS:
        raise FaultError(Fault.DIGITS_LOST)
    if _SCIENTIFIC.fullmatch(value):
        raise FaultError(Fault.SCIENTIFIC_NOTATION)
    if len(value) > _LONGEST_KEY:
        raise FaultError(Fault.TOO_LONG)
    return value


def carrier(cell: Cell) -> str:
    """Our id of the carrier that goes by this name or code."""
    word = _word(cell)
    if not word:
        raise FaultError(Fault.EMPTY)
    try:
        return CARRIERS[word]
    except KeyError:
        raise FaultError(Fault.UNKNOWN_CARRIER) from None


def order_state(cell: Cell) -> OrderState:
    """What the merchant's word for the order's state means; open where nothing is said."""
    word = _word(cell)
    if not word:
        return OrderState.OPEN
    if word in ORDER_STATES:
        return ORDER_STATES[word]
    for sign, state in STATE_SIGNS:
        if sign in word:
            return state
    raise FaultError(Fault.UNKNOWN_ORDER_STATE)


def yes(cell: Cell) -> bool:
    """Whether the cell says yes; blank is no."""
    word = _word(cell)
    if word in YES:
        return True
    if not word or word in NO:
        return False
    raise FaultError(Fault.NOT_YES_OR_NO)


def _word(cell: Cell) -> str:
    return re.sub(r"[\s_\-·.()（）&]+", "", unicodedata.normalize("NFKC", text(cell)).lower())


def tail(cell: Cell) -> str | None:
    """The last four digits of a phone, or of the four digits alone; None for blank."""
    value = text(cell)
    if not value:
        return None
    # a spreadsheet that took 0123 for a number dropped the 0
    value = value.zfill(4) if isinstance(cell, int | float) else value
    found = phone_tail(value)
    if found is None:
        raise FaultError(Fault.NO_PHONE_TAIL)
    return found


def fen(cell: Cell, unit: str = "元") -> int | None:
    """Money in fen, from yuan unless the column's `unit` is 分; None for blank."""
    value = unicodedata.normalize("NFKC", text(cell))
    if not value:
        return None
    found = _MONEY.fullmatch(value)
    if found is None:
        raise FaultError(Fault.NOT_MONEY)
    amount = _whole(found["amount"], times=1 if unit in ("分", "fen") else 100)
    if amount > _DEAREST_FEN:
        raise FaultError(Fault.NOT_MONEY)
    return amount


def grams(cell: Cell, unit: str = "kg") -> int | None:
    """A weight in grams, from the cell's own unit, else the column's; None for blank."""
    value = unicodedata.normalize("NFKC", text(cell))
    if not value:
        return None
    found = _WEIGHT.fullmatch(value)
    if found is None:
        raise FaultError(Fault.NOT_A_WEIGHT)
    amount = _whole(found["amount"], times=_GRAMS[(found["unit"] or unit).lower()])
    if amount > _HEAVIEST_GRAMS:
        raise FaultError(Fault.NOT_A_WEIGHT)
    return amount


def _whole(amount: str, *, times: int) -> int:
    return int((Decimal(amount.replace(",", "")) * times).to_integral_value(ROUND_HALF_UP))


def moment(cell: Cell) -> datetime | None:
    """A time as aware UTC; a bare date is its first moment; None for blank."""
    return _moment(cell, of_day=time())


def deadline(cell: Cell) -> datetime | None:
    """As `moment`, but a bare date lasts until its end."""
    return _moment(cell, of_day=_DAY_END)


def _moment(cell: Cell, *, of_day: time) -> datetime | None:
    if isinstance(cell, datetime):
        return _utc(cell)
    if isinstance(cell, date):
        return _utc(datetime.combine(cell, of_day))
    value = unicodedata.normalize("NFKC", text(cell))
    if not value or _ZERO_TIME.fullmatch(value):
        return None
    if _USUAL_TIME.fullmatch(value):
        with suppress(ValueError):
            return _utc(datetime.fromisoformat(value))
    found = _TIME.fullmatch(value) or _COMPACT.fullmatch(value)
    try:
        return _utc(_written(found, of_day=of_day) if found else _counted(value, of_day=of_day))
    except (ValueError, OverflowError):
        raise FaultError(Fault.NOT_A_TIME) from None


def _written(found: re.Match[str], *, of_day: time) -> datetime:
    parts = found.groupdict()
    day = date(int(parts["year"]), int(parts["month"]), int(parts["day"]))
    if parts["hour"] is None:
        return datetime.combine(day, of_day)
    hour = _hour(int(parts["hour"]), (parts.get("half") or parts.get("late") or "").upper())
    written = datetime.combine(day, time(hour, int(parts["minute"]), int(parts["second"] or 0)))
    zone = (parts.get("zone") or "").upper()
    if not zone:
        return written
    return datetime.fromisoformat(f"{written.isoformat()}{'+00:00' if zone in ('Z', 'UTC') else zone}")


def _hour(hour: int, half: str) -> int:
    noon = 12
    if half in ("下午", "晚上", "PM") and hour < noon:
        return hour + noon
    return 0 if half in ("上午", "凌晨", "AM") and hour == noon else hour


def _counted(value: str, *, of_day: time) -> datetime:
    """A spreadsheet's day count, or seconds or milliseconds since 1970."""
    number = float(value)
    if _EXCEL_DAYS[0] <= number < _EXCEL_DAYS[1]:
        counted = _EXCEL_EPOCH + timedelta(seconds=round(number * 86400))
        return datetime.combine(counted.date(), of_day) if number.is_integer() else counted
    for seconds in (number, number / 1000):
        if _UNIX_SECONDS[0] <= seconds < _UNIX_SECONDS[1]:
            return datetime.fromtimestamp(seconds, UTC)
    raise ValueError("no count of days or seconds")


def _utc(given: datetime) -> datetime:
    aware = given if given.tzinfo else given.replace(tzinfo=SHANGHAI)
    if not _FIRST_YEAR <= aware.year < _LAST_YEAR:
        raise FaultError(Fault.NOT_A_TIME)
    return aware.astimezone(UTC)
