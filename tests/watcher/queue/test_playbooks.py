"""Every kind of trouble has its steps and its words, in both languages."""

import re
from pathlib import Path

import pytest

from watcher.intake.phones import dial
from watcher.model import Rule
from watcher.queue.playbooks import Playbook, PlaybookError, Playbooks, Words, shipped_folder

CHINESE = re.compile(r"[\u4e00-\u9fff]")
# what would press a buyer who has done nothing wrong
PRESSING = re.compile(r"务必|必须|否则|立即|赶紧|\bmust\b|\bimmediately\b|otherwise", re.IGNORECASE)


@pytest.fixture(scope="module")
def books() -> Playbooks:
    return Playbooks.load()


def _words(book: Playbook) -> list[Words]:
    return [*book.steps, book.recipient, book.courier]


@pytest.mark.parametrize("rule", Rule)
def test_every_rule_has_a_playbook_in_both_languages(books: Playbooks, rule: Rule) -> None:
    book = books.by_rule[rule]

    assert len(book.steps) >= 3
    for words in _words(book):
        assert CHINESE.search(words.zh)
        assert not CHINESE.search(words.en)
        assert re.search("[a-z]{3}", words.en)


@pytest.mark.parametrize("rule", Rule)
def test_nobody_is_pressed(books: Playbooks, rule: Rule) -> None:
    for words in (books.by_rule[rule].recipient, books.by_rule[rule].courier):
        assert not PRESSING.search(words.zh + words.en)


def test_no_file_lies_there_that_no_rule_reads() -> None:
    names = {path.stem for path in shipped_folder().glob("*.toml")}

    assert names == {rule.value for rule in Rule} | {"desk_phones"}


def test_every_desk_can_be_dialled(books: Playbooks) -> None:
    assert {"sf", "zto", "yto", "sto", "yunda", "jt", "ems", "jd", "deppon"} <= books.desk_phones.keys()
    unknown = [carrier for carrier, phone in books.desk_phones.items() if dial(phone) is None]
    assert unknown == []


def test_the_wording_is_filled_in_for_one_shipment(books: Playbooks) -> None:
    book = books.by_rule[Rule.OUT_OF_AREA].filled(
        tracking_number="784", order_number="O-1", place="成都市 武侯区"
    )

    assert "784" in book.courier.zh
    assert "成都市 武侯区" in book.recipient.en
    assert not any("{" in words.zh + words.en for words in _words(book))
    assert book.recipient.in_("zh") == book.recipient.zh
    assert book.recipient.in_("en") == book.recipient.en


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in shipped_folder().glob("*.toml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def _book(zh: str = "好", extra: str = "") -> str:
    said = f'{{zh = "{zh}", en = "well"}}'
    return f"steps = [{said}]\nrecipient = {said}\ncourier = {said}\n{extra}"


def test_a_folder_of_ones_own_is_read(folder: Path) -> None:
    (folder / "refused.toml").write_text(_book("您好"), encoding="utf-8")

    assert Playbooks.load(folder).by_rule[Rule.REFUSED].recipient == Words(zh="您好", en="well")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("steps = 3", "refused.toml: Expected `array`"),
        ("steps = [", "refused.toml: "),
        (_book(extra="stesp = []"), "stesp"),
        (_book(zh=" "), "zh and in en"),
        (_book(zh="{phone}"), "placeholder"),
        (_book(zh="{"), "placeholder"),
        (_book(zh="{0}"), "placeholder"),
        (_book().replace('[{zh = "好", en = "well"}]', "[]"), "no steps"),
        ('steps = []\nrecipient = {zh = "好"}\ncourier = {zh = "好"}', "missing required field `en`"),
    ],
)
def test_a_broken_playbook_is_refused_with_its_name_and_the_reason(
    folder: Path, text: str, said: str
) -> None:
    (folder / "refused.toml").write_text(text, encoding="utf-8")

    with pytest.raises(PlaybookError, match=r"refused\.toml") as refused:
        Playbooks.load(folder)
    assert said in str(refused.value)


def test_a_missing_playbook_is_named(folder: Path) -> None:
    (folder / "stalled.toml").unlink()

    with pytest.raises(PlaybookError, match=r"stalled\.toml: missing"):
        Playbooks.load(folder)
