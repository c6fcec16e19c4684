"""`watcher read`: one answer for every line, in order, and the reasons for it."""

import io
import json
import sys
from typing import Any

import pytest

from watcher.cli.root import exit_code

Capture = pytest.CaptureFixture[str]
FIELDS = [
    "text",
    "milestone",
    "reasons",
    "courier_name",
    "courier_phone",
    "station",
    "station_phone",
    "pickup_code",
    "signed_by",
    "facility",
    "facility_phone",
    "explained_by",
]


def read_input(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture, data: bytes, *more: str
) -> list[dict[str, Any]]:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
    assert exit_code(["read", "--json", *more]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.split("\n")[:-1]]


def test_every_line_of_input_gets_exactly_one_object_in_order(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    lines = [
        "派件中",
        "",
        "   ",
        "{",
        '{"no": 1}',
        '{"text": null}',
        "\ufeff客户拒收",
        "已签收\r",
        "a\u2028b",
        "最后",
    ]
    told = read_input(monkeypatch, capsys, "\n".join(lines).encode())
    assert [record["text"] for record in told] == [line.rstrip("\r") for line in lines]
    assert all(list(record) == FIELDS for record in told)
    assert [record["milestone"] for record in told[:2]] == ["out_for_delivery", "unknown"]
    assert told[6]["reasons"] == ["refused"]


@pytest.mark.parametrize("carrier", [None, "zto", "best", "cainiao", "", "nobody", 7])
def test_a_line_of_json_names_its_carrier_or_none(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture, carrier: object
) -> None:
    line = json.dumps({"text": "客户拒收", "carrier": carrier, "id": 4}).encode()
    (record,) = read_input(monkeypatch, capsys, line)
    assert (record["text"], record["reasons"]) == ("客户拒收", ["refused"])


def test_lines_from_windows_are_read_too(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    (record,) = read_input(monkeypatch, capsys, "客户拒收\r\n".encode("gb18030"))
    assert (record["text"], record["reasons"]) == ("客户拒收", ["refused"])


def test_bytes_that_are_no_text_are_read_too(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    told = read_input(
        monkeypatch, capsys, b'\xff\xfe\x00\n{"text": "\\ud800 \\u0000"}\n\xe6\x8b\x92\xe6\x94\xb6'
    )
    assert len(told) == 3
    assert told[2]["reasons"] == ["refused"]


def test_json_deeper_than_any_reader_goes_is_read_as_text(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    told = read_input(monkeypatch, capsys, b'{"text":' + b"[" * 200_000 + b"\n" + "拒收".encode())
    assert [record["reasons"] for record in told] == [[], ["refused"]]


def test_no_input_gives_no_output(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    assert read_input(monkeypatch, capsys, b"") == []


def test_the_phrases_that_decided_are_shown_on_request(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    line = "派送不成功，客户电话关机，如有疑问请联系网点".encode()
    (record,) = read_input(monkeypatch, capsys, line, "--explain")
    found = record["explanation"]
    decided = {heard["phrase"] for heard in found["heard"] if heard["fate"] == "decided"}
    assert decided == set(record["explained_by"])
    assert found["idle"] == ["如有疑问请联系网点"]
    assert "reading" not in found


def test_people_read_which_stretch_decided(capsys: Capture) -> None:
    assert exit_code(["read", "投递员未能投递，收件人拒绝签收", "--carrier", "中通", "--explain"]) == 0
    told = capsys.readouterr().out
    assert "拒绝签收" in told
    assert "refused" in told
    assert "decided" in told


def test_a_line_that_nothing_explains_says_so(capsys: Capture) -> None:
    assert exit_code(["read", "呜呼哀哉"]) == 0
    assert "no phrase knows this line" in capsys.readouterr().out


def test_no_line_of_a_carrier_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["read", "\x1b[31m客户\u3000拒收\x9b", "--explain"]) == 0
    out = capsys.readouterr().out
    assert "客户\u3000拒收" in out
    assert not set(out) & {"\x1b", "\x9b"}
