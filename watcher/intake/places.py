"""The division table in memory: every place from province to town, and the names under which it is found.

The shipped table (`data/regions.csv.gz`) and the renamed places (`data/changes.csv`) come in; a tree of `Place` goes
out, each knowing by which full, short and former names other places may follow it in an address.
"""

import csv
import gzip
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import NamedTuple

from watcher.model import Region

PROVINCE, CITY, DISTRICT, TOWN = 2, 4, 6, 9
_PARENT_LENGTH = {PROVINCE: 0, CITY: 2, DISTRICT: 4, TOWN: 6}
_STAND_INS = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
_DIRECT = (
    "省直辖县级行政区划",
    "省直辖县级行政单位",
    "自治区直辖县级行政区划",
    "自治区直辖县级行政单位",
    "直辖县级",
)
_ETHNIC = (
    "壮族|回族|满族|苗族|藏族|彝族|白族|傣族|侗族|瑶族|黎族|羌族|怒族|水族|土族|佤族|畲族|各族|维吾尔|蒙古族?|哈萨克族?|塔吉克|锡伯|"
    "柯尔克孜|达斡尔族|朝鲜族|土家族|布依族|哈尼族|傈僳族|景颇族|拉祜族|布朗族|纳西族|普米族|独龙族|撒拉族|保安族|东乡族|裕固族|"
    "哈萨克族|仡佬族|仫佬族|毛南族"
)
_AUTONOMOUS = re.compile(rf"(?P<stem>.{{2,}}?)(?:{_ETHNIC})+自治(?P<kind>[州县旗区])")
_SUFFIX = re.compile(r"(?:特别行政区|自治区|地区|新区|林区|特区|省|市|盟|区|县|旗)$")
_TOWN_SUFFIX = re.compile(r"(?:民族乡|街道|镇|乡)$")
_ZONE = re.compile(r"开发区|园区|示范区|实验区|管理区|聚集区")
_ZONE_CODES = re.compile(r"\d{4}7[1-9]")
_HIGH_TECH = ("高新区", "高新技术区", "高新技术开发区", "高新技术产业区", "高新技术产业开发区", "高新开发区")
_ECONOMIC = ("经开区", "经济开发区", "经济技术开发区", "开发区")
_PROVINCE_ALIASES = {
    "15": ("内蒙", "内蒙古省"),
    "45": ("广西省",),
    "54": ("西藏省",),
    "64": ("宁夏省",),
    "65": ("新疆省",),
}
# cities whose short name begins too many streets and parks to mean the city by itself
_COMMON_WORDS = frozenset({"中山", "朝阳", "黄山", "东方", "新星"})
_SHORTEST = 2


class Named(NamedTuple):
    """What a name means at one point of an address.

    `weak`: a short form, believed only when no street goes on from it; `needs_child`: only when a place below follows.
    `also`: districts that took over towns of this one, or of the former district.
    """

    place: "Place"
    weak: bool = False
    needs_child: bool = False
    also: "tuple[Place, ...]" = ()


@dataclass(slots=True, eq=False)
class Place:
    """One division; `names` tells what may follow it in an address, `lengths` are those of the names, longest first."""

    code: str
    name: str
    parent: "Place | None"
    children: "list[Place]" = field(default_factory=list, repr=False)
    names: dict[str, Named] = field(default_factory=dict, repr=False)
    lengths: tuple[int, ...] = ()
    _region: Region | None = None

    @property
    def level(self) -> int:
        """The length of its code: 2 province, 4 city, 6 district, 9 town, 0 the whole."""
        return len(self.code)

    @property
    def region(self) -> Region:
        """As the model names it; built at the first call."""
        if self._region is None:
            self._region = _region_of(self)
        return self._region

    def lineage(self) -> "Iterator[Place]":
        """This place and those above it, the province last."""
        here: Place | None = self
        while here is not None and here.code:
            yield here
            here = here.parent


@dataclass(frozen=True, slots=True)
class Former:
    """A name that stood under the place `under` and stands no more, or no more for all that it did."""

    under: str
    name: str
    named: Named


def load() -> Place:
    """The root of the tree, with all names in place. About 0.4 s and 35 MB."""
    places = _tree(_read_places())
    formers = [_former(places, *change) for change in _read_changes()]
    _name_places(places[""], formers)
    for place in places.values():
        place.lengths = tuple(sorted({len(name) for name in place.names}, reverse=True))
    return places[""]


def provinces() -> dict[str, str]:
    """All provinces, code to name, in the order of the codes."""
    return {code: name for code, name in _read_places() if len(code) == PROVINCE}


def _read_places() -> Iterator[tuple[str, str]]:
    packed = files("watcher.intake").joinpath("data", "regions.csv.gz").read_bytes()
    lines = csv.reader(io.StringIO(gzip.decompress(packed).decode()))
    next(lines)
    yield from ((code, name) for code, name in lines)


def _read_changes() -> Iterator[tuple[str, str, list[str]]]:
    text = files("watcher.intake").joinpath("data", "changes.csv").read_text(encoding="utf-8")
    for line in csv.DictReader(io.StringIO(text)):
        yield line["under"], line["old_name"], line["codes"].split()


def _tree(rows: Iterable[tuple[str, str]]) -> dict[str, Place]:
    places = {"": Place("", "", None)}
    # nothing is ever put below a town: they share their empty ones, which is 5 MB
    childless: list[Place] = []
    nameless: dict[str, Named] = {}
    for code, name in sorted(rows, key=lambda row: (len(row[0]), row[0])):
        parent = places[code[: _PARENT_LENGTH[len(code)]]]
        own_name = _own_name(code, name, parent)
        is_town = len(code) == TOWN
        place = (
            Place(code, own_name, parent, childless, nameless) if is_town else Place(code, own_name, parent)
        )
        places[code] = place
        parent.children.append(place)
    return places


def _former(places: dict[str, Place], under: str, name: str, codes: list[str]) -> Former:
    """A former name leads to the one place that took over; to the city where several did and only the town can tell."""
    first, *others = heirs = tuple(places[code] for code in codes)
    if name == first.name:
        return Former(under, name, Named(first, also=tuple(others)))
    return Former(under, name, Named(places[under], also=heirs) if others else Named(first))


def _own_name(code: str, name: str, parent: Place) -> str:
    """What people call it: the bureau's stand-ins under the municipalities bear the municipality's name."""
    if len(code) == CITY and name == "市辖区":
        return parent.name
    return f"{parent.name}（县）" if len(code) == CITY and name == "县" else name


def _region_of(place: Place) -> Region:
    names = {above.level: above.name for above in place.lineage()}
    code = place.code
    return Region(
        province=code[:2] or None,
        city=code[:4] if CITY in names else None,
        district=code[:6] if DISTRICT in names else None,
        town=code if TOWN in names else None,
        province_name=names.get(PROVINCE),
        city_name=names.get(CITY),
        district_name=names.get(DISTRICT),
        town_name=names.get(TOWN),
    )


def _name_places(root: Place, formers: Sequence[Former]) -> None:
    """Give every place the names that may follow it; stronger ones first, since the first to come stays."""
    cities = [city for province in root.children for city in province.children]
    districts = [district for city in cities for district in city.children]
    for district in districts:
        _name_inside_district(district)
    for city in cities:
        _name_inside_city(city, [former for former in formers if former.under == city.code])
    for province in root.children:
        _name_inside_province(
            province, [former for former in formers if former.under.startswith(province.code)]
        )
    _add_all(root, (pair for province in root.children for pair in _province_names(province)))
    _add_all(root, (pair for city in cities for pair in _city_names(city)))
    _add_unique(root, _district_names(districts, formers))
    _add_unique(root, _shorts_with_child(one for one in districts if one.name.endswith("市")))


def _name_inside_district(district: Place) -> None:
    _add_all(district, [(town.name, Named(town)) for town in district.children])
    villages = [town for town in district.children if town.name.endswith(("镇", "乡"))]
    _add_unique(district, [(_TOWN_SUFFIX.sub("", town.name), Named(town, weak=True)) for town in villages])
    _add_all(district, [(district.name, Named(district))])


def _name_inside_city(city: Place, formers: Iterable[Former]) -> None:
    _add_all(city, [(former.name, former.named) for former in formers])
    _add_all(city, [(name, Named(city)) for name in (city.name, *_direct_names(city))])
    _add_all(city, [(district.name, Named(district)) for district in city.children])
    _add_unique(city, [pair for district in city.children for pair in _short_names(district)])
    for plain in (True, False):
        _add_unique(city, [pair for one in city.children for pair in _zone_names(one, city, plain=plain)])
    _add_unique(city, [(town.name, one.names[town.name]) for one in city.children for town in one.children])
    if len(city.children) == 1:
        _name_towns_of_city_without_districts(city, city.children[0])


def _name_towns_of_city_without_districts(city: Place, only: Place) -> None:
    stems = [
        (_TOWN_SUFFIX.sub("", town.name), town) for town in only.children if _TOWN_SUFFIX.search(town.name)
    ]
    # 东莞 and 中山 still say 南城区 for what is 南城街道
    spoken = [(stem if stem.endswith("区") else f"{stem}区", Named(town)) for stem, town in stems]
    for place in (city, only):
        _add_unique(place, spoken)
        _add_unique(place, [(stem, Named(town, weak=True)) for stem, town in stems])


def _name_inside_province(province: Place, formers: Sequence[Former]) -> None:
    districts = [district for city in province.children for district in city.children]
    _add_all(province, [(former.name, former.named) for former in formers if former.under == province.code])
    _add_all(province, [(province.name, Named(province))])
    _add_all(province, (pair for city in province.children for pair in _city_names(city)))
    _add_unique(province, _district_names(districts, formers))
    if _is_municipality(province):
        province.names.update(dict.fromkeys(_STAND_INS, Named(province, weak=True, needs_child=True)))
        _add_unique(province, [pair for district in districts for pair in _short_names(district)])
    towns_of_their_own = [one for one in districts if one.name.endswith("市")]
    _add_unique(province, [pair for district in towns_of_their_own for pair in _short_names(district)])
    _add_unique(province, _shorts_with_child(districts))


def _district_names(districts: Iterable[Place], formers: Iterable[Former]) -> Iterator[tuple[str, Named]]:
    """Full names of districts, now and formerly: where a name was ever two places, an address may mean either."""
    yield from ((former.name, former.named) for former in formers)
    for district in districts:
        yield district.name, Named(district)
        yield from ((name, named) for name, named in _short_names(district) if not named.weak)


def _shorts_with_child(districts: Iterable[Place]) -> Iterator[tuple[str, Named]]:
    return ((short(district.name), Named(district, weak=True, needs_child=True)) for district in districts)


def _is_municipality(province: Place) -> bool:
    return province.name in {"北京市", "天津市", "上海市", "重庆市"}


def _province_names(province: Place) -> Iterator[tuple[str, Named]]:
    yield province.name, Named(province)
    found = _AUTONOMOUS.fullmatch(province.name)
    yield (found["stem"] if found else short(province.name)), Named(province, weak=True)
    yield from ((alias, Named(province, weak=True)) for alias in _PROVINCE_ALIASES.get(province.code, ()))


def _city_names(city: Place) -> Iterator[tuple[str, Named]]:
    """Full and short names of a city; the municipalities' cities and stand-ins have none of their own."""
    if city.parent is None or _is_municipality(city.parent):
        return
    yield from ((name, Named(city)) for name in _direct_names(city))
    if city.name in _STAND_INS:
        return
    yield city.name, Named(city)
    yield from (
        (name, named._replace(needs_child=name in _COMMON_WORDS)) for name, named in _short_names(city)
    )


def _direct_names(city: Place) -> tuple[str, ...]:
    return _DIRECT if city.name in _STAND_INS else ()


def _short_names(place: Place) -> Iterator[tuple[str, Named]]:
    found = _AUTONOMOUS.fullmatch(place.name)
    if found:
        yield f"{found['stem']}{found['kind']}", Named(place)
    yield (found["stem"] if found else short(place.name)), Named(place, weak=True)


def short(name: str) -> str:
    """The name without its kind: 深圳市 -> 深圳; empty where nothing that can stand alone is left."""
    stem = _SUFFIX.sub("", name)
    return stem if len(stem) >= _SHORTEST and stem != name else ""


def _zone_names(zone: Place, city: Place, *, plain: bool) -> Iterator[tuple[str, Named]]:
    """How a development zone is called inside its city: without the city's name, and by its kind.

    `plain` gives the zones that bear nothing but their kind; where there is one, 高新区 means it and no other.
    """
    if not (_ZONE_CODES.fullmatch(zone.code) and _ZONE.search(zone.name)):
        return
    own = _without_prefix(zone.name, city)
    kinds = _HIGH_TECH if "高新" in own or "高技术" in own else _ECONOMIC if "经济" in own else ()
    if (own in kinds) == plain:
        yield from ((name, Named(zone)) for name in (own, *kinds))


def _without_prefix(name: str, city: Place) -> str:
    prefixes = [prefix for above in city.lineage() for prefix in (above.name, short(above.name)) if prefix]
    while any(name.startswith(prefix) for prefix in prefixes):
        for prefix in prefixes:
            name = name.removeprefix(prefix)
    return name


def _add_all(place: Place, pairs: Iterable[tuple[str, Named]]) -> None:
    """The first to have a name keeps it."""
    for name, named in pairs:
        if len(name) >= _SHORTEST:
            place.names.setdefault(name, named)


def _add_unique(place: Place, pairs: Iterable[tuple[str, Named]]) -> None:
    """Names that two places of this round share are left out: an address that uses one does not say which."""
    once: dict[str, Named] = {}
    doubled: set[str] = set()
    for name, named in pairs:
        if name in once and once[name].place is not named.place:
            doubled.add(name)
        once.setdefault(name, named)
    _add_all(place, ((name, named) for name, named in once.items() if name not in doubled))
