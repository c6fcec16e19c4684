"""Which language a page speaks, and the catalogues it speaks from.

The catalogues are .po files, read when the site is built: there is no compile step and no .mo file. A plain message is
its own English; words of closed lists and sentences with a context stand in both catalogues.
"""

import gettext
import io
from enum import StrEnum
from pathlib import Path
from typing import Literal, get_args

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT: Language = "zh"
_LOCALE = Path(__file__).with_name("locale")


def catalogue(language: Language) -> Catalog:
    """The messages of one language, as they stand in the file."""
    with (_LOCALE / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def load() -> dict[Language, gettext.GNUTranslations]:
    """All languages, ready to translate; a file that cannot be read raises at start, not on a page."""
    return {language: _translations(catalogue(language)) for language in LANGUAGES}


def choose(
    *, asked: str | None, preferred: str | None, remembered: str | None, accepted: str | None
) -> Language:
    """The language of one page: asked for in the address, else the person's, the browser's cookie, its header, zh."""
    for wish in (asked, preferred, remembered):
        if (known := as_language(wish)) is not None:
            return known
    return _from_header(accepted or "") or DEFAULT


def as_language(word: str | None) -> Language | None:
    """`word` when it is one of ours."""
    return next((language for language in LANGUAGES if language == word), None)


def context_of(kind: type[StrEnum]) -> str:
    """The message context of a closed list: `WorkItemState` -> `work_item_state`."""
    name = kind.__name__
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).removeprefix("_")


def word(value: StrEnum, *, translations: gettext.NullTranslations) -> str:
    """What staff call a member of a closed list."""
    return translations.pgettext(context_of(type(value)), value.value)


def _translations(messages: Catalog) -> gettext.GNUTranslations:
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _from_header(header: str) -> Language | None:
    wishes = sorted((_wish(item) for item in header.split(",")), key=lambda wish: -wish[0])
    for weight, tag in wishes:
        known = as_language(tag.split("-")[0].lower())
        if weight > 0 and known is not None:
            return known
    return None


def _wish(item: str) -> tuple[float, str]:
    tag, _, parameter = item.strip().partition(";")
    try:
        weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
    except ValueError:
        weight = 0.0
    return weight, tag.strip()
