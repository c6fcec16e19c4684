"""A carrier as somebody types it, by our id or by the name an order file may hold; the id goes out."""

from watcher.cli.speaking import BadInput


def known_carrier(word: str | None) -> str | None:
    """The id of the carrier; None for none. Raises `BadInput` with the nearest names there are."""
    if word is None:
        return None
    from watcher.intake.cells import carrier
    from watcher.intake.faults import FaultError

    if word in carrier_ids():
        return word
    try:
        return carrier(word)
    except FaultError:
        raise BadInput(f"--carrier: {word!r} is no carrier; {_hint(word)}") from None


def carrier_ids() -> set[str]:
    """Every carrier that a shipment can be with."""
    from carriers.registry import SOURCES
    from watcher.intake.words import CARRIERS

    return set(CARRIERS.values()).union(*(adapter.INFO.carriers for adapter in SOURCES.values()))


def _hint(word: str) -> str:
    from difflib import get_close_matches

    from watcher.intake.words import CARRIERS

    near = get_close_matches(word.lower(), [*carrier_ids(), *CARRIERS], n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"there are {', '.join(sorted(carrier_ids()))}"
