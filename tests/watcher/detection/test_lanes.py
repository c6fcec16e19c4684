"""Lanes: two ends, four classes, and no guess that alarms too early."""

import pytest
from builders import CHENGDU, SHENZHEN, URUMQI

from watcher.detection.lanes import lane_of
from watcher.detection.packs import Pack
from watcher.model import Lane, Region

UNKNOWN = Region()
BEIJING, HEBEI, SHANGHAI, ANHUI = (Region(province=code) for code in ("11", "13", "31", "34"))


@pytest.mark.parametrize(
    ("origin", "destination", "lane"),
    [
        (SHENZHEN, CHENGDU, Lane.CROSS_PROVINCE),
        (SHENZHEN, SHENZHEN, Lane.SAME_PROVINCE),
        (BEIJING, HEBEI, Lane.SAME_REGION),
        (ANHUI, SHANGHAI, Lane.SAME_REGION),
        (BEIJING, SHANGHAI, Lane.CROSS_PROVINCE),
        (SHENZHEN, URUMQI, Lane.REMOTE),
        (URUMQI, SHENZHEN, Lane.REMOTE),
        (URUMQI, URUMQI, Lane.REMOTE),
        (UNKNOWN, URUMQI, Lane.REMOTE),
        (UNKNOWN, CHENGDU, Lane.REMOTE),
        (SHENZHEN, UNKNOWN, Lane.REMOTE),
        (UNKNOWN, UNKNOWN, Lane.REMOTE),
    ],
)
def test_two_ends_give_a_class(house: Pack, origin: Region, destination: Region, lane: Lane) -> None:
    assert lane_of(origin, destination, house.lanes) is lane


def test_a_merchant_can_say_what_an_unknown_end_is(house: Pack) -> None:
    lanes = type(house.lanes)(
        remote_provinces=house.lanes.remote_provinces,
        regions=house.lanes.regions,
        unknown=Lane.CROSS_PROVINCE,
    )
    assert lane_of(UNKNOWN, CHENGDU, lanes) is Lane.CROSS_PROVINCE
    assert lane_of(UNKNOWN, URUMQI, lanes) is Lane.REMOTE
