"""A folder of the merchant's own phrases: it adds to ours, and what is wrong in it is told by file, phrase and key."""

from pathlib import Path

import pytest

from carriers.reading.table_faults import faults, wrong_cases
from carriers.reading.tables import load_reader

GOOD = """
[fragments]
blanket = '被子|褥子'

[boilerplate]
motto = '使命必达[^,。;!]*'

[[phrase]]
id = "aired"
milestone = "exception"
reasons = ["held"]
match = ['宜晒(?:%blanket%)']
yes = ['宜晒褥子']
no = ['宜晒太阳']
"""


def a_folder(tmp_path: Path, **files: str) -> Path:
    for name, content in files.items():
        (tmp_path / f"{name}.toml").write_text(content, encoding="utf-8")
    return tmp_path


def test_a_second_folder_adds_phrases_fragments_and_boilerplate(tables: Path, tmp_path: Path) -> None:
    folder = a_folder(tmp_path, shared=GOOD)
    reader = load_reader(tables, folder)
    assert faults(folder) == []
    assert wrong_cases(folder, reader) == []
    assert reader.read("宜晒褥子,使命必达").phrases == ("aired",)
    assert reader.read("客户拒收", carrier="zto").reasons == ("refused",)


def test_a_second_folder_can_be_about_one_carrier_and_replaces_by_id(tables: Path, tmp_path: Path) -> None:
    own = "[[phrase]]\nid = 'voided'\nmilestone = 'returned'\nmatch = ['作废']\n"
    reader = load_reader(tables, a_folder(tmp_path, yunda=own))
    assert reader.read("运单作废", carrier="yunda").milestone == "returned"
    assert reader.read("运单作废", carrier="zto").milestone == "cancelled"


def a_phrase(**keys: str) -> str:
    rows = {"id": "'x'", "milestone": "'exception'", "match": "['宜晒']", **keys}
    return "[[phrase]]\n" + "\n".join(f"{key} = {value}" for key, value in rows.items() if value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (a_phrase(milestone="'returnd'"), "phrase 'x': milestone: 'returnd' is no milestone; did you mean 'returned'?"),
        (a_phrase(reasons="['refuse']"), "phrase 'x': reasons: 'refuse' is no reason; did you mean 'refused'?"),
        (a_phrase(reasons="'refused'"), "phrase 'x': reasons: is not a list"),
        (a_phrase(match=""), "phrase 'x': match: is missing or empty"),
        (a_phrase(match="['宜(晒']"), "phrase 'x': match: '宜(晒' is no regular expression"),
        (a_phrase(match="['%blnket%']"), "phrase 'x': match: there is no fragment %blnket%"),
        (a_phrase(match="'宜晒'"), "phrase 'x': match: is not a list of texts"),
        (a_phrase(mtach="['宜晒']"), "phrase 'x': mtach: is not a key here; did you mean 'match'?"),
        (a_phrase(match="['']"), "phrase 'x': match: '' stands in every line, even an empty one"),
        (a_phrase(match="['(?:宜晒)*']"), "phrase 'x': match: '(?:宜晒)*' stands in every line"),
        (a_phrase(unless="['(?:a+)+b']"), "phrase 'x': unless: '(?:a+)+b' repeats without end what repeats"),
        (a_phrase(match="['a{1,9999999999}']"), "phrase 'x': match: 'a{1,9999999999}' is no regular expression"),
        (a_phrase(match="['(?<=%station%)宜']"), "phrase 'x': match: '(?<=%station%)宜' is no regular expression"),
        ("[fragments]\nme = '%me%x'", "[fragments] me: '%me%x' is nested too deep"),
        ("[fragments]\nme = '%nope%x'", "[fragments] me: there is no fragment %nope%"),
        (a_phrase(milestone="['exception']"), "phrase 'x': milestone: ['exception'] is no milestone"),
        (a_phrase(reasons="[['refused']]"), "phrase 'x': reasons: ['refused'] is no reason"),
        (a_phrase(milestone="'unknown'", firm="true"), "phrase 'x': firm: unknown cannot be firm"),
        ("\ufeff" + a_phrase(milestone="'returnd'"), "phrase 'x': milestone: 'returnd' is no milestone"),
        (a_phrase(id="'learnt'"), "phrase 'learnt': id: 'learnt' is what the reader says where no phrase decides"),
        (a_phrase(firm="1"), "phrase 'x': firm: is neither true nor false"),
        (a_phrase(milestone=""), "phrase 'x': milestone: neither a milestone nor reasons are given"),
        (a_phrase(id=""), "phrase 1: id: is missing, or no text"),
        (a_phrase() + "\n" + a_phrase(), "phrase 'x': id: another phrase has it"),
        ("phrase = 1", "phrase: write each phrase as a [[phrase]]"),
        ("[refines]\nunknown = []", "refines: is not a key here"),
        ("[boilerplate]\nx = '('", "[boilerplate] x: '(' is no regular expression"),
        ("boilerplate = 1", "boilerplate: is not a table"),
        ("[[phrase]", "is not valid TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_names_file_phrase_and_key(tmp_path: Path, content: str, said: str) -> None:
    (told, *more) = faults(a_folder(tmp_path, zto=content))
    assert told.startswith(f"zto.toml: {said}")
    assert more == []


def test_a_fault_of_a_fragment_and_one_of_a_milestone_hide_no_other(tmp_path: Path) -> None:
    content = "[fragments]\nme = '%nope%x'\n" + a_phrase(
        match="['%me%']", milestone="['exception']", firm="true"
    )
    assert [told.partition(": ")[2] for told in faults(a_folder(tmp_path, zto=content))] == [
        "[fragments] me: there is no fragment %nope%",
        "phrase 'x': milestone: ['exception'] is no milestone; did you mean 'exception'?",
        "phrase 'x': match: '%me%' holds a fragment that holds %nope%, which there is not",
    ]


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, sf=a_phrase(match=""), zto=a_phrase(milestone="'x'", reasons="['y']"))
    assert [told.partition(":")[0] for told in faults(folder)] == ["sf.toml", "zto.toml", "zto.toml"]


def test_a_folder_that_is_missing_or_empty_is_told(tmp_path: Path) -> None:
    assert faults(tmp_path / "nowhere") == [f"{tmp_path / 'nowhere'}: there is no such folder"]
    assert faults(tmp_path) == []


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "zto.toml").write_bytes(b"\xff\xfe")
    assert faults(tmp_path) == ["zto.toml: is not UTF-8 text"]


def test_a_phrase_that_misses_its_own_cases_is_told(tables: Path, tmp_path: Path) -> None:
    folder = a_folder(tmp_path, zto=a_phrase(yes="['宜晒', '包裹']", no="['宜晒被子']"))
    told = wrong_cases(folder, load_reader(tables, folder))
    assert told == [
        "zto.toml: phrase 'x': yes: case 2 is read as unknown by nothing",
        "zto.toml: phrase 'x': no: case 1 is read by it",
    ]
