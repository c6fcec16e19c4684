"""Why a line was read as it was."""

from hypothesis import given, settings
from hypothesis import strategies as st

from carriers.reading.explain import Fate, explain
from carriers.reading.reader import Reader


def fates(reader: Reader, text: str) -> dict[str, Fate]:
    return {heard.phrase: heard.fate for heard in explain(reader, text).heard}


def test_each_phrase_tells_where_it_stands_and_what_it_says(reader: Reader) -> None:
    (heard,) = explain(reader, "收件人拒收").heard
    assert (heard.stretch, heard.reasons, heard.fate) == ("拒收", ("refused",), Fate.DECIDED)


def test_a_phrase_that_another_outranks_is_named(reader: Reader) -> None:
    found = fates(reader, "快件到达示范网点，已签收")
    assert found["signed"] is Fate.DECIDED
    assert found["moving"] is Fate.OUTRANKED


def test_a_silenced_phrase_is_shown_with_what_silenced_it(reader: Reader) -> None:
    silenced = [heard for heard in explain(reader, "海关拒收").heard if heard.fate is Fate.SILENCED]
    assert [(heard.phrase, heard.silenced_by) for heard in silenced] == [("refused", "海关拒")]


def test_what_says_nothing_is_shown(reader: Reader) -> None:
    found = explain(reader, "【示范市】快件已签收，如有疑问请致电95338")
    assert found.idle == ("如有疑问请致电95338",)
    assert "疑问" not in found.spoken


def test_where_only_weights_spoke_the_loudest_runs_are_shown(reader: Reader) -> None:
    text = "包裹于傍晚由驿站大姐帮忙收着了"
    found = explain(reader, text)
    assert found.reading.phrases != ("learnt",) or found.learnt


@settings(max_examples=20)
@given(st.text(max_size=60))
def test_the_phrases_that_decided_are_those_the_reader_gives(reader: Reader, text: str) -> None:
    found = explain(reader, text)
    decided = [heard.phrase for heard in found.heard if heard.fate is Fate.DECIDED]
    assert set(decided) == set(found.reading.phrases) - {"boilerplate", "learnt"}
