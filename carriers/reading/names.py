"""Second stage: silences what is not said by the courier, so that no word inside a name or an advert counts.

In comes the spelled text, out goes the same text without boilerplate sentences, with every name of a place or shop
reduced to the kind of place it is (`【退水路投递部】` becomes `【投递部】`), and the signer taken out.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from carriers.reading.anchors import Sieve, a_sieve

_BRACKETS = re.compile(r"【([^【】]*)】")
_NOTHING_SAID = re.compile(r"(?:【[^】]*】|[\W_])*")


@dataclass(frozen=True, slots=True)
class Boilerplate:
    """Sentences that say nothing about the parcel, cut out wherever they stand, and their ids."""

    ids: tuple[str, ...]
    sentences: Sieve


@dataclass(frozen=True, slots=True)
class NameRules:
    """`kinds` finds the kinds of places in a name; `said` stands before brackets that hold speech, `speech` is what
    is speech in any brackets; `inline` finds names without brackets (groups `name` and `kind`)."""

    kinds: re.Pattern[str]
    said: re.Pattern[str]
    speech: re.Pattern[str]
    inline: Sieve


def without_boilerplate(
    text: str, rules: Boilerplate, characters: frozenset[str]
) -> tuple[str, tuple[str, ...]]:
    """The text without the sentences, and the ids of those that were cut."""
    cut: list[str] = []
    for number in rules.sentences.candidates(text, characters):
        text, count = rules.sentences.patterns[number].subn("。", text)
        if count:
            cut.append(rules.ids[number])
    return text, tuple(cut)


def without_names(text: str, rules: NameRules, characters: frozenset[str]) -> str:
    """The text with names reduced to kinds and speech freed of its brackets."""
    if "【" in text:
        text = _BRACKETS.sub(_bracket_reader(text, rules), text)
    for number in rules.inline.candidates(text, characters):
        text = rules.inline.patterns[number].sub(_kind_only, text)
    return text


def says_nothing(text: str) -> bool:
    """Whether nothing but brackets and punctuation is left."""
    return _NOTHING_SAID.fullmatch(text) is not None


def _bracket_reader(text: str, rules: NameRules) -> Callable[[re.Match[str]], str]:
    lonely = says_nothing(text)

    def read(match: re.Match[str]) -> str:
        said = rules.said.search(text, max(0, match.start() - 8), match.start())
        if lonely or said or rules.speech.fullmatch(match[1]):
            return match[1]
        return f"【{_last_kind(match[1], rules.kinds)}】"

    return read


def _last_kind(name: str, kinds: re.Pattern[str]) -> str:
    found = kinds.findall(name)
    return found[-1] if found else ""


def _kind_only(match: re.Match[str]) -> str:
    start = match.start("name")
    return match.string[match.start() : start] + match["kind"] + match.string[match.end("kind") : match.end()]


def compiled_names(rules: Mapping[str, str], inline: tuple[str, ...]) -> NameRules:
    """From the sources in a table."""
    return NameRules(
        kinds=re.compile(rules["kinds"]),
        said=re.compile(f"(?:{rules['said']})$"),
        speech=re.compile(rules["speech"]),
        inline=a_sieve(inline),
    )
