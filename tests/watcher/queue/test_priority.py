"""The order of the queue: money at risk in the time left, then deadline, then age."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from builders import NOW, ago
from hypothesis import given
from hypothesis import strategies as st

from watcher.model import Urgency
from watcher.queue.priority import Standing, duration, priority, standing, why


@dataclass(frozen=True)
class Alert:
    """The least an alert must show."""

    at_risk_fen: int = 12_000
    urgency: Urgency = Urgency.TODAY
    deadline: datetime | None = None
    raised_at: datetime = NOW

    @property
    def rank(self) -> float:
        return priority(
            at_risk_fen=self.at_risk_fen,
            urgency=self.urgency,
            deadline=self.deadline,
            raised_at=self.raised_at,
        )


def _in(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(Alert(at_risk_fen=30_000), Alert(at_risk_fen=12_000), id="more money"),
        pytest.param(Alert(deadline=_in(3)), Alert(deadline=_in(9)), id="less time"),
        pytest.param(Alert(deadline=_in(3)), Alert(), id="a deadline before the day is over"),
        pytest.param(Alert(urgency=Urgency.NOW), Alert(urgency=Urgency.SOON), id="sooner"),
        pytest.param(Alert(urgency=Urgency.SOON), Alert(urgency=Urgency.TODAY), id="rather today"),
        pytest.param(Alert(raised_at=_in(-5)), Alert(), id="older"),
        pytest.param(
            Alert(at_risk_fen=80_000, deadline=_in(20)),
            Alert(at_risk_fen=20_000, deadline=_in(4)),
            id="four times the money outweighs sixteen hours",
        ),
        pytest.param(
            Alert(at_risk_fen=20_000, deadline=_in(1)),
            Alert(at_risk_fen=25_000, deadline=_in(20)),
            id="nineteen hours outweigh a little money",
        ),
        pytest.param(
            Alert(at_risk_fen=3_000, raised_at=_in(-96)),
            Alert(at_risk_fen=50_000),
            id="the cheap one has waited four days",
        ),
        pytest.param(
            Alert(urgency=Urgency.NOW, deadline=_in(300)),
            Alert(urgency=Urgency.TODAY, deadline=_in(5)),
            id="what cannot wait does not wait for a far deadline",
        ),
    ],
)
def test_the_first_comes_before_the_second(first: Alert, second: Alert) -> None:
    assert first.rank > second.rank


def test_a_parcel_of_unknown_value_is_worth_its_freight() -> None:
    assert Alert(at_risk_fen=0).rank == Alert(at_risk_fen=1_000).rank


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(-(10**6), 10**6), st.integers(0, 10**7))
def test_waiting_alone_never_changes_the_order(fen: int, other: int, gap: int, wait: int) -> None:
    """Both move into the past by the same time: what was first stays first, so the number may be stored."""

    def before(now: datetime) -> float:
        one = Alert(at_risk_fen=fen, deadline=now + timedelta(seconds=gap), raised_at=now)
        return one.rank - Alert(at_risk_fen=other, raised_at=now).rank

    assert before(NOW) == pytest.approx(before(NOW + timedelta(seconds=wait)), abs=1e-6)


@given(st.integers(1_000, 10**9), st.integers(1, 10**6), st.integers(1, 23 * 60))
def test_more_money_and_less_time_never_come_later(fen: int, more: int, minutes: int) -> None:
    base = Alert(at_risk_fen=fen, deadline=_in(23), raised_at=NOW)
    assert Alert(at_risk_fen=fen + more, deadline=_in(23), raised_at=NOW).rank > base.rank
    assert (
        Alert(at_risk_fen=fen, deadline=_in(23) - timedelta(minutes=minutes), raised_at=NOW).rank > base.rank
    )


def test_a_parcel_with_several_alerts_is_lost_only_once() -> None:
    alerts = [
        Alert(at_risk_fen=12_000, deadline=_in(30), urgency=Urgency.SOON),
        Alert(at_risk_fen=15_000, deadline=_in(9)),
        Alert(at_risk_fen=3_000, urgency=Urgency.NOW, raised_at=_in(-1)),
    ]

    place = standing(alerts)

    assert (place.at_risk_fen, place.urgency, place.deadline) == (15_000, Urgency.NOW, _in(9))
    assert place.priority == max(alert.rank for alert in alerts)


def test_the_card_says_why_it_is_here() -> None:
    place = Standing(12_850, Urgency.NOW, _in(3.5), priority=0.0)

    assert why(place, opened_at=_in(-0.5), now=NOW, language="zh") == (
        "涉及 128.50 元，距时限还有 3 小时，请马上联系，已等待 30 分钟"
    )
    assert why(place, opened_at=_in(-0.5), now=NOW, language="en") == (
        "128.50 yuan at risk, 3 h to the deadline, call now, waiting for 30 min"
    )


def test_the_card_says_when_the_deadline_is_over_and_the_value_unknown() -> None:
    place = Standing(0, Urgency.TODAY, _in(-49), priority=0.0)

    assert why(place, opened_at=_in(-72), now=NOW, language="en") == (
        "value unknown, 2 d past the deadline, deal with it today, waiting for 3 d"
    )


def test_without_a_deadline_there_is_no_word_of_one() -> None:
    place = Standing(20_000, Urgency.SOON, None, priority=0.0)

    assert why(place, opened_at=NOW, now=NOW, language="zh") == "涉及 200 元，请尽快联系，已等待 0 分钟"


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(minutes=60), "1 h"),
        (timedelta(hours=47, minutes=59), "47 h"),
        (timedelta(hours=48), "2 d"),
        (timedelta(seconds=-5), "0 min"),
    ],
)
def test_a_span_is_said_in_one_unit(span: timedelta, words: str) -> None:
    assert duration(span, language="en") == words


def test_a_deadline_lost_before_anybody_knew_does_not_push_ahead_of_what_can_be_saved() -> None:
    lost = priority(at_risk_fen=2_000, urgency=Urgency.NOW, deadline=ago("5d"), raised_at=NOW)
    to_save = priority(
        at_risk_fen=30_000, urgency=Urgency.NOW, deadline=NOW + timedelta(hours=2), raised_at=NOW
    )
    assert to_save > lost
