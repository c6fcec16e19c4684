"""stalled: nothing new for longer than the lane allows, and never from our own blindness."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from builders import CHENGDU, NOW, SHENZHEN, URUMQI, a_shipment, ago

from watcher.detection.context import Context
from watcher.detection.evaluate import Evaluation, evaluate
from watcher.detection.packs import Boundary, Pack, Stages
from watcher.detection.transit import stalled
from watcher.model import Finding, History, Lane, NotYet, PollSummary, Region, Rule

Found = Callable[..., dict[Rule, Finding]]
MINUTE = timedelta(minutes=1)
SHANGHAI, HANGZHOU = Region(province="31"), Region(province="33")


@pytest.mark.parametrize(
    ("origin", "destination", "quiet", "weight"),
    [
        (SHENZHEN, CHENGDU, timedelta(hours=47, minutes=59), None),
        (SHENZHEN, CHENGDU, timedelta(hours=48), 1),
        (SHENZHEN, CHENGDU, timedelta(hours=65, minutes=59), 1),
        (SHENZHEN, CHENGDU, timedelta(hours=66), 2),
        (SHENZHEN, SHENZHEN, timedelta(hours=29, minutes=59), None),
        (SHENZHEN, SHENZHEN, timedelta(hours=30), 1),
        (SHENZHEN, SHENZHEN, timedelta(hours=44), 2),
        (SHANGHAI, HANGZHOU, timedelta(hours=30), 1),
        (SHENZHEN, URUMQI, timedelta(hours=83, minutes=59), None),
        (SHENZHEN, URUMQI, timedelta(hours=84), 1),
        (SHENZHEN, URUMQI, timedelta(hours=112), 2),
        (Region(), CHENGDU, timedelta(hours=83, minutes=59), None),
    ],
)
def test_each_lane_has_its_hours(
    found: Found, origin: Region, destination: Region, quiet: timedelta, weight: int | None
) -> None:
    minutes = int(quiet / MINUTE)
    finding = found(f"运输 {minutes}m ago", origin=origin, region=destination).get(Rule.STALLED)
    assert (finding.weight if finding else None) == weight


def test_a_pack_may_say_over_instead_of_at(
    told: Callable[..., History], heard: Callable[..., PollSummary], pack_with: Callable[..., Pack]
) -> None:
    over = Stages(boundary=Boundary.OVER, warn_hours=48, red_hours=66, deadline_hours=72)
    context = Context(pack=pack_with(stalled=dict.fromkeys(Lane, over)), lane=Lane.CROSS_PROVINCE)

    def said(quiet: str) -> Any:
        return stalled(a_shipment(), told(f"运输 {quiet} ago"), heard("0m"), context, NOW)

    assert said("48h") == NotYet(NOW + timedelta(microseconds=1))
    assert isinstance(said("2881m"), Finding)


@pytest.mark.parametrize("line", ["揽收", "运输", "到达", "派送", "问题", "看不懂"])
def test_a_parcel_on_its_way_can_stall(found: Found, line: str) -> None:
    assert Rule.STALLED in found(f"{line} 60h ago")


@pytest.mark.parametrize("line", ["下单", "待取", "签收", "代收", "退回中", "已退回", "取消"])
def test_a_parcel_that_is_not_under_way_never_stalls(found: Found, line: str) -> None:
    assert Rule.STALLED not in found("揽收 90h ago", f"{line} 60h ago")


@pytest.mark.parametrize("end", ["签收", "代收", "待取"])
def test_a_problem_printed_after_the_end_does_not_make_it_move_again(found: Found, end: str) -> None:
    assert Rule.STALLED not in found("揽收 90h ago", f"{end} 70h ago", "问题 60h ago")


def test_a_late_line_of_the_depot_after_delivery_is_no_stall(found: Found) -> None:
    assert found("揽收 90h ago", "签收 70h ago", "运输 60h ago") == {}


def test_any_new_line_ends_it_even_one_nobody_can_read(found: Found) -> None:
    assert Rule.STALLED in found("运输 60h ago")
    assert Rule.STALLED not in found("运输 60h ago", "看不懂 1h ago")


def test_nothing_printed_at_all_is_not_a_stall(found: Found) -> None:
    assert Rule.STALLED not in found()


def test_the_facts_hold_the_last_scan_and_nobody_personal(
    told: Callable[..., History], heard: Callable[..., PollSummary], house: Pack
) -> None:
    history = told(
        "运输 50h ago",
        facility="成都转运中心",
        city="成都市",
        carrier_code="30",
        courier_name="张三",
        courier_phone="13800000009",
        text="张三 13800000009",
    )
    context = Context(pack=house, lane=Lane.CROSS_PROVINCE)
    finding = stalled(a_shipment(), history, heard("0m"), context, NOW)
    assert isinstance(finding, Finding)
    assert finding.facts == {
        "since": "2026-02-28 08:00",
        "hours": 48,
        "deadline_hours": 72,
        "lane": "cross_province",
        "milestone": "in_transit",
        "facility": "成都转运中心",
        "city": "成都市",
        "carrier_code": "30",
    }
    assert finding.deadline == ago("50h") + timedelta(hours=72)


class TestBlindOrStalled:
    """Silence up to the last answer is proven; silence after it is ours."""

    def test_an_answer_before_the_hour_proves_nothing(self, judged: Callable[..., Evaluation]) -> None:
        # 50 hours of silence by the wall clock, of which we looked at 47 h 59 m
        evaluation = judged("运输 50h ago", heard=ago("121m"))
        assert evaluation.findings == ()

    def test_an_answer_at_the_hour_proves_it(self, found: Found) -> None:
        finding = found("运输 50h ago", heard=ago("120m"))[Rule.STALLED]
        assert finding.weight == 1

    def test_the_weight_too_is_judged_at_the_last_answer(self, found: Found) -> None:
        assert found("运输 67h ago", heard=ago("61m"))[Rule.STALLED].weight == 1
        assert found("运输 67h ago", heard=ago("60m"))[Rule.STALLED].weight == 2

    def test_old_data_leave_it_open_whether_it_stalls(self, judged: Callable[..., Evaluation]) -> None:
        evaluation = judged("运输 90h ago", heard=ago("361m"))
        assert evaluation.findings == ()
        assert Rule.STALLED in evaluation.unsure
        assert Rule.STALLED not in judged("运输 90h ago", heard=ago("360m")).unsure

    def test_after_a_stop_of_ours_it_looks_again_when_the_source_was_asked(
        self, judged: Callable[..., Evaluation], heard: Callable[..., PollSummary], house: Pack
    ) -> None:
        evaluation = judged("运输 90h ago", polls=heard("60h", next_poll_at=ago("58h")))
        assert evaluation.findings == ()
        proven = judged("运输 90h ago", polls=heard("9h", next_poll_at=ago("7h")))
        assert proven.findings == ()
        assert proven.look_again_at == NOW + house.watching.answer

    def test_what_is_plainly_over_is_over_on_old_data_too(self, judged: Callable[..., Evaluation]) -> None:
        evaluation = judged("运输 90h ago", "签收 40h ago", heard=ago("30h"))
        assert evaluation.findings == ()
        assert evaluation.unsure == frozenset()

    def test_cannot_watch_speaks_instead(
        self, judged: Callable[..., Evaluation], heard: Callable[..., PollSummary]
    ) -> None:
        evaluation = judged("运输 90h ago", polls=heard("7h", failures_in_a_row=3))
        assert [finding.rule for finding in evaluation.findings] == [Rule.CANNOT_WATCH]

    def test_it_is_looked_at_when_an_answer_can_be_there(
        self, told: Callable[..., History], heard: Callable[..., PollSummary], house: Pack
    ) -> None:
        context = Context(pack=house, lane=Lane.CROSS_PROVINCE)

        def look(quiet: str, polls: PollSummary) -> object:
            return evaluate(a_shipment(), told(f"运输 {quiet} ago"), polls, context, NOW).look_again_at

        answer = house.watching.answer
        # the hour comes later than the next answer
        assert look("40h", heard("1h", next_poll_at=NOW + MINUTE)) == NOW + timedelta(hours=8)
        # the hour has come, the answer has not
        assert look("48h", heard("1h", next_poll_at=NOW + MINUTE)) == NOW + MINUTE + answer
        # the question itself is late
        assert look("49h", heard("2h", next_poll_at=ago("30m"))) == NOW + answer
        # found, and red comes later
        assert look("50h", heard("0m", next_poll_at=NOW + MINUTE)) == NOW + timedelta(hours=16)
        # red already: only news changes anything
        assert look("70h", heard("0m", next_poll_at=NOW + MINUTE)) is None
        # nobody asks any more
        assert look("49h", heard("2h", next_poll_at=None)) is None
