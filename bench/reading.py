"""Measures what is done to every text: the reader on the sandbox's lines, regions and phones on order cells.

The reader is held against one search by all its phrases as a single alternation, on lines of which no two are alike;
the others against `str.find`. `python -m bench.reading LINES` reads that many lines in a process of its own and prints
the peak in megabytes.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import cycle, islice

from bench.databases import Databases
from bench.figures import Figure, compare, timed
from bench.memory import memory, peak_of, say_peak
from bench.orders import an_address
from bench.parts import reader, regions
from bench.scale import Scale
from carriers.reading.reader import Reader
from carriers.reading.tables import default_folder, load_tables, phrases_of
from carriers.sandbox.wordings import book
from watcher.intake.phones import dial

_SLOTS = {
    "here": "成都武侯网点",
    "here_phone": "028-81234567",
    "next": "成都转运中心",
    "city": "成都市",
    "courier": "王师傅",
    "phone": "13800000008",
    "station": "幸福里菜鸟驿站",
    "station_phone": "13800000007",
    "signer": "本人",
    "code": "3-2-1044",
    "new_number": "78400000000009",
}
_PHONES = ("13800000001", "0755-82340001", "13800000001-1234", "+86 138 0000 0002", "95311", "138****0001")
_PROVINCES = (
    "北京", "天津", "河北", "山西", "内蒙古", "辽宁", "吉林", "黑龙江", "上海", "江苏", "浙江", "安徽", "福建", "江西",
    "山东", "河南", "湖北", "湖南", "广东", "广西", "海南", "重庆", "四川", "贵州", "云南", "西藏", "陕西", "甘肃",
    "青海", "宁夏", "新疆", "台湾", "香港", "澳门",
)  # fmt: skip
_SURNAMES, _GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", ("伟", "小芳", "建国", "海涛", "磊", "丽华", "一鸣")
_FINDS = 20
_STREAM = 10


def measure(scale: Scale, _databases: Databases) -> Iterator[Figure]:
    """Lines, addresses and phones."""
    yield _reader(scale)
    yield _memory(scale)
    addresses = [an_address(number) for number in range(scale.lines)]
    yield _against_find(
        "regions found",
        regions().find,
        lambda address: [address.find(name) for name in _PROVINCES],
        addresses,
        against="str.find of each province",
        rounds=scale.rounds,
    )
    yield _against_find(
        "phones made dialable",
        dial,
        lambda phone: phone.find("-"),
        list(islice(cycle(_PHONES), scale.lines)),
        against="str.find of a dash",
        rounds=scale.rounds,
    )


def lines(amount: int) -> Iterator[tuple[str, str]]:
    """What the sandbox's couriers write, with the carrier; no two lines are alike."""
    wordings = [
        (carrier, wording.text)
        for carrier, kinds in book().items()
        for wordings in kinds.values()
        for wording in wordings
    ]
    for number, (carrier, text) in zip(range(amount), cycle(wordings), strict=False):
        province = _PROVINCES[number % len(_PROVINCES)]
        yield carrier, f"【{province}第{number}营业部】 {text.format_map(_slots(number))}"


def _slots(number: int) -> dict[str, str]:
    """Other people, places and numbers for every line."""
    province = _PROVINCES[number % len(_PROVINCES)]
    return _SLOTS | {
        "here": f"{province}第{number % 97}网点",
        "next": f"{province}转运中心",
        "courier": f"{_SURNAMES[number % len(_SURNAMES)]}{_GIVEN[number % len(_GIVEN)]}",
        "phone": f"138{number % 10**8:08}",
        "station": f"幸福里{number}号驿站",
        "code": f"{number % 30}-{number % 7}-{number % 9000 + 1000}",
    }


def _reader(scale: Scale) -> Figure:
    alternation = _alternation()
    told = list(lines(scale.lines))
    return compare(
        "lines read",
        lambda: timed(lambda: _read_all(reader(), told)),
        lambda: timed(lambda: [alternation.search(text) for _, text in told]),
        against="re.search of all phrases as one pattern",
        amount=len(told),
        unit="lines/s",
        rounds=scale.rounds,
    )


def _read_all(skilled: Reader, told: Iterable[tuple[str, str]]) -> None:
    for carrier, text in told:
        skilled.read(text, carrier=carrier)


def _memory(scale: Scale) -> Figure:
    amount = _STREAM * scale.lines
    few, many = (peak_of("bench.reading", str(lines)) for lines in (amount, 10 * amount))
    return memory("lines read, peak memory", few=few, many=many, against="a tenth of the lines")


def _alternation() -> re.Pattern[str]:
    shared = load_tables(default_folder())["shared"]
    fragments = {**shared["fragments"], "kinds": shared["names"]["kinds"]}
    patterns = (pattern for phrase in phrases_of(shared, fragments) for pattern in phrase.patterns)
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


def _against_find(
    name: str,
    work: Callable[[str], object],
    bare: Callable[[str], object],
    texts: Sequence[str],
    *,
    against: str,
    rounds: int,
) -> Figure:
    def finds() -> None:
        for _ in range(_FINDS):
            for text in texts:
                bare(text)

    return compare(
        name,
        lambda: timed(lambda: [work(text) for text in texts]),
        lambda: timed(finds) / _FINDS,
        against=against,
        amount=len(texts),
        unit="texts/s",
        rounds=rounds,
    )


if __name__ == "__main__":
    _read_all(reader(), lines(int(sys.argv[1])))
    say_peak()
