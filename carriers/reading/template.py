"""The skeleton of a line: what is left when numbers, times, names in brackets and places are taken out.

In comes text as `line` spells it, out goes what lines that differ only in those have in common: `#` for any number,
code, phone (masked or not), date or time, `〇` for a region, empty brackets for what stood in them. Never longer than
`LONGEST`; never raises.
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
# what no name of a region holds: before one such word the name begins
_BEFORE_A_PLACE = "在到达从由至往于为被已的件将离开发送因派投收寄转交入出请您与或无未不是该此本非"
_REGION = (
    rf"(?:(?:[^\W\da-z_{_BEFORE_A_PLACE}]{{2,7}}?"
    "(?:自治[区州县]|省|(?<![超门夜])市(?!场)|(?<![超小地片园社库景校辖营疫山郊城市服专本误])区|县(?!城)|旗|镇|乡(?!镇)|街道)))"
)
_REGIONS = re.compile(rf"{_REGION}{{1,5}}")


def template(text: str) -> str:
    """Equal for lines that say the same about different parcels; empty where nothing is said."""
    spoken = _UNSPEAKABLE.sub("", text)
    skeleton = _CODE.sub(NUMBER, _REGIONS.sub(NAME, _emptied(spoken))).strip(_EDGES)[:LONGEST].strip(_EDGES)
    return skeleton if any(character.isalpha() for character in skeleton) else ""


def _emptied(text: str) -> str:
    """Without what stands in brackets, the inmost first."""
    before = ""
    while before != text:
        before, text = text, _BRACKETS.sub(_pair, text)
    return text


def _pair(match: re.Match[str]) -> str:
    return match[0][0] + match[0][-1]
