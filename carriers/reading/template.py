"""The skeleton of a line: what is left when numbers, names in brackets and times are taken out.

In comes text as `line` spells it, out goes what lines that differ only in those have in common: `#` for any number,
code, phone (masked or not), date or time, empty brackets for what stood in them. Never longer than `LONGEST`; never
raises.
"""

import re

from carriers.reading.phones import PHONE, REST

NUMBER = "#"
NAME = "〇"
"""What stands for a name that had no brackets around it."""
LONGEST = 300
_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_BRACKETS = re.compile(r"【(?:[^【】]|【】)*+】|\((?:[^()]|\(\))*+\)")
_PART = rf"[a-z]*+[\d*#{PHONE}][a-z\d*#{PHONE}{REST}]*+"
_CODE = re.compile(rf"(?<![a-z])\+*+{_PART}(?:[ \-:./_~+,]++{_PART})*+")
_EDGES = " 。,.;:!?"


def template(text: str) -> str:
    """Equal for lines that say the same about different parcels; empty where nothing is said."""
    spoken = _UNSPEAKABLE.sub("", text)
    skeleton = _CODE.sub(NUMBER, _emptied(spoken)).strip(_EDGES)[:LONGEST].strip(_EDGES)
    return skeleton if any(character.isalpha() for character in skeleton) else ""


def _emptied(text: str) -> str:
    """Without what stands in brackets, the inmost first."""
    before = ""
    while before != text:
        before, text = text, _BRACKETS.sub(_pair, text)
    return text


def _pair(match: re.Match[str]) -> str:
    return match[0][0] + match[0][-1]
