"""Whole lives of parcels on a time line: at each moment, exactly these findings."""

from collections.abc import Callable

import pytest
from builders import NOW, a_shipment, ago

from carriers.contract import Scan
from watcher.detection.context import context_of
from watcher.detection.evaluate import evaluate
from watcher.detection.packs import Pack
from watcher.model import PollSummary
from watcher.polling.history import history_of

Moments = dict[str, set[str]]

STORIES: dict[str, tuple[tuple[str, ...], Moments]] = {
    "nothing goes wrong": (
        ("下单 100h ago", "揽收 95h ago", "运输 80h ago", "到达 50h ago", "派送 40h ago", "签收 36h ago"),
        {"96h": set(), "81h": set(), "51h": set(), "37h": set(), "1h": set()},
    ),
    "never picked up, then it is": (
        ("下单 100h ago", "揽收 60h ago", "运输 50h ago"),
        {"89h": set(), "88h": {"no_first_scan"}, "61h": {"no_first_scan"}, "59h": set()},
    ),
    "a jam that dissolves": (
        ("揽收 200h ago", "运输 190h ago", "运输 100h ago", "派送 60h ago", "签收 55h ago"),
        {"143h": set(), "142h": {"stalled"}, "101h": {"stalled"}, "99h": set(), "1h": set()},
    ),
    "failed, tried again, delivered": (
        ("揽收 80h ago", "派送 40h ago", "派送失败 38h ago", "派送 16h ago", "签收 14h ago"),
        {"39h": set(), "37h": {"failed_attempt"}, "17h": {"failed_attempt"}, "15h": set(), "1h": set()},
    ),
    "nobody answers, twice, and back it goes": (
        (
            "揽收 120h ago",
            "派送 90h ago",
            "送无人 88h ago",
            "派送 66h ago",
            "送无人 64h ago",
            "退回中 40h ago",
            "已退回 5h ago",
        ),
        {
            "87h": {"failed_attempt", "recipient_unreachable"},
            "65h": set(),
            "41h": {"failed_attempt", "recipient_unreachable"},
            "39h": {"failed_attempt", "recipient_unreachable", "return_to_sender"},
            "4h": set(),
        },
    ),
    "refused, talked round, taken": (
        ("揽收 80h ago", "派送 40h ago", "拒收 38h ago", "派送 16h ago", "签收 14h ago"),
        {"37h": {"refused"}, "15h": {"refused"}, "13h": set()},
    ),
    "too far out, fetched in the end": (
        ("揽收 90h ago", "到达 60h ago", "超区 50h ago", "自取待取 30h ago", "签收 9h ago"),
        {"49h": {"out_of_area"}, "29h": {"out_of_area", "pickup_only"}, "8h": set()},
    ),
    "signed by mistake, then sent back": (
        ("派送 60h ago", "签收 58h ago", "退回中 30h ago", "已退回 3h ago"),
        {"57h": set(), "29h": {"return_to_sender"}, "2h": set()},
    ),
    "given up on at the door, and then nothing": (
        ("揽收 200h ago", "派送 150h ago", "派送失败 149h ago"),
        {
            "148h": {"failed_attempt"},
            "101h": {"failed_attempt", "stalled"},
            "0m": {"failed_attempt", "stalled"},
        },
    ),
}


@pytest.mark.parametrize("title", STORIES)
def test_a_story(title: str, lines: Callable[..., list[Scan]], house: Pack) -> None:
    words, moments = STORIES[title]
    parcel = a_shipment(number_uploaded_at=ago("100h"))
    for moment, expected in moments.items():
        now = ago(moment)
        seen = [scan for scan in lines(*words) if scan.occurred_at <= now]
        polls = PollSummary(watched_since=ago("201h"), last_polled_at=now, last_answered_at=now)
        said = evaluate(parcel, history_of(seen), polls, context_of(parcel, house), now)
        assert {finding.rule.value for finding in said.findings} == expected, f"{title}, {moment} ago"
    assert ago("0m") == NOW
