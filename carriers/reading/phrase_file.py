"""Labels as phrases: out of what a person said about lines comes a file such as those of `config/phrases`.

A reader that is loaded with it reads the same without the labels. Patterns match whole lines; where the skeleton has a
number or a name, anything of that kind may stand. Nothing in the file was ever printed by a carrier but the skeleton.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping

from carriers.reading.labels import Label
from carriers.reading.phones import PHONE, REST
from carriers.reading.template import LONGEST, NAME, NUMBER

SHARED = "shared"
HEAD = "# Labels of parcel-watcher as phrases: made by an export, and replaced by the next.\n"
"""How an exported file begins."""
_EDGE = r"[\s。,.;:!?]*"
# a skeleton of this length may have been cut: what follows is open
_CUT_SHORT = LONGEST - 10
_PART = rf"[a-z]*[\d*#{PHONE}][a-z\d*#{PHONE}{REST}]*"
_PATTERNS: Mapping[str, str] = {
    # as `template` finds one, but without what the index over patterns does not understand
    NUMBER: rf"(?<![a-z])[+]*{_PART}(?:[ \-:./_~+,]+{_PART})*(?![a-z\d*#{REST}])",
    NAME: "[^,。;!]{0,20}?",
    "【】": "【[^】]*】",
    "()": "[(][^)]*[)]",
}
_INVENTED: Mapping[str, str] = {NUMBER: "1234", NAME: "示范", "【】": "【示范】", "()": "(示范)"}
_MARK = re.compile(r"【】|\(\)|#|〇")
_WORD_OR_SIGN = re.compile(r"[a-z]{3,}|[\u0000-\u2fff]")
_IN_SETS = frozenset("\\[]^-")


def file_name(carrier: str | None) -> str:
    """In which file of a phrase folder the labels of one carrier (None: of all) stand."""
    return f"{carrier or SHARED}.labels.toml"


def phrase_files(labels: Iterable[Label]) -> dict[str, str]:
    """The files of all labels, by their names."""
    by_carrier: dict[str | None, list[Label]] = {}
    for label in labels:
        by_carrier.setdefault(label.carrier, []).append(label)
    return {
        file_name(carrier): phrase_file(mine)
        for carrier, mine in sorted(by_carrier.items(), key=lambda item: item[0] or "")
    }


def phrase_file(labels: Iterable[Label]) -> str:
    """One file for labels of one carrier."""
    ordered = sorted(labels, key=lambda label: label.template)
    return "\n".join([HEAD, *map(_phrase, ordered)])


def pattern(template: str) -> str:
    """The regular expression, over the text that phrases look at, of the lines with this skeleton."""
    end = "" if len(template) >= _CUT_SHORT else f"{_EDGE}$"
    return f"^{_EDGE}{_replaced(template, _PATTERNS, literal=_literal)}{end}"


def _phrase(label: Label) -> str:
    rows = [
        "[[phrase]]",
        f"id = {_quoted(label.phrase_id)}",
        f"milestone = {_quoted(label.milestone)}",
        f"reasons = [{', '.join(map(_quoted, label.reasons))}]" if label.reasons else "",
        f"match = [{_quoted(pattern(label.template))}]",
        f"yes = [{_quoted(_replaced(label.template, _INVENTED, literal=str))}]",
    ]
    return "\n".join(row for row in rows if row) + "\n"


def _replaced(template: str, marks: Mapping[str, str], *, literal: Callable[[str], str]) -> str:
    pieces, position = [], 0
    for mark in _MARK.finditer(template):
        pieces += [literal(template[position : mark.start()]), marks[mark[0]]]
        position = mark.end()
    return "".join([*pieces, literal(template[position:])])


def _literal(text: str) -> str:
    """Chinese and words as they stand, every sign as a set of its own.

    The index looks a pattern up by a literal of it, and by a Latin one only where a word of three letters stands.
    """
    return _WORD_OR_SIGN.sub(lambda found: found[0] if len(found[0]) > 1 else _one_sign(found[0]), text)


def _one_sign(sign: str) -> str:
    return f"[\\{sign}]" if sign in _IN_SETS else f"[{sign}]"


def _quoted(text: str) -> str:
    """As TOML: literal where it can be, because patterns are full of backslashes."""
    return f"'{text}'" if "'" not in text else json.dumps(text, ensure_ascii=False)
