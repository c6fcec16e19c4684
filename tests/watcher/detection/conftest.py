"""Stories about one parcel, told in a few words, and what the rules say of them."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import msgspec
import pytest
from builders import NOW, a_scan, a_shipment, ago

from carriers.contract import Scan
from watcher.detection.context import context_of
from watcher.detection.evaluate import Evaluation, evaluate
from watcher.detection.packs import Pack, load_packs
from watcher.model import Finding, History, PollSummary, Rule
from watcher.polling.history import history_of

WORDS: dict[str, tuple[str, ...]] = {
    "下单": ("pre_transit",),
    "揽收": ("picked_up",),
    "运输": ("in_transit",),
    "到达": ("arrived_at_destination_city",),
    "派送": ("out_for_delivery",),
    "待取": ("ready_for_pickup",),
    "签收": ("delivered",),
    "代收": ("delivered_to_proxy",),
    "退回中": ("returning", "return_to_sender"),
    "已退回": ("returned", "return_to_sender"),
    "取消": ("cancelled",),
    "看不懂": ("unknown",),
    "问题": ("exception",),
    "地址不详": ("exception", "bad_address"),
    "空号": ("exception", "bad_phone"),
    "拒付": ("exception", "cod_problem"),
    "破损": ("exception", "damaged"),
    "丢失": ("exception", "lost"),
    "改天": ("exception", "reschedule_by_recipient_or_holiday"),
    "台风": ("exception", "weather_or_force_majeure"),
    "派送失败": ("exception", "failed_attempt"),
    "无人接听": ("exception", "recipient_unreachable"),
    "送无人": ("exception", "failed_attempt", "recipient_unreachable"),
    "拒收": ("exception", "refused"),
    "超区": ("exception", "out_of_area"),
    "超区转寄": ("in_transit", "out_of_area"),
    "客户自取": ("exception", "pickup_only"),
    "自取待取": ("ready_for_pickup", "pickup_only"),
    "失败待取": ("ready_for_pickup", "failed_attempt"),
    "要求退回": ("exception", "return_to_sender"),
    "拒收退回": ("returning", "refused", "return_to_sender"),
}
LINE = re.compile(r"^(\S+) (\d+[mhd]) ago$")


def _lines(*words: str, now: datetime = NOW, **changes: Any) -> list[Scan]:
    """Scans at those times before `now`."""
    found = [LINE.match(word) for word in words]
    assert all(found), words
    return [
        a_scan(WORDS[match[1]][0], ago(match[2], now=now), *WORDS[match[1]][1:], **changes)
        for match in found
        if match
    ]


@pytest.fixture(scope="session")
def house() -> Pack:
    """The shipped pack."""
    return load_packs().current(date(2026, 3, 2))


@pytest.fixture
def lines() -> Callable[..., list[Scan]]:
    """`lines("揽收 60h ago", "派送失败 2h ago")`: the scans of a story."""
    return _lines


@pytest.fixture
def told() -> Callable[..., History]:
    """`told("揽收 60h ago")`: the history of these lines."""

    def tell(*words: str, now: datetime = NOW, **changes: Any) -> History:
        return history_of(_lines(*words, now=now, **changes))

    return tell


@pytest.fixture
def judged(house: Pack) -> Callable[..., Evaluation]:
    """`judged("揽收 60h ago")`: what all rules say at `NOW`, with an answer that has just come."""

    def judge(
        *words: str,
        now: datetime = NOW,
        heard: datetime | None = NOW,
        polls: PollSummary | None = None,
        **shipment: Any,
    ) -> Evaluation:
        parcel = a_shipment(**shipment)
        summary = polls or PollSummary(
            watched_since=ago("30d"), last_polled_at=heard, last_answered_at=heard, next_poll_at=None
        )
        return evaluate(parcel, history_of(_lines(*words)), summary, context_of(parcel, house), now)

    return judge


@pytest.fixture
def found(judged: Callable[..., Evaluation]) -> Callable[..., dict[Rule, Finding]]:
    """`found("拒收 2h ago")`: the findings by rule."""

    def find(*words: str, **changes: Any) -> dict[Rule, Finding]:
        return {finding.rule: finding for finding in judged(*words, **changes).findings}

    return find


@pytest.fixture
def pack_with(house: Pack) -> Callable[..., Pack]:
    """The shipped pack with some fields changed."""

    def change(**changes: Any) -> Pack:
        return msgspec.structs.replace(house, **changes)

    return change


@pytest.fixture
def heard() -> Callable[..., PollSummary]:
    """`heard("2h", failures_in_a_row=3)`: what polling knows, with its last answer that long ago."""

    def summary(when: str | None, **changes: Any) -> PollSummary:
        answered = None if when is None else ago(when)
        made = PollSummary(watched_since=ago("30d"), last_polled_at=answered, last_answered_at=answered)
        return replace(made, **changes)

    return summary
