"""Which plain words a pattern cannot match without: the index over thousands of patterns is built from them.

In comes the source of a regular expression, out goes an `Anchors`: the sets of literals of which one each stands in
every match. A stretch of a pattern that spells few strings, `(?:派件|投递)(?:失败|异常)`, is written out.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

_PIECE = re.compile(
    r"(?P<look>\(\?(?:[=!]|<[=!]))|(?P<open>\((?:\?:|\?P<\w+>)?)|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])"
    r"|(?P<escape>\\.)|(?P<close>\))|(?P<bar>\|)|(?P<plain>[^()\[\]\\])",
    re.DOTALL,
)
_REPEAT = re.compile(r"(?:(?P<maybe>\?)|(?P<none>\*|\{0?,\d*\}|\{0\})|(?P<some>\+|\{\d+(?:,\d*)?\}))[?+]?")
_PLAIN_SET = re.compile(r"\[[^\^\\\-\[\]]+\]")
_PLAIN_ESCAPES = frozenset("()[]{}.*+?|/-^$\\")
_MOST = 100
_COMMON = frozenset(" ,.:;/()-。【】件已在的到中您abcdefghijklmnopqrstuvwxyz0123456789") | {""}
_LONG_ENOUGH = 3

Strings = frozenset[str]


@dataclass(frozen=True, slots=True)
class Anchors:
    """`literals`: one stands in every match; `needs`: the other such sets, of every match too, where they tell much.

    `opening` when every match starts with one of the literals, `whole` when the literals are all that matches, `exact`
    when they are all that matches and a text must be nothing else.
    """

    literals: Strings
    needs: tuple[Strings, ...]
    opening: bool
    whole: bool
    exact: bool = False


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A run of a branch that spells only these strings; `opening` at its very start, `whole` for all of it."""

    strings: Strings
    opening: bool
    whole: bool

    @property
    def worth(self) -> tuple[int, bool, int]:
        """How well it holds back: by its shortest string, then by whether it says where to look."""
        shortest = min(map(len, self.strings))
        return min(shortest, _LONG_ENOUGH), self.opening, shortest * _MOST - len(self.strings)


def anchors(source: str) -> Anchors | None:
    """The words that matches of `source` cannot do without; None when no such set can be seen."""
    if source.startswith("^") and source.endswith("$"):
        texts = _language(source[1:-1])
        if texts and len(_branches(source)) == 1:
            return Anchors(texts, needs=(), opening=True, whole=False, exact=True)
    branches = [sorted(_stretches(branch), key=lambda one: one.worth) for branch in _branches(source)]
    if not all(branches):
        return None
    best = [stretches.pop() for stretches in branches]
    return Anchors(
        literals=_shortest(best),
        needs=_telling(branches[0], best[0]) if len(branches) == 1 else (),
        opening=all(stretch.opening for stretch in best),
        whole=all(stretch.whole for stretch in best),
    )


def _telling(stretches: Iterable[_Stretch], best: _Stretch) -> tuple[Strings, ...]:
    """Without sets that hold what stands in most lines, and what the best tells already."""
    return tuple(
        stretch.strings
        for stretch in stretches
        if stretch.strings.isdisjoint(_COMMON) and stretch.strings != best.strings
    )


def _shortest(best: Iterable[_Stretch]) -> Strings:
    """Without strings that tell nothing more than a shorter one.

    Where matches start with their string, only a string that begins with another is spared: the two start together.
    """
    stretches = list(best)
    strings = frozenset().union(*(stretch.strings for stretch in stretches))
    if all(stretch.opening for stretch in stretches) and not all(stretch.whole for stretch in stretches):
        return frozenset(
            long for long in strings if not any(long[:end] in strings for end in range(1, len(long)))
        )
    return frozenset(long for long in strings if not any(short in long for short in strings if short != long))


def _branches(source: str) -> list[str]:
    """The alternatives of the outermost level."""
    starts, depth = [0], 0
    for piece in _PIECE.finditer(source):
        depth += (piece.lastgroup in {"look", "open"}) - (piece.lastgroup == "close")
        if piece.lastgroup == "bar" and depth == 0:
            starts.append(piece.end())
    ends = [start - 1 for start in starts[1:]] + [len(source)]
    return [source[start:end] for start, end in zip(starts, ends, strict=True)]


@dataclass(frozen=True, slots=True)
class _Part:
    """One element of a branch, with its repeat."""

    piece: re.Match[str]
    inner: str
    repeat: re.Match[str] | None

    @property
    def is_zero_width(self) -> bool:
        return self.piece["look"] is not None or self.piece[0] in {"^", "$", "\\b", "\\B"}

    @property
    def must_match(self) -> bool:
        """What lies ahead or behind must, too."""
        if self.piece["look"]:
            return self.piece["look"] in {"(?=", "(?<="}
        return self.piece["open"] is not None and (self.repeat is None or self.repeat["some"] is not None)

    def strings(self) -> Strings | None:
        """All that this element spells, where that is little."""
        if self.repeat and not self.repeat["maybe"]:
            return None
        once = self._once()
        return once | {""} if once is not None and self.repeat else once

    def _once(self) -> Strings | None:
        piece = self.piece
        if piece["open"]:
            return _language(self.inner)
        if piece["plain"]:
            return None if piece["plain"] == "." else frozenset(piece["plain"])
        if piece["set"]:
            return frozenset(piece["set"][1:-1]) if _PLAIN_SET.fullmatch(piece["set"]) else None
        return frozenset(piece["escape"][1]) if piece["escape"][1] in _PLAIN_ESCAPES else None


def _parts(branch: str) -> Iterator[_Part]:
    position = 0
    while position < len(branch):
        piece = _PIECE.match(branch, position)
        if piece is None:
            return
        end = _group_end(branch, piece) if piece.lastgroup in {"look", "open"} else piece.end()
        repeat = _REPEAT.match(branch, end)
        yield _Part(piece, branch[piece.end() : end - 1], repeat)
        position = repeat.end() if repeat else end


def _language(source: str) -> Strings | None:
    """Every string that `source` matches, None when they are many or depend on what stands around them."""
    spelled: set[str] = set()
    for branch in _branches(source):
        run: Strings | None = frozenset({""})
        for part in _parts(branch):
            more = None if part.is_zero_width else part.strings()
            run = _joined(run, more) if run is not None and more is not None else None
            if run is None:
                return None
        spelled |= run or {""}
    return frozenset(spelled) if len(spelled) <= _MOST else None


def _joined(run: Strings, more: Strings) -> Strings | None:
    if len(run) * len(more) > _MOST:
        return None
    return frozenset(map("".join, product(run, more)))


def _stretches(branch: str) -> Iterator[_Stretch]:
    """Every run of the branch that spells few strings, and what the groups in it cannot do without."""
    parts = list(_parts(branch))
    bare = not any(part.is_zero_width for part in parts)
    run: Strings = frozenset({""})
    opening = run_opens = True
    begun = 0
    for number, part in enumerate(parts):
        more = None if part.is_zero_width else part.strings()
        if more is None and part.must_match:
            inner = anchors(part.inner)
            if inner:
                yield _Stretch(
                    inner.literals, opening and inner.opening and part.piece["look"] != "(?<=", whole=False
                )
        if part.is_zero_width:
            continue
        longer = None if more is None else _joined(run, more)
        if longer is None:
            yield from _useful(run, opens=run_opens, whole=False)
            longer, run_opens, begun = more or frozenset({""}), False, number + 1
            run_opens = False
        run, opening = longer, False
    yield from _useful(run, opens=run_opens, whole=bare and begun == 0)


def _useful(run: Strings, *, opens: bool, whole: bool) -> Iterator[_Stretch]:
    if all(run):
        yield _Stretch(run, opens, whole)


def _group_end(source: str, opening: re.Match[str]) -> int:
    depth = 0
    for piece in _PIECE.finditer(source, opening.start()):
        depth += (piece.lastgroup in {"look", "open"}) - (piece.lastgroup == "close")
        if depth == 0:
            return piece.end()
    return len(source)
