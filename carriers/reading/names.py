"""Second stage: silences what is not said by the courier, so that no word inside a name or an advert counts.

In comes the spelled text, out goes the same text without boilerplate sentences, with every name of a place or shop
reduced to the kind of place it is (`【退水路投递部】` becomes `【投递部】`), and the signer taken out.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

_BRACKETS = re.compile(r"【([^【】]*)】")
_NOTHING_SAID = re.compile(r"(?:【[^】]*】|[\W_])*")


@dataclass(frozen=True, slots=True)
class NameRules:
    """`kinds` finds the kinds of places in a name; `said` stands before brackets that hold speech, `speech` is what
    is speech in any brackets."""

    kinds: re.Pattern[str]
    said: re.Pattern[str]
    speech: re.Pattern[str]


def without_boilerplate(text: str, sentences: Iterable[re.Pattern[str]]) -> str:
    """The text without the sentences that say nothing."""
    for sentence in sentences:
        text = sentence.sub("。", text)
    return text


def without_names(text: str, rules: NameRules, inline: Iterable[re.Pattern[str]]) -> str:
    """The text with names reduced to kinds and speech freed of its brackets.

    `inline` finds names without brackets, by groups `name` and `kind`.
    """
    if "【" in text:
        text = _BRACKETS.sub(_bracket_reader(text, rules), text)
    for name in inline:
        text = name.sub(_kind_only, text)
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


def compiled_names(rules: Mapping[str, str]) -> NameRules:
    """From the sources in a table."""
    return NameRules(
        kinds=re.compile(rules["kinds"]),
        said=re.compile(f"(?:{rules['said']})$"),
        speech=re.compile(rules["speech"]),
    )
