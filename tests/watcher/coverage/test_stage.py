"""From histories to evidence, as often as one likes."""

from itertools import count

import pytest
import sqlalchemy as sa
from builders import NOW, SHENZHEN, URUMQI, a_scan, stored

from carriers.contract import Scan
from watcher.clock import ManualClock
from watcher.coverage.stage import Covering
from watcher.coverage.table import Level, coverage_table, total_of
from watcher.model import Fate, Region
from watcher.store import evidence as rows
from watcher.store import scans
from watcher.store.engine import Store
from watcher.store.tables import evidence, shipment, watch

_NUMBERS = count(1)
DOOR = (a_scan("picked_up", "3d"), a_scan("out_for_delivery", "1d"), a_scan("delivered", "12h"))
OUT_OF_AREA = (a_scan("picked_up", "3d"), a_scan("exception", "1d", "out_of_area"))


@pytest.fixture
def covering(store: Store, clock: ManualClock) -> Covering:
    return Covering(store, clock)


def _parcel(store: Store, *lines: Scan, **changes: object) -> int:
    number = next(_NUMBERS)
    key = stored(store, *lines, order_number=f"O-{number}", tracking_number=f"784{number:011d}", **changes)  # type: ignore[arg-type]
    _heard(store, key)
    return key


def _heard(store: Store, shipment_id: int) -> None:
    with store.write() as connection:
        connection.execute(
            sa.update(watch).where(watch.c.shipment_id == shipment_id).values(coverage_pending=True)
        )


def _evidence(store: Store, shipment_id: int) -> dict[Fate, rows.EvidenceRow]:
    with store.read() as connection:
        return {row.fate: row for row in rows.of_shipments(connection, [shipment_id])[shipment_id]}


def test_each_fate_is_kept_with_carrier_and_place(store: Store, covering: Covering) -> None:
    parcel = _parcel(store, *DOOR)

    assert covering.run_once() == 1

    found = _evidence(store, parcel)
    assert found.keys() == {Fate.SHIPPED, Fate.DELIVERED_TO_DOOR}
    door = found[Fate.DELIVERED_TO_DOOR]
    assert (door.carrier, door.province, door.city, door.district, door.town) == (
        "zto",
        "51",
        "5101",
        "510107",
        "510107001",
    )
    assert (door.at, door.days_in_transit) == (DOOR[-1].occurred_at, 2.5)


def test_what_was_taken_is_not_taken_again(store: Store, covering: Covering) -> None:
    for _ in range(3):
        _parcel(store, *DOOR)

    assert [covering.run_once(limit=2) for _ in range(3)] == [2, 1, 0]


def test_doing_it_twice_changes_nothing(store: Store, covering: Covering) -> None:
    parcel = _parcel(store, *DOOR)
    covering.run_once()
    with store.read() as connection:
        before = connection.execute(sa.select(evidence).order_by(evidence.c.id)).all()
    _heard(store, parcel)

    covering.run_once()

    with store.read() as connection:
        assert connection.execute(sa.select(evidence).order_by(evidence.c.id)).all() == before


def test_a_delivery_that_is_withdrawn_is_no_evidence(store: Store, covering: Covering) -> None:
    parcel = _parcel(store, *DOOR)
    covering.run_once()
    with store.write() as connection:
        scans.withdraw(connection, {parcel: [DOOR[-1].identity]}, at=NOW)
    _heard(store, parcel)

    covering.run_once()

    assert _evidence(store, parcel).keys() == {Fate.SHIPPED}


def test_a_corrected_address_moves_its_evidence(store: Store, covering: Covering) -> None:
    parcel = _parcel(store, *DOOR)
    covering.run_once()
    with store.write() as connection:
        connection.execute(sa.update(shipment).where(shipment.c.id == parcel).values(city="5103"))
    _heard(store, parcel)

    covering.run_once()

    assert {row.city for row in _evidence(store, parcel).values()} == {"5103"}


def test_the_table_counts_fates_per_carrier_and_city_with_the_most_trouble_first(
    store: Store, covering: Covering
) -> None:
    _parcel(store, *DOOR)
    _parcel(store, *DOOR)
    far = {"region": URUMQI}
    _parcel(store, *OUT_OF_AREA, **far)
    _parcel(store, *OUT_OF_AREA, a_scan("delivered", "12h"), **far)
    _parcel(store, *DOOR, carrier="sf", **far)
    covering.run_once()

    first, second, third = coverage_table(store)

    assert (first.carrier, first.region, first.place) == ("zto", "6501", "新疆维吾尔自治区 乌鲁木齐市")
    assert (first.shipments, first.troubled, first.level) == (2, 2, Level.CITY)
    assert {fate.value: number for fate, number in first.counts.items() if number} == {
        "shipped": 2,
        "out_of_area": 2,
        "delivered_to_door": 1,
    }
    assert first.days_in_transit == 2.5
    assert first.under_way == 1
    assert (second.carrier, second.region, second.shipments, second.troubled) == ("zto", "5101", 2, 0)
    assert (third.carrier, third.region, third.shipments) == ("sf", "6501", 1)
    assert second.under_way == third.under_way == 0


def test_a_total_is_what_the_lines_come_to(store: Store, covering: Covering) -> None:
    _parcel(store, *DOOR)
    _parcel(store, *DOOR, region=URUMQI)
    _parcel(store, *OUT_OF_AREA, region=URUMQI)
    covering.run_once()

    lines = coverage_table(store)
    total = total_of(lines)

    assert (total.shipments, total.troubled, total.under_way) == (3, 1, 1)
    assert total.counts[Fate.DELIVERED_TO_DOOR] == 2
    assert total.days_in_transit == lines[0].days_in_transit == lines[1].days_in_transit


def test_a_total_of_nothing_is_nothing() -> None:
    assert total_of([]).shipments == 0
    assert total_of([]).days_in_transit is None


def test_a_parcel_with_two_troubles_is_one_troubled_parcel(store: Store, covering: Covering) -> None:
    _parcel(store, *OUT_OF_AREA, a_scan("returning", "2h"))
    covering.run_once()

    [line] = coverage_table(store)

    assert (line.shipments, line.troubled, line.counts[Fate.RETURNED]) == (1, 1, 1)
    assert line.days_in_transit is None


def test_the_table_can_be_narrowed(store: Store, covering: Covering) -> None:
    _parcel(store, *DOOR)
    _parcel(store, *DOOR, carrier="sf")
    _parcel(store, *DOOR, region=SHENZHEN)
    _parcel(store, *DOOR, region=SHENZHEN)
    covering.run_once()

    assert [line.carrier for line in coverage_table(store, carrier="sf")] == ["sf"]
    assert [line.region for line in coverage_table(store, province="44")] == ["4403"]
    assert [line.region for line in coverage_table(store, minimum=2)] == ["4403"]
    assert coverage_table(store, carrier="nobody") == []


@pytest.mark.parametrize(
    ("level", "codes"),
    [
        ("province", {"44"}),
        ("city", {"4403"}),
        ("district", {"440305", "440306"}),
        (Level.TOWN, {"440305007", "440306"}),
    ],
)
def test_the_table_goes_as_fine_as_the_addresses_do(
    store: Store, covering: Covering, level: Level | str, codes: set[str]
) -> None:
    baoan = Region("44", "4403", "440306", None, "广东省", "深圳市", "宝安区", None)
    _parcel(store, *DOOR, region=SHENZHEN)
    _parcel(store, *DOOR, region=baoan)
    covering.run_once()

    assert {line.region for line in coverage_table(store, level=level)} == codes


def test_parcels_without_a_known_place_are_counted_too(store: Store, covering: Covering) -> None:
    _parcel(store, *DOOR, region=Region())
    covering.run_once()

    [line] = coverage_table(store)

    assert (line.region, line.place, line.shipments) == (None, "", 1)


def test_a_level_nobody_knows_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="street"):
        coverage_table(store, level="street")
