"""Whom to call: the best one first, on each side."""

from builders import a_history, a_scan, a_shipment

from watcher.queue.contacts import Contacts, Who, contacts


def _courier(found: Contacts) -> list[tuple[str, str]]:
    return [(contact.who.value, contact.phone.national) for contact in found.courier]


def test_both_numbers_of_the_recipient_are_listed() -> None:
    shipment = a_shipment(phone="13800000001", second_phone="13800000002-1234")

    found = contacts(shipment, a_history(), None)

    assert [(one.who, one.name, one.phone.tel_uri) for one in found.recipient] == [
        (Who.RECIPIENT, "李四", "tel:+8613800000001"),
        (Who.SECOND_PHONE, "李四", "tel:+8613800000002;ext=1234"),
    ]


def test_a_number_stands_once_and_one_that_cannot_be_dialled_not_at_all() -> None:
    same = a_shipment(phone="13800000001", second_phone="138 0000 0001")
    masked = a_shipment(phone="138****0001", second_phone=None)

    assert len(contacts(same, a_history(), None).recipient) == 1
    assert contacts(masked, a_history(), None).recipient == ()


def test_the_latest_deliverer_comes_first_then_station_branch_and_desk() -> None:
    history = a_history(
        a_scan("out_for_delivery", "9h", courier_name="王师傅", courier_phone="13800000011"),
        a_scan("out_for_delivery", "3h", courier_name="张师傅", courier_phone="13800000012"),
        a_scan("exception", "2h", "failed_attempt", facility="武侯网点", facility_phone="02880000001"),
        a_scan("ready_for_pickup", "1h", station="驿站", station_phone="13800000013"),
    )

    found = contacts(a_shipment(), history, "95311")

    assert [(one.who.value, one.name) for one in found.courier] == [
        ("courier", "张师傅"),
        ("station", "驿站"),
        ("branch", "武侯网点"),
        ("carrier_desk", None),
    ]


def test_who_collected_it_is_not_who_delivers_it() -> None:
    history = a_history(
        a_scan("picked_up", "2d", courier_phone="13800000011"),
        a_scan("in_transit", "1d", courier_phone="13800000011"),
    )

    assert _courier(contacts(a_shipment(), history, "95311")) == [("carrier_desk", "95311")]


def test_the_first_problem_at_the_door_names_a_deliverer_too() -> None:
    history = a_history(
        a_scan("in_transit", "1d"),
        a_scan("exception", "2h", "refused", courier_phone="13800000012"),
        a_scan("unknown", "1h"),
    )

    assert _courier(contacts(a_shipment(), history, None)) == [("courier", "13800000012")]


def test_who_brought_it_back_to_the_shipper_is_not_who_delivers_it() -> None:
    history = a_history(
        a_scan("out_for_delivery", "3d", courier_phone="13800000012"),
        a_scan("returned", "1h", courier_phone="13800000019"),
    )

    assert _courier(contacts(a_shipment(), history, None))[0] == ("courier", "13800000012")


def test_the_branch_that_scanned_last_is_called_about_a_parcel_under_way() -> None:
    history = a_history(
        a_scan("picked_up", "3d", facility="深圳网点", facility_phone="075580000001"),
        a_scan("in_transit", "2d", facility="成都转运中心", facility_phone="02880000002"),
    )

    found = contacts(a_shipment(), history, "95311")

    assert (found.courier[0].who.value, found.courier[0].name) == ("branch", "成都转运中心")


def test_a_masked_courier_is_passed_over_for_one_who_can_be_called() -> None:
    history = a_history(
        a_scan("out_for_delivery", "5h", courier_phone="13800000012"),
        a_scan("exception", "2h", "failed_attempt", courier_phone="138****0019"),
    )

    assert _courier(contacts(a_shipment(), history, None)) == [("courier", "13800000012")]


def test_nobody_known_is_nobody_listed() -> None:
    assert contacts(a_shipment(phone=None), a_history(), None) == Contacts()


def test_no_name_is_shown_where_a_contact_is_printed() -> None:
    found = contacts(a_shipment(), a_history(), None)

    assert "李四" not in repr(found)
    assert "13800000001" not in repr(found)
