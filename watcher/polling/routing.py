"""Whom to ask about a carrier's parcels: the first account, in the order of the configuration, that answers for it."""

from collections.abc import Mapping, Sequence


def route(answered_for: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
    """Carrier -> account, from account -> carriers it answers for (in the order of preference)."""
    chosen: dict[str, str] = {}
    for account, carriers in answered_for.items():
        for carrier in carriers:
            chosen.setdefault(carrier, account)
    return chosen
