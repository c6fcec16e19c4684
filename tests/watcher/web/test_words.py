"""Small pure things: masking, times and money in words, hours to come back."""

import gettext
from datetime import UTC, datetime, timedelta

import pytest
from builders import NOW, ago

from watcher.web.console import later
from watcher.web.masking import mask_numbers
from watcher.web.saying import age, local, span, yuan

PLAIN = gettext.NullTranslations()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("快递员13800000077正在派送", "快递员138****0077正在派送"),
        ("电话：138-0000-0077。", "电话：138****0077。"),
        ("+86 138 0000 0077", "138****0077"),
        ("8613800000077", "138****0077"),
        ("17000000001转1234", "170****0001-****"),
        ("13800000001-4567 李", "138****0001-**** 李"),
        ("网点0755-85550001", "网点075****0001"),
        ("（010）85550001", "010****0001"),
        ("１３８００００００７７－１２", "138****0077-****"),
        ("两个：13800000001,13800000002", "两个：138****0001,138****0002"),
        ("0755-8555 0001", "075****0001"),
        ("+86-755-85550001", "075****0001"),
        ("138  0000.0077", "138****0077"),
        ("+852 6123 4567", "852****4567"),
    ],
)
def test_private_numbers_are_hidden_in_texts(text: str, masked: str) -> None:
    assert mask_numbers(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "运单号78400000000001",
        "客服95311",
        "400-811-1111",
        "取件码 12-3-4567",
        "2026-03-02 10:00:00",
        "SF1380000007712",
        "",
    ],
)
def test_other_digits_stay(text: str) -> None:
    assert mask_numbers(text) == text


@pytest.mark.parametrize(
    ("fen", "said"),
    [(0, "¥0"), (5, "¥0.05"), (12_000, "¥120"), (123_456_789, "¥1,234,567.89"), (-250, "-¥2.50")],
)
def test_money_in_yuan(fen: int, said: str) -> None:
    assert yuan(fen) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3600, "1 h"),
        (3660, "1 h 1 min"),
        (6 * 3600 + 60, "6 h"),
        (47 * 3600, "47 h"),
        (48 * 3600, "2 d"),
        (-90, "1 min"),
    ],
)
def test_spans_in_at_most_two_units(seconds: int, said: str) -> None:
    assert span(timedelta(seconds=seconds), PLAIN) == said


def test_ages_say_which_way_time_goes() -> None:
    assert age(ago("3h"), NOW, PLAIN) == "3 h ago"
    assert age(NOW + timedelta(minutes=20), NOW, PLAIN) == "in 20 min"
    assert age(NOW, NOW, PLAIN) == "now"


def test_times_are_those_of_shanghai_with_the_year_only_when_it_is_another() -> None:
    assert local(NOW, NOW) == "03-02 10:00"
    assert local(datetime(2025, 12, 31, 15, 59, tzinfo=UTC), NOW) == "2025-12-31 23:59"
    assert local(datetime(2025, 12, 31, 16, 0, tzinfo=UTC), NOW) == "01-01 00:00"


def shanghai_hours(now: datetime) -> list[str]:
    return [f"{choice.days} {choice.hour}" for choice in later.choices(now)]


def test_the_morning_offers_soon_and_every_useful_hour_of_three_days() -> None:
    assert shanghai_hours(NOW) == [
        "0 10:30", "0 12:00", "0 14:00", "0 18:30", "1 09:00", "1 14:00", "1 18:30", "2 09:00", "2 14:00", "2 18:30",
    ]  # fmt: skip


def test_the_night_offers_nothing_before_nine() -> None:
    night = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    assert shanghai_hours(night)[0] == "1 09:00"
    assert all("09:00" <= said.split()[1] <= "20:30" for said in shanghai_hours(night))


@pytest.mark.parametrize("text", ["0001-01-01T00:00", "9999-12-31T23:59:59-12:00", "", "soon"])
def test_what_is_no_time_in_utc_is_no_time(text: str) -> None:
    assert later.typed(text) is None


def test_a_typed_time_is_shanghais_unless_it_says_otherwise() -> None:
    assert later.typed("2026-03-02T10:00") == NOW
    assert later.typed("2026-03-02T02:00:00+00:00") == NOW
    assert later.typed("tomorrow") is None
    assert later.typed("") is None
