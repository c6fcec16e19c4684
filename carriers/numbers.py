"""Which carrier a tracking number can belong to, judged by its pattern alone.

A number as somebody typed it comes in; carrier ids come out, the likeliest first.
"""

import re
import unicodedata

from carriers.registry import SOURCES


def candidates(tracking_number: str) -> tuple[str, ...]:
    """Carrier ids whose own source knows such numbers; ranked by how near the top of its patterns the match stands.

    Several carriers share twelve and fourteen digits, so more than one answer is common; none is a proof.
    """
    number = normal_form(tracking_number)
    ranks = {
        source_id: rank
        for source_id, adapter in SOURCES.items()
        if (rank := _rank(number, adapter.INFO.number_patterns)) is not None
    }
    return tuple(sorted(ranks, key=ranks.__getitem__))


def normal_form(tracking_number: str) -> str:
    """Upper case, half width, without the blanks that come along when a number is copied."""
    return "".join(unicodedata.normalize("NFKC", tracking_number).upper().split())


def _rank(number: str, patterns: tuple[str, ...]) -> int | None:
    for rank, pattern in enumerate(patterns):
        if re.fullmatch(pattern, number, re.ASCII):
            return rank
    return None
