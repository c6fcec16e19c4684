"""Fills a sentence for staff with a finding's facts: words of closed lists are translated, what is missing is said so.

Templates and facts come in, text in zh or en goes out. It never raises, whatever old facts a row may hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in both languages of the staff."""

    zh: str
    en: str

    def get(self, language: Language) -> str:
        """The words in `language`."""
        return self.zh if language == "zh" else self.en


_MISSING: Mapping[str, Text] = {
    "since": Text("某个时间", "some time"),
    "hours": Text("若干", "several"),
    "deadline_hours": Text("若干", "several"),
    "attempts": Text("若干", "not known"),
}
_NOT_KNOWN = Text("未知", "not known")
_WORDS: Mapping[tuple[str, str | int], Text] = {
    ("lane", "same_region"): Text("区域内线路", "a lane within one region"),
    ("lane", "same_province"): Text("省内线路", "a lane within one province"),
    ("lane", "cross_province"): Text("跨省线路", "a lane between provinces"),
    ("lane", "remote"): Text("偏远线路", "a remote lane"),
    ("under_way", 0): Text("被要求退回", "a return is asked for"),
    ("under_way", 1): Text("正在退回", "it is on its way back"),
    ("why", "invalid_number"): Text("查询来源不认这个运单号", "the source does not know this number"),
    ("why", "ownership_refused"): Text(
        "手机尾号缺失或不对，来源拒绝查询", "the phone tail is missing or wrong, so the source refuses"
    ),
    ("why", "expired"): Text("来源已不保留这个运单号", "the source no longer keeps this number"),
    ("why", "no_answer"): Text("来源一直没有回答", "the source has not answered"),
}


@dataclass(frozen=True, slots=True)
class _Facts:
    """What `str.format_map` asks for the value of a name."""

    facts: Mapping[str, str | int]
    language: Language

    def __getitem__(self, key: str) -> str | int:
        if key == "place":
            return self._place()
        if key not in self.facts:
            return _MISSING.get(key, _NOT_KNOWN).get(self.language)
        value = self.facts[key]
        word = _WORDS.get((key, value))
        return word.get(self.language) if word else value

    def _place(self) -> str:
        known = self.facts.get("facility") or self.facts.get("city")
        if not known:
            return ""
        return f"（{known}）" if self.language == "zh" else f" ({known})"


def spoken(template: Text, facts: Mapping[str, str | int], *, language: Language) -> str:
    """`template` in `language`, filled with `facts`."""
    # format_map only asks for items, so a lookup that never fails is all it needs
    return template.get(language).format_map(_Facts(facts, language))
