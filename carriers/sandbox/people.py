"""Invented people: names, and phones that belong to nobody, of every kind a merchant's file holds."""

from random import Random

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN: tuple[str, ...] = (
    *"伟敏静磊洋艳勇娟涛霞",
    "建国",
    "秀英",
    "志强",
    "桂兰",
    "晓东",
    "海燕",
    "子涵",
    "雨桐",
)
_AREA_CODES = ("0571", "0755", "023", "010")
_VIRTUAL = 0.12
_LANDLINE = 0.08


def name(rng: Random) -> str:
    """A Chinese name."""
    return rng.choice(_SURNAMES) + rng.choice(_GIVEN)


def mobile(rng: Random) -> str:
    """A mobile number, 138000xxxxx or 139000xxxxx."""
    return f"{rng.choice(('138000', '139000'))}{rng.randrange(10**5):05d}"


def recipient_phone(rng: Random) -> str:
    """Mostly a mobile; at times a platform's virtual number with extension, or a landline."""
    chance = rng.random()
    if chance < _VIRTUAL:
        return f"{mobile(rng)}-{rng.randrange(1000, 10000)}"
    if chance < _VIRTUAL + _LANDLINE:
        return f"{rng.choice(_AREA_CODES)}-8000{rng.randrange(10**4):04d}"
    return mobile(rng)


def tail(phone: str) -> str:
    """The four digits that a carrier asks for: the last of the number, or of the extension of a virtual one."""
    return phone[-4:]
