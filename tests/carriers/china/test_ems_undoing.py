"""What deletes or cancels at China Post: the operation that was undone is gone, whatever order the lines come in."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from ems_answers import a_line, told, track_of

from carriers.china.ems_codes import UNDOES
from carriers.contract import Milestone
from carriers.reading.tables import load_reader


def test_a_delivery_that_was_undone_never_happened() -> None:
    assert told(a_line("702", 8), a_line("704", 9, deliverCode="20"), a_line("743", 10)) == [
        ("702", "out_for_delivery"),
        ("743", "out_for_delivery"),
    ]


def test_what_undoes_the_only_line_leaves_nothing_known() -> None:
    assert told(a_line("203", 8), a_line("207", 9)) == [("207", "unknown")]


def test_what_undoes_nothing_keeps_the_milestone() -> None:
    assert told(a_line("713", 8), a_line("743", 9)) == [
        ("713", "arrived_at_destination_city"),
        ("743", "arrived_at_destination_city"),
    ]
    assert told(a_line("743", 7), a_line("704", 8)) == [("743", "unknown"), ("704", "delivered")]


def test_only_the_latest_is_undone_and_each_only_once() -> None:
    twice = [a_line("702", 7), a_line("705", 8), a_line("702", 9), a_line("705", 10)]
    assert told(*twice, a_line("744", 11)) == [
        ("702", "out_for_delivery"),
        ("705", "exception"),
        ("702", "out_for_delivery"),
        ("744", "out_for_delivery"),
    ]
    assert told(*twice, a_line("744", 11), a_line("744", 12)) == [
        ("702", "out_for_delivery"),
        ("702", "out_for_delivery"),
        ("744", "out_for_delivery"),
        ("744", "out_for_delivery"),
    ]


def test_a_delivery_after_one_that_was_undone_stands() -> None:
    found = told(a_line("704", 8), a_line("743", 9), a_line("704", 10))
    assert found == [("743", "unknown"), ("704", "delivered")]


def test_the_order_of_the_list_does_not_matter_nor_does_the_same_second() -> None:
    lines = [a_line("743", 9), a_line("704", 9), a_line("702", 8)]
    assert told(*lines)[-1][1] == told(*reversed(lines))[-1][1] == "out_for_delivery"
    assert len(told(*lines)) == 2


def test_one_operation_undoes_whichever_of_several_came_last() -> None:
    found = told(a_line("203", 7), a_line("303", 8), a_line("345", 9), a_line("304", 10))
    assert [code for code, _ in found] == ["203", "303", "304"]


@pytest.mark.parametrize("undoing", UNDOES)
def test_each_that_undoes_takes_back_what_it_is_meant_for(undoing: str) -> None:
    for undone in UNDOES[undoing]:
        found = track_of(a_line("O_001", 7), a_line(undone, 8), a_line(undoing, 9))
        assert [scan.carrier_code for scan in found.scans] == ["O_001", undoing]
        assert found.scans[-1].milestone is Milestone.PICKED_UP
        assert (found.complete, found.unmapped_codes) == (True, ())


NAMES: Mapping[str, str] = {
    "207": "揽收环节删除邮件",
    "212": "客户交接取消",
    "304": "揽投配发取消",
    "424": "出口邮件直封封发删除",
    "448": "退回邮件开拆删除",
    "472": "交航扫描删除",
    "474": "库区退回扫描删除",
    "483": "交换站退回扫描删除",
    "492": "境外进口取消",
    "742": "投递下段撤销",
    "743": "投递妥投撤销",
    "744": "投递未妥投撤销",
    "EDAD": "进口互换局留存删除",
    "EDCD": "进口海关放行删除",
    "EMED": "进口海关留存待验删除",
    "EXAD": "送交出口海关/安全删除",
    "EXBD": "出口海关/安全留存待验删除",
    "EXCD": "出口海关/安全放行删除",
    "EXDD": "出口互换局留存删除",
}


def test_no_text_of_what_undoes_is_read_as_what_it_undoes() -> None:
    reader = load_reader(Path(__file__).parents[3] / "config" / "phrases")
    assert NAMES.keys() == UNDOES.keys()
    for code, name in NAMES.items():
        lines = a_line("713", 8), a_line(code, 9, opName=name, opDesc="已签收，本人签收")
        scan = track_of(*lines).scans[-1]
        assert scan.text == name
        read = reader.refine(scan, carrier="ems")
        assert (read.milestone, read.reasons) == (Milestone.ARRIVED_AT_DESTINATION_CITY, ()), name
