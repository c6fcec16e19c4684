"""What is wrong with one pattern that somebody added: that it is none, reads everything, or may be tried for hours."""

import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from carriers.reading.tables import FRAGMENT, expanded

with warnings.catch_warnings():
    # nothing else parses patterns
    warnings.simplefilter("ignore", DeprecationWarning)
    import sre_parse

_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT"})
_GROUPS = frozenset({"SUBPATTERN", "BRANCH"})


def pattern_fault(source: str, fragments: Mapping[str, str]) -> str | None:
    """What to say of a pattern, after its source; None where it is right. Its own fragments must be there."""
    try:
        matches_nothing = re.compile(expanded(source, fragments)).match("") is not None
        endless = _has_bare_repeat(sre_parse.parse(FRAGMENT.sub("(?:x)", source)))
    except (re.error, OverflowError) as error:
        return f"is no regular expression: {error}"
    except KeyError as unknown:
        return f"holds a fragment that holds %{unknown.args[0]}%, which there is not"
    except RecursionError:
        return "is nested too deep, or holds a fragment that holds itself"
    if matches_nothing:
        return "stands in every line, even an empty one"
    if endless:
        return "repeats without end what repeats without end: some lines would be tried for hours"
    return None


def _has_bare_repeat(tree: Any) -> bool:
    """Whether an unbounded repeat repeats nothing but another one, such as `(a+)+`: there are then countless ways to
    match the same stretch."""
    return any(
        (_is_endless(operation, given) and _is_repeat(given[2]))
        or any(_has_bare_repeat(part) for part in _parts(given))
        for operation, given in tree
    )


def _is_repeat(tree: Any) -> bool:
    """Whether all of the pattern, or one of its branches, is an unbounded repeat, in groups or not."""
    if len(tree) != 1:
        return False
    operation, given = tree[0]
    grouped = str(operation) in _GROUPS and any(_is_repeat(part) for part in _parts(given))
    return grouped or _is_endless(operation, given)


def _is_endless(operation: Any, given: Any) -> bool:
    return str(operation) in _REPEATS and bool(given[1] == sre_parse.MAXREPEAT)


def _parts(given: Any) -> Iterator[Any]:
    """The patterns inside what one operation was given."""
    if hasattr(given, "data"):
        yield given
    elif isinstance(given, tuple | list):
        for part in given:
            yield from _parts(part)
