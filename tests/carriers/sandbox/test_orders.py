"""The order file tells of the same parcels that the players answer for, with tails that open them."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from carriers.sandbox.orders import COLUMNS, rows, write_orders_csv
from carriers.sandbox.people import tail
from carriers.sandbox.places import PLACES, Place
from carriers.sandbox.world import World, made_world

START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def made() -> World:
    return made_world(400, 5, lambda: START)


def test_every_life_has_a_row_and_every_row_a_life(made: World) -> None:
    lines = list(rows(made.orders.values()))
    assert {(row["carrier"], row["tracking_number"]) for row in lines} == set(made.lives)
    assert len({row["order_number"] for row in lines}) == len(lines)


def test_both_tails_of_a_row_open_its_parcel_and_the_second_phone_does_not(made: World) -> None:
    for row in rows(made.orders.values()):
        life = made.lives[row["carrier"], row["tracking_number"]]
        assert set(life.phone_tails) == {row["sender_phone_tail"], tail(row["phone"])}
        assert all(len(digits) == 4 and digits.isdigit() for digits in life.phone_tails)


def test_phones_are_mobiles_virtual_numbers_and_landlines(made: World) -> None:
    phones = [row["phone"] for row in rows(made.orders.values())]
    virtual = [phone for phone in phones if phone.startswith("13") and "-" in phone]
    landline = [phone for phone in phones if phone.startswith("0")]
    assert len(virtual) > 10
    assert len(landline) > 5
    assert len(phones) - len(virtual) - len(landline) > 250
    assert tail(virtual[0]) == virtual[0].rpartition("-")[2]


def test_an_order_is_paid_before_its_number_is_uploaded_at_birth(made: World) -> None:
    for row in rows(made.orders.values()):
        life = made.lives[row["carrier"], row["tracking_number"]]
        paid, uploaded = (datetime.fromisoformat(row[word]) for word in ("paid_at", "number_uploaded_at"))
        assert abs(uploaded - life.birth) < timedelta(seconds=1)
        assert timedelta(hours=1) < uploaded - paid <= timedelta(hours=18)


def test_a_third_is_cash_on_delivery_of_the_whole_value(made: World) -> None:
    lines = list(rows(made.orders.values()))
    cash = [row for row in lines if row["cod_amount"] != "0.00"]
    assert 0.25 < len(cash) / len(lines) < 0.42
    assert all(row["cod_amount"] == row["value"] for row in cash)
    assert all(30 <= float(row["value"]) <= 600 for row in lines)


def test_an_address_starts_with_the_place_the_parcel_goes_to(made: World) -> None:
    for row in rows(made.orders.values()):
        destination = made.lives[row["carrier"], row["tracking_number"]].destination
        assert destination is not None
        assert row["address"].startswith(destination.address)
        assert len(row["address"]) > len(destination.address)


def test_the_file_can_be_read_back_column_by_column(made: World, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    assert write_orders_csv(made.orders.values(), path) == 400
    with path.open(encoding="utf-8-sig", newline="") as file:
        read = list(csv.DictReader(file))
    assert read == list(rows(made.orders.values()))
    assert tuple(read[0]) == COLUMNS


@pytest.mark.parametrize(
    ("place", "printed", "short"),
    [
        (Place("浙江省", "杭州市", "余杭区", "良渚街道"), "杭州市", "杭州"),
        (Place("上海市", "", "青浦区", "华新镇"), "上海市", "上海"),
        (Place("海南省", "", "文昌市", "龙楼镇"), "文昌市", "文昌"),
        (Place("湖南省", "湘西土家族苗族自治州", "花垣县", "花垣镇"), "湘西土家族苗族自治州", "湘西"),
    ],
)
def test_a_place_has_a_city_to_print(place: Place, printed: str, short: str) -> None:
    assert (place.printed_city, place.short_city) == (printed, short)


def test_no_place_stands_twice() -> None:
    assert len({place.address for place in PLACES}) == len(PLACES) > 40
