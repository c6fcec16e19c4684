"""Labels: what a person says about lines that no phrase explains, and the same as a phrase file."""

import random
from datetime import UTC, datetime
from pathlib import Path

from carriers.contract import Milestone, Reason, Scan
from carriers.reading.labels import Label
from carriers.reading.phrase_file import file_name, phrase_files
from carriers.reading.reader import Reader
from carriers.reading.table_faults import faults, wrong_cases
from carriers.reading.tables import load_reader

HELD = (Reason.HELD,)


def a_scan(milestone: Milestone, text: str, *reasons: Reason) -> Scan:
    return Scan(datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02 08:00:00", milestone, text, reasons)


def a_label(
    reader: Reader,
    text: str,
    carrier: str | None = None,
    milestone: Milestone = Milestone.EXCEPTION,
    *reasons: Reason,
) -> Label:
    return Label(reader.template(text, carrier=carrier), carrier, milestone, reasons)


def test_a_label_explains_every_line_of_its_skeleton(reader: Reader) -> None:
    label = a_label(reader, "宜晒被子 1 床", None, Milestone.EXCEPTION, Reason.HELD)
    reading = reader.with_labels([label]).read("宜晒被子 22 床。", carrier="zto")
    assert (reading.milestone, reading.reasons, reading.phrases) == ("exception", HELD, (label.phrase_id,))
    assert reading.explained


def test_a_label_of_the_carrier_goes_before_one_for_all(reader: Reader) -> None:
    labelled = reader.with_labels(
        [
            a_label(reader, "宜晒被子", None, Milestone.DELIVERED),
            a_label(reader, "宜晒被子", "zto", Milestone.RETURNING),
        ]
    )
    assert labelled.read("宜晒被子", carrier="zto").milestone == "returning"
    assert labelled.read("宜晒被子", carrier="sf").milestone == "delivered"
    assert labelled.read("宜晒被子").milestone == "delivered"


def test_a_phrase_goes_before_any_label(reader: Reader) -> None:
    label = a_label(reader, "客户拒收", None, Milestone.DELIVERED)
    examined = reader.with_labels([label]).examine(a_scan(Milestone.UNKNOWN, "客户拒收"), carrier="zto")
    assert examined.scan.reasons == (Reason.REFUSED,)
    assert examined.template == ""


def test_the_carriers_code_still_comes_first(reader: Reader) -> None:
    labelled = reader.with_labels([a_label(reader, "宜晒被子", None, Milestone.EXCEPTION, Reason.HELD)])
    delivered = labelled.refine(a_scan(Milestone.DELIVERED, "宜晒被子", Reason.DAMAGED), carrier="zto")
    blunt = labelled.refine(a_scan(Milestone.IN_TRANSIT, "宜晒被子"), carrier="zto")
    assert (delivered.milestone, delivered.reasons) == ("delivered", ("damaged", "held"))
    assert (blunt.milestone, blunt.reasons) == ("exception", HELD)


def test_one_reading_gives_the_scan_and_what_was_not_understood(reader: Reader) -> None:
    scan = a_scan(Milestone.IN_TRANSIT, "【成都】宜晒被子 13800000001")
    examined = reader.examine(scan, carrier="zto")
    assert (examined.explained, examined.template) == (False, "【】宜晒被子#")
    assert examined.scan == reader.refine(scan, carrier="zto")
    assert reader.examine(a_scan(Milestone.IN_TRANSIT, "客户拒收"), carrier="zto").explained


def test_a_labelled_line_still_tells_its_skeleton(reader: Reader) -> None:
    labelled = reader.with_labels([a_label(reader, "宜晒被子")])
    examined = labelled.examine(a_scan(Milestone.UNKNOWN, "宜晒被子"), carrier="zto")
    assert (examined.explained, examined.template) == (True, "宜晒被子")


def test_who_lies_ready_is_read_by_the_labels_milestone(reader: Reader) -> None:
    text = "宜晒被子,取件码12-3-4567"
    plain = reader.read(text)
    if not plain.explained:
        labelled = reader.with_labels([a_label(reader, text, None, Milestone.READY_FOR_PICKUP)])
        assert labelled.read(text).milestone == "ready_for_pickup"


def test_a_label_can_say_that_a_line_says_nothing(reader: Reader) -> None:
    reading = reader.with_labels([a_label(reader, "宜晒被子", None, Milestone.UNKNOWN)]).read("宜晒被子")
    assert reading.explained
    assert (reading.milestone, reading.reasons) == ("unknown", ())


def test_labels_change_no_other_reader(reader: Reader) -> None:
    reader.with_labels([a_label(reader, "宜晒被子")])
    assert not reader.read("宜晒被子").explained


# --- as a file

LINES = [
    ("zto", "【成都】快件碰到了外星人(张三 13800000001)，编号SF123，请等"),
    ("sf", "GOBBLEDEGOOK BLANKET 12 x"),
    ("yto", "ok 12-3"),
    ("yto", "50%满意%gap%的一天"),
    ("yto", "a'b 什么东西 \\ [x"),
    ("zto", "原因【门口有狗】"),
    ("zto", "宜晒被子" * 200),
    (None, "宜晒被子 12 号"),
    ("ems", "宜晒被子 12 号"),
]


def exported(folder: Path, tables: Path, labels: list[Label]) -> Reader:
    folder.mkdir(exist_ok=True)
    for name, content in phrase_files(labels).items():
        (folder / name).write_text(content, encoding="utf-8")
    assert faults(folder) == []
    return load_reader(tables, folder)


def test_a_phrase_file_made_of_labels_reads_as_the_labels_do(
    reader: Reader, tables: Path, tmp_path: Path
) -> None:
    milestones = list(Milestone)
    labels = [
        a_label(reader, text, carrier, milestones[number % len(milestones)], *list(Reason)[number::7])
        for number, (carrier, text) in enumerate(LINES)
    ]
    filed, labelled = exported(tmp_path / "labels", tables, labels), reader.with_labels(labels)
    for carrier, text in LINES:
        for other in (text, text.replace("12", "98-7"), f"{text}。"):
            assert filed.read(other, carrier=carrier) == labelled.read(other, carrier=carrier), other
            assert filed.read(other, carrier=carrier).explained
    assert filed.read("宜晒被子 5 号", carrier="sto").phrases == labelled.read("宜晒被子 5 号").phrases
    assert wrong_cases(tmp_path / "labels", filed) == []


def test_a_phrase_file_holds_no_number_that_was_printed(reader: Reader) -> None:
    label = a_label(reader, "宜晒被子13800000077,【李四】", "zto")
    (content,) = phrase_files([label]).values()
    assert "13800000077" not in content
    assert "李四" not in content
    assert "yes = ['宜晒被子1234,【示范】']" in content


def test_each_carrier_has_a_file_of_its_own(reader: Reader) -> None:
    labels = [a_label(reader, "宜晒被子", carrier) for carrier in ("zto", None)]
    assert list(phrase_files(labels)) == [file_name(None), file_name("zto")]
    assert file_name(None) == "shared.labels.toml"


WORDS = ["宜晒被子", "碰到外星人", "【成都】", "(李四)", "12-3", "ok", "x", "-", "[", "%", "'", '"', "\\", ".", "*",
         "é", " ", "blanket", "，", "。", "&", "~", "SF12"]  # fmt: skip


def test_whatever_was_labelled_can_be_exported(reader: Reader, tables: Path, tmp_path: Path) -> None:
    chance = random.Random(7)
    texts = {"".join(chance.choices(WORDS, k=chance.randint(1, 8))) for _ in range(300)}
    unknown = sorted(text for text in texts if reader.template(text) and not reader.read(text).explained)
    labels = {text: a_label(reader, text, None, Milestone.RETURNING) for text in unknown}
    filed = exported(tmp_path / "labels", tables, list(dict.fromkeys(labels.values())))
    wrong = {
        text: (label.template, filed.read(text).phrases)
        for text, label in labels.items()
        if filed.read(text).phrases != (label.phrase_id,)
    }
    assert len(unknown) > 200
    assert wrong == {}
