"""The code tables in files: read lazily, whole, and equal to the list they were made from where that is there."""

import csv
from pathlib import Path

import pytest

from carriers.code_tables import CodeTable
from carriers.contract import Meaning, Milestone, Reason

LIST = Path(__file__).parents[3] / "shared" / "carriers" / "intl_codes.csv"
ROWS = {"ups": 1271, "dhl": 1428, "fedex": 208, "usps": 165}
RENAMED = {"holiday_or_reschedule_by_recipient": "reschedule_by_recipient_or_holiday", "no_update": ""}


@pytest.mark.parametrize(("carrier", "rows"), ROWS.items())
def test_every_row_of_a_file_has_a_key_of_its_own(carrier: str, rows: int) -> None:
    assert len(CodeTable(carrier)) == rows


def test_codes_are_text_and_keep_their_zeros() -> None:
    fedex = CodeTable("fedex")
    assert fedex["dex/07"] == Meaning(Milestone.EXCEPTION, (Reason.REFUSED,))
    assert fedex["exception_sample/007"] == Meaning(Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,))


def test_keys_and_whole_namespaces_can_be_left_out() -> None:
    table = CodeTable("fedex", without=("possession", "dex/15"))
    assert len(table) == ROWS["fedex"] - 8
    assert "dex/15" not in table
    assert "dex/07" in table


def test_a_table_is_read_when_it_is_first_asked() -> None:
    table = CodeTable("nobody")
    with pytest.raises(FileNotFoundError):
        len(table)


@pytest.mark.parametrize("carrier", ROWS)
def test_a_file_says_what_the_list_says(carrier: str) -> None:
    if not LIST.exists():
        pytest.skip("no list of codes at ../shared/carriers/intl_codes.csv")
    with LIST.open(encoding="utf-8", newline="") as rows:
        said = {
            f"{row['namespace']}/{row['code']}": (row["milestone"], RENAMED.get(row["reason"], row["reason"]))
            for row in csv.DictReader(rows)
            if row["carrier"] == carrier
        }
    ours = {
        key: (meaning.milestone or "", "".join(meaning.reasons))
        for key, meaning in CodeTable(carrier).items()
    }
    assert ours == said
