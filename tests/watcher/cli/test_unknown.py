"""`watcher unknown` from the first listing to a phrase file that is read back, and the phrases of one's own."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, a_scan, stored
from labelling_recorders import a_recorder
from labelling_words import LINE, SKELETON

from carriers.contract import Track
from watcher.cli.root import exit_code
from watcher.model import PollWay
from watcher.polling.recording import Answered
from watcher.store.engine import open_store
from watcher.store.schema import upgrade

NUMBER = ("zto", "78400000000001")


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("WATCHER_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def printed() -> None:
    """A database where the commands look for it, with one parcel that printed a line which nothing explains."""
    print_under("unknown")


def print_under(code: str) -> None:
    store = open_store("sqlite:///data/watcher.db")
    upgrade(store)
    stored(store)
    with store.write() as connection:
        track = Track(*NUMBER, (a_scan(code, "3h", text=f"{LINE}(李四 13800000077)"),))
        a_recorder().record(connection, [Answered(NUMBER, track)], way=PollWay.POLL, now=NOW)
    store.close()


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.usefixtures("printed")
def test_texts_are_listed_without_what_was_printed_about_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["unknown", "list"]) == 0
    table = capsys.readouterr().out
    assert f"{SKELETON}()" in table
    assert "nothing" in table
    assert "13800000077" not in table
    assert exit_code(["unknown", "list", "--json", "--carrier", "中通"]) == 0
    (text,) = told(capsys)
    assert (text["id"], text["carrier"], text["milestone"], text["seen"]) == (1, "zto", "unknown", 1)


@pytest.mark.usefixtures("printed")
def test_a_label_is_made_listed_and_withdrawn(capsys: pytest.CaptureFixture[str]) -> None:
    made = ["unknown", "label", "1", "--milestone", "exception", "--reason", "held", "--reason", "refused"]
    assert exit_code([*made, "--json"]) == 0
    assert told(capsys) == [{"label": 1}]
    assert exit_code(made) == 2
    assert "withdraw it first" in capsys.readouterr().err
    assert exit_code(["unknown", "labels", "--json"]) == 0
    (label,) = told(capsys)
    assert (label["label"], label["carrier"], label["reasons"]) == (1, "zto", ["refused", "held"])
    assert exit_code(["unknown", "labels"]) == 0
    assert "command line" in capsys.readouterr().out
    assert exit_code(["unknown", "list"]) == 0
    assert "explained by a phrase or a label" in capsys.readouterr().err
    assert exit_code(["unknown", "withdraw", "1"]) == 0
    assert exit_code(["unknown", "withdraw", "1"]) == 2
    assert exit_code(["unknown", "withdraw", "9"]) == 2


def test_a_label_that_a_code_keeps_out_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    print_under("delivered")
    assert exit_code(["unknown", "label", "1", "--milestone", "exception", "--reason", "damaged"]) == 0
    assert "says delivered, which a text cannot make exception" in capsys.readouterr().err
    assert exit_code(["unknown", "withdraw", "1"]) == 0
    assert exit_code(["unknown", "label", "1", "--milestone", "delivered_to_proxy"]) == 0
    assert "cannot make" not in capsys.readouterr().err


@pytest.mark.usefixtures("printed")
def test_a_line_can_be_labelled_before_it_was_ever_seen(capsys: pytest.CaptureFixture[str]) -> None:
    line = ["unknown", "label", "--milestone", "exception", "--text"]
    assert exit_code([*line, "宜晒褥子 13800000001", "--carrier", "sf"]) == 0
    assert exit_code([*line, "宜晒枕头", "--all-carriers"]) == 0
    capsys.readouterr()
    assert exit_code(["unknown", "labels", "--json"]) == 0
    assert {(one["carrier"], one["template"]) for one in told(capsys)} == {
        ("sf", "宜晒褥子#"),
        (None, "宜晒枕头"),
    }


@pytest.mark.usefixtures("printed")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["label"], "give either the ID of a text or a line with --text"),
        (["label", "1", "--text", "x"], "give either the ID of a text or a line with --text"),
        (["label", "1", "--milestone", "lost"], "--milestone: 'lost' is none of unknown, pre_transit"),
        (["label", "1"], "--milestone is missing: one of unknown, pre_transit"),
        (["label", "1", "--milestone", "exception", "--reason", "x"], "--reason: 'x' is none of failed_attempt"),
        (["label", "1", "--milestone", "?"], "--milestone: one of unknown, pre_transit"),
        (["label", "9", "--milestone", "exception"], "There is no unknown text 9"),
        (["label", "--text", "宜晒", "--milestone", "exception"], "--text needs --carrier, or --all-carriers"),
        (["label", "--text", "客户拒收", "--milestone", "exception", "--carrier", "sf"], "refused"),
        (["label", "--text", "1380", "--milestone", "exception", "--carrier", "sf"], "says nothing"),
        (["export"], "give the folder that the phrase files shall go to, or --json"),
        (["list", "--carrier", "zzz"], "--carrier: 'zzz' is no carrier"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_what_cannot_be_used_is_one_sentence(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(["unknown", *arguments]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_a_question_makes_no_database(empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["list"], ["labels"], ["export", "out"], ["withdraw", "1"]):
        assert exit_code(["unknown", *arguments]) == 1
        assert "there is no database yet" in capsys.readouterr().err
    assert list(empty_folder.iterdir()) == []


@pytest.mark.usefixtures("printed")
def test_labels_go_into_a_phrase_file_that_the_settings_can_name(
    empty_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(["unknown", "export", "phrases"]) == 0
    assert "there is no label to export" in capsys.readouterr().err
    exit_code(["unknown", "label", "1", "--milestone", "returning", "--reason", "return_to_sender"])
    assert exit_code(["unknown", "export", "phrases"]) == 0
    assert (empty_folder / "phrases" / "zto.labels.toml").is_file()
    (empty_folder / "watcher.toml").write_text("[reading]\nphrases = 'phrases'\n", encoding="utf-8")
    capsys.readouterr()
    assert exit_code(["check", "--json"]) == 0
    assert {"what": "own phrases", "found": "phrases readable", "advice": "", "ok": True} in told(capsys)
    (empty_folder / "phrases" / "ztoo.toml").write_text("", encoding="utf-8")
    assert exit_code(["check", "--json"]) == 0
    assert "ztoo.toml read for nobody" in [one["found"] for one in told(capsys) if one["advice"]]
    (empty_folder / "phrases" / "ztoo.toml").unlink()
    assert exit_code(["read", "--json", "--carrier", "zto", f"{LINE}(王五)"]) == 0
    (reading,) = told(capsys)
    assert (reading["milestone"], reading["reasons"]) == ("returning", ["return_to_sender"])
    assert exit_code(["unknown", "export", "--json"]) == 0
    assert told(capsys)[0]["id"] == reading["explained_by"][0]


@pytest.mark.usefixtures("printed")
def test_an_export_takes_away_what_was_withdrawn_and_nothing_else(
    empty_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exit_code(["unknown", "label", "1", "--milestone", "returning"])
    exit_code(["unknown", "export", "phrases"])
    mine = empty_folder / "phrases" / "sto.labels.toml"
    mine.write_text("# mine\n", encoding="utf-8")
    exit_code(["unknown", "withdraw", "1"])
    capsys.readouterr()
    assert exit_code(["unknown", "export", "phrases"]) == 0
    assert "zto.labels.toml, whose labels are withdrawn" in capsys.readouterr().err
    assert list((empty_folder / "phrases").iterdir()) == [mine]


def test_phrases_that_cannot_be_used_are_told_by_check_run_and_read(
    empty_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (empty_folder / "phrases").mkdir()
    wrong = "[[phrase]]\nid = 'aired'\nmilestone = 'excepton'\nmatch = ['宜(晒']\n"
    (empty_folder / "phrases" / "zto.toml").write_text(wrong, encoding="utf-8")
    (empty_folder / "watcher.toml").write_text("[reading]\nphrases = 'phrases'\n", encoding="utf-8")
    assert exit_code(["check", "--json"]) == 1
    advice = [one["advice"] for one in told(capsys) if one["what"] == "own phrases"]
    assert (
        "zto.toml: phrase 'aired': milestone: 'excepton' is no milestone; did you mean 'exception'?"
        in advice[0]
    )
    assert "zto.toml: phrase 'aired': match: '宜(晒' is no regular expression" in advice[1]
    for command in (["read", "宜晒"], ["run", "--port", "0"]):
        assert exit_code(command) == 2
        first = capsys.readouterr().err.splitlines()[0]
        assert first.startswith("watcher: [reading] phrases: zto.toml: phrase 'aired': milestone:")


def test_phrases_that_miss_their_own_cases_are_told(
    empty_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (empty_folder / "own").mkdir()
    wrong = "[[phrase]]\nid = 'aired'\nmilestone = 'exception'\nmatch = ['宜晒']\nyes = ['包裹']\n"
    (empty_folder / "own" / "zto.toml").write_text(wrong, encoding="utf-8")
    (empty_folder / "watcher.toml").write_text("[reading]\nphrases = 'own'\n", encoding="utf-8")
    assert exit_code(["check"]) == 1
    assert "yes: case 1 is read as" in capsys.readouterr().out


def test_a_folder_that_is_not_there_is_told(empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (empty_folder / "watcher.toml").write_text("[reading]\nphrases = 'nowhere'\n", encoding="utf-8")
    assert exit_code(["check"]) == 1
    assert "nowhere: there is no such folder" in capsys.readouterr().out
