"""An address as somebody typed it comes in; the region it names goes out, as deep as it says for certain.

The longest name that fits wins at each step, from the province down. Full, short and former names, missing and repeated
levels are understood. What could be two places is none: an address that begins with 鼓楼区 stays without a region.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from watcher.intake.places import CITY, DISTRICT, PROVINCE, TOWN, Named, Place, load
from watcher.model import Region

_LONGEST = 100
_NOISE = dict.fromkeys(
    map(ord, " \t\r\n\v\f\u3000\xa0\u200b\ufeff,，、;；|/\\-_.。·:：()（）[]【】\"'“”‘’*#<>")
)
_PREAMBLE = re.compile(r"(?:中华人民共和国|中国|(?:收[货件]|详细|寄件|发货)?人?地址|\d)+")
_ROAD_WORDS = r"[东西南北中前后新老]?[一二三四五六七八九十\d]*(?:大道|大街|道|路|街|巷|弄|胡同|桥)"
_ROAD = re.compile(_ROAD_WORDS)
_STREET = re.compile(
    rf"{_ROAD_WORDS}|[里村庄苑府号站港湾湖江河山寺庙]|[东西南北]?站|社区|花园|公园|广场|大厦|小区|公馆|家园|[大中小]学|学[院校]|"
    "医院|银行|酒店|宾馆|书店|商场|市场|[机车]场"
)
# what makes another word of a short name: 北海镇 is not in 北海, 西安区 not in 西安
# but 县 does not, for many a county became a district
_OTHER_WORD = re.compile(r"[镇乡屯]|街道")
_OTHER_CITY = re.compile(r"[区镇乡屯]|街道")
_ZONE = re.compile(
    r"(?:国家级?)?[^区县镇乡路街号]{0,4}?(?:高新技术(?:产业)?(?:开发)?区|高新区|经济(?:技术)?开发区|经开区|开发区|工业园区|保税区|"
    r"示范区|管理区|新区|市区|城区)"
)
# before a place that is not at the start: a name or a greeting, but nothing of an address
_ADDRESS_SIGNS = re.compile(r"[区县镇乡路街号楼]")
_FURTHEST_START = 24


@dataclass(frozen=True, slots=True)
class Regions:
    """All divisions of China down to the town, ready to be looked up. Load once and keep; safe to share by threads."""

    root: Place

    @classmethod
    def load(cls) -> Self:
        """Read the table that ships with the package."""
        return cls(load())

    def find(self, address: str) -> Region:
        """The region `address` names; levels it does not name for certain are None. Never raises."""
        text = _clean(address)
        place = self._walk(text, 0)
        if place is None or self._is_bare(place, text):
            place = self._later(text) or place
        return _only_child(place).region if place is not None else Region()

    def _walk(self, text: str, start: int) -> Place | None:
        """Follow the names from `start` as far as they lead; None when not even the first is a place."""
        here, at = self.root, start
        also: tuple[Place, ...] = ()
        while here.level < TOWN:
            step = (
                next(_steps(here, text, at), None)
                or _inherited(also, text, at)
                or _after_zone(here, text, at)
            )
            if step is not None:
                (here, _, _, also), at = step
                continue
            past = _past_repeats(here, text, at)
            if past == at:
                break
            at = past
        return here if here.code else None

    def _is_bare(self, place: Place, text: str) -> bool:
        """Whether nothing but a short name was found: a shop or a person may be called so."""
        first = next(_steps(self.root, text, 0), None)
        return first is not None and first[0].weak and first[0].place is place

    def _later(self, text: str) -> Place | None:
        """A full name further on, when what stands before it is no part of an address."""
        for at in range(1, min(len(text), _FURTHEST_START)):
            if _ADDRESS_SIGNS.match(text, at - 1):
                return None
            if any(named.place.level <= CITY and not named.weak for named, _ in _steps(self.root, text, at)):
                return self._walk(text, at)
        return None


def _clean(address: str) -> str:
    text = address[:_LONGEST].translate(_NOISE)
    preamble = _PREAMBLE.match(text)
    return text[preamble.end() :] if preamble else text


def _steps(here: Place, text: str, at: int) -> Iterator[tuple[Named, int]]:
    """The believable names at `at` below `here`, the longest first, each with its end."""
    names = here.names
    for length in here.lengths:
        named = names.get(text[at : at + length])
        # a slice at the end of the text is shorter than asked for, and would be found twice
        if named is None or len(text) - at < length:
            continue
        if not _believable(named, here, text, at + length):
            # nor is the beginning of a word that means something else: 内蒙 of 内蒙古路
            return
        yield named, at + length


def _believable(named: Named, here: Place, text: str, end: int) -> bool:
    if not named.weak or _child_follows(named.place, text, end):
        return True
    if named.needs_child or (_OTHER_WORD if here.level == CITY else _OTHER_CITY).match(text, end):
        return False
    city_of_province = named.place.level == CITY and here.level == PROVINCE
    return not (_ROAD if city_of_province else _STREET).match(text, end)


def _child_follows(place: Place, text: str, at: int) -> bool:
    names = place.names
    for length in place.lengths:
        named = names.get(text[at : at + length])
        if named is not None and not named.weak and (named.place is not place or named.also):
            return True
    return False


def _inherited(heirs: tuple[Place, ...], text: str, at: int) -> tuple[Named, int] | None:
    """A town under the district that it belonged to before a split."""
    return next((step for heir in heirs for step in _steps(heir, text, at)), None)


def _after_zone(here: Place, text: str, at: int) -> tuple[Named, int] | None:
    """A town behind a zone that is no division of its own (成都市高新区桂溪街道)."""
    if here.level not in (CITY, DISTRICT):
        return None
    zone = _ZONE.match(text, at)
    return next((step for step in _steps(here, text, zone.end()) if not step[0].weak), None) if zone else None


def _past_repeats(here: Place, text: str, at: int) -> int:
    """Where the text goes on behind names of this place or those above it, said once more."""
    for above in reversed(list(here.lineage())):
        if text.startswith(above.name, at):
            at += len(above.name)
    return at


def _only_child(place: Place) -> Place:
    """A province with one city, or a city with one district, says that one too."""
    while place.level < DISTRICT and len(place.children) == 1:
        place = place.children[0]
    return place
