from datetime import timedelta

from builders import NOW

from carriers.contract import Query
from watcher.model import PollReason
from watcher.polling.budget import Due, calls


def due(number, *, minutes_late=0, at_stake_fen=0, shipment_id=None):
    return Due(
        shipment_id=shipment_id or number,
        query=Query("sf", f"SF{number}"),
        reason=PollReason.STAGE_INTERVAL,
        due_at=NOW - timedelta(minutes=minutes_late),
        at_stake_fen=at_stake_fen,
    )


def numbers(batches):
    return [[one.shipment_id for one in batch] for batch in batches]


def test_batches_are_as_large_as_the_source_allows():
    assert numbers(calls([due(n) for n in range(1, 6)], batch_size=2, at_most=9)) == [[1, 2], [3, 4], [5]]


def test_nothing_due_asks_nothing():
    assert calls([], batch_size=10, at_most=4) == []


def test_when_the_budget_is_short_most_to_lose_goes_first():
    cheap, dear, older = due(1), due(2, at_stake_fen=90_00), due(3, minutes_late=5)
    assert numbers(calls([cheap, older, dear], batch_size=1, at_most=2)) == [[2], [3]]


def test_with_enough_budget_nothing_is_reordered():
    cheap, dear = due(1), due(2, at_stake_fen=90_00)
    assert numbers(calls([cheap, dear], batch_size=1, at_most=2)) == [[1], [2]]


def test_one_number_stands_only_once_in_a_batch():
    batches = calls([due(1), due(1, shipment_id=7), due(2)], batch_size=10, at_most=4)
    assert numbers(batches) == [[1, 2], [7]]
