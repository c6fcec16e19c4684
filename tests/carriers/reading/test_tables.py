"""The phrase tables: their own cases, their words, and how they are loaded."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.reading.phrases import Phrase
from carriers.reading.reader import Reader
from carriers.reading.tables import load_reader, load_tables, phrases_of
from carriers.reading.words import Patterns

SHARED_BY_OTHERS = None


def all_phrases(folder: Path) -> list[tuple[str | None, Phrase]]:
    tables = load_tables(folder)
    fragments = {**tables["shared"]["fragments"], "kinds": tables["shared"]["names"]["kinds"]}
    return [
        (SHARED_BY_OTHERS if name == "shared" else name, phrase)
        for name, table in tables.items()
        for phrase in phrases_of(table, {**fragments, **table.get("fragments", {})})
    ]


def test_every_phrase_reads_its_own_cases(reader: Reader, tables: Path) -> None:
    wrong = []
    for carrier, phrase in all_phrases(tables):
        for text in phrase.yes:
            reading = reader.read(text, carrier=carrier)
            said = phrase.milestone in {None, reading.milestone} and phrase.reasons <= set(reading.reasons)
            if phrase.id not in reading.phrases or not said:
                wrong.append(f"{phrase.id} should read {text!r}: {reading.milestone} by {reading.phrases}")
        wrong += [
            f"{phrase.id} should not read {text!r}"
            for text in phrase.no
            if phrase.id in reader.read(text, carrier=carrier).phrases
        ]
    assert wrong == []


def test_every_phrase_has_cases_for_and_against_it(tables: Path) -> None:
    assert [phrase.id for _, phrase in all_phrases(tables) if not (phrase.yes and phrase.no)] == []


def test_no_two_phrases_of_a_table_share_an_id(tables: Path) -> None:
    for table in load_tables(tables).values():
        ids = [row["id"] for row in table["phrase"]]
        assert len(ids) == len(set(ids))


def test_every_milestone_and_every_reason_has_a_phrase(tables: Path) -> None:
    phrases = [phrase for _, phrase in all_phrases(tables)]
    assert len({phrase.milestone for phrase in phrases} - {None}) == 13
    assert len({reason for phrase in phrases for reason in phrase.reasons}) == 18


@given(st.data())
def test_the_index_finds_what_trying_every_pattern_finds(reader: Reader, data: st.DataObject) -> None:
    book = reader.shared.text
    cases = [text.lower() for phrase in book.phrases for text in phrase.yes]
    text = "。".join(data.draw(st.lists(st.sampled_from(cases), max_size=3)))
    hits = [phrase.id for phrase in book.phrases if _stands(phrase, text, reader.shared.patterns)]
    assert [phrase.id for phrase in book.those(book.find(text))] == hits


def _stands(phrase: Phrase, text: str, patterns: Patterns) -> bool:
    stands = any(patterns.of(source).regex.search(text) for source in phrase.patterns)
    return stands and not any(patterns.of(source).regex.search(text) for source in phrase.unless)


def test_a_folder_without_shared_phrases_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_reader(tmp_path)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [({"id": "x", "match": ["a"], "mtach": []}, "unknown key mtach"), ({"id": "x"}, "no match")],
)
def test_a_phrase_with_a_slip_is_refused_by_name(row: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=f"phrase x: {complaint}"):
        phrases_of({"phrase": [row]}, {})


def test_a_carrier_replaces_a_shared_phrase_by_its_id(tables: Path, tmp_path: Path) -> None:
    for path in tables.glob("*.toml"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    own = "[[phrase]]\nid = 'voided'\nmilestone = 'returned'\nmatch = ['作废']\n"
    (tmp_path / "sto.toml").write_text(own, encoding="utf-8")
    reader = load_reader(tmp_path)
    assert reader.read("运单作废", carrier="sto").milestone == "returned"
    assert reader.read("运单作废", carrier="yto").milestone == "cancelled"


def test_the_shipped_tables_load_without_a_folder() -> None:
    assert load_reader().read("客户拒收").reasons == ("refused",)
