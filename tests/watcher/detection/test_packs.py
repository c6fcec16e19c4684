"""Rule packs: the shipped one is complete, a wrong one says what is wrong with it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from watcher.detection.packs import Boundary, PackError, Packs, default_folder, load_packs, read_pack
from watcher.model import Lane, Rule, Urgency

HOUSE = (default_folder() / "house.toml").read_text(encoding="utf-8")


def test_the_shipped_pack_holds_every_rule_and_every_lane() -> None:
    pack = load_packs().current(date(2026, 3, 2))
    assert pack.id == "house"
    assert pack.weighing.keys() == set(Rule)
    assert pack.stalled.keys() == set(Lane)


def test_wider_lanes_are_given_more_time() -> None:
    stalled = load_packs().current(date(2026, 3, 2)).stalled
    hours = [stalled[lane].warn_hours for lane in (Lane.SAME_PROVINCE, Lane.CROSS_PROVINCE, Lane.REMOTE)]
    assert hours == sorted(hours)
    assert len(set(hours)) == 3


def test_the_latest_pack_that_has_begun_counts() -> None:
    packs = Packs(
        tuple(
            read_pack(HOUSE.replace("2020-01-01", day), name=day)
            for day in ("2026-01-01", "2026-03-02", "2026-06-01")
        )
    )
    assert packs.current(date(2026, 3, 1)).valid_from == date(2026, 1, 1)
    assert packs.current(date(2026, 3, 2)).valid_from == date(2026, 3, 2)
    # 16:30 UTC is half past midnight of the next day in China
    assert packs.at(datetime(2026, 3, 1, 16, 30, tzinfo=UTC)).valid_from == date(2026, 3, 2)


def test_a_day_without_a_pack_is_said() -> None:
    with pytest.raises(PackError, match="earlier valid_from"):
        load_packs().current(date(2019, 12, 31))


@pytest.mark.parametrize(
    ("right", "wrong", "hint"),
    [
        ("warn_hours = 12", "warn_hour = 12", "did you mean 'warn_hours'"),
        ("misses = 3", "mises = 3", "did you mean 'misses'"),
        ("[weighing.refused]", "[weighing.refuse]", "did you mean 'refused'"),
        ('urgency = "soon"', 'urgency = "soonn"', "did you mean 'soon'"),
        ("[stalled.remote]", "[stalled.remot]", "did you mean 'remote'"),
        ("warn_hours = 12", 'warn_hours = "12"', "Expected `int`"),
        ("warn_hours = 12", "warn_hours = 0", ">= 1|> 0"),
        ("warn_hours = 12", "warn_hours = 21", "must not fall"),
        ("chance_of_loss_percent = 80", "chance_of_loss_percent = 800", "<= 100"),
        ("[reported.return_to_sender]", "[reported.stalled]", "lacks return_to_sender"),
        ('"15", "54"', '"15", "5401"', "match"),
        ("misses = 3", "misses = ", "house.toml"),
    ],
)
def test_a_wrong_pack_says_what_to_write_instead(right: str, wrong: str, hint: str) -> None:
    assert right in HOUSE
    with pytest.raises(PackError, match=hint) as refused:
        read_pack(HOUSE.replace(right, wrong, 1), name="house.toml")
    assert "house.toml" in str(refused.value)


def test_a_rule_that_is_missing_is_named() -> None:
    without = HOUSE[: HOUSE.index("[weighing.cannot_watch]")]
    with pytest.raises(PackError, match=r"\[weighing\] lacks cannot_watch"):
        read_pack(without, name="house.toml")


def test_an_empty_folder_and_two_equal_packs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="no rule pack"):
        load_packs(tmp_path)
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(HOUSE, encoding="utf-8")
    with pytest.raises(PackError, match="remove one"):
        load_packs(tmp_path)


def test_over_begins_one_step_after_at_and_over() -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    at_and_over = load_packs().current(date(2026, 3, 2)).no_first_scan
    over = type(at_and_over)(boundary=Boundary.OVER, warn_hours=12, red_hours=20, deadline_hours=24)
    assert at_and_over.ripe_at(start, hours=12) == start + timedelta(hours=12)
    assert over.ripe_at(start, hours=12) > start + timedelta(hours=12)


def test_urgency_rises_with_the_weight_where_the_pack_says_so() -> None:
    weighing = load_packs().current(date(2026, 3, 2)).weighing
    assert [weighing[Rule.STALLED].urgency_at(weight) for weight in (1, 2)] == [Urgency.TODAY, Urgency.NOW]
    assert weighing[Rule.REFUSED].urgency_at(3) is Urgency.NOW
