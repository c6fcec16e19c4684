"""Which account is asked about a parcel, and why: the carrier's own first, then aggregators, the next where one fails.

Pure: the accounts in the order of the configuration come in, `Routes` go out. A choice is stored with its reason.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from watcher.model import RouteReason


@dataclass(frozen=True, slots=True)
class Route:
    """One account as it can be asked about one carrier: whether it is that carrier's `own` source, whether it wants a
    phone tail, and what a call costs in fen."""

    account: str
    carrier: str
    own: bool
    wants_tail: bool = False
    fen_per_call: float = 0.0


class Choice(NamedTuple):
    """The account that is asked, and why it is that one."""

    account: str
    why: RouteReason


@dataclass(frozen=True, slots=True)
class Routes:
    """By carrier its routes, the preferred first."""

    by_carrier: Mapping[str, tuple[Route, ...]]

    def first(self, carrier: str, *, has_tail: bool = True, away: Collection[str] = ()) -> Choice | None:
        """Whom to ask about a new parcel; None where no account answers for its carrier.

        An account that wants a phone tail comes behind all others for a parcel without one, and one whose source is
        `away` behind all that answer.
        """
        routes = self.by_carrier.get(carrier, ())
        if not routes:
            return None
        preferred = routes[0]
        chosen = min(routes, key=lambda route: (route.account in away, route.wants_tail and not has_tail))
        if chosen is preferred:
            return Choice(chosen.account, RouteReason.FIRST_CHOICE)
        why = RouteReason.SOURCE_AWAY if preferred.account in away else RouteReason.NO_PHONE_TAIL
        return Choice(chosen.account, why)

    def for_order(self, carrier: str, has_tail: bool) -> Choice | None:  # noqa: FBT001 - the shape that intake asks for
        """Whom to ask about the parcel of a new order."""
        return self.first(carrier, has_tail=has_tail)

    def after(self, carrier: str, asked: Collection[str], *, has_tail: bool = True) -> Choice | None:
        """Whom to ask about a number that the accounts in `asked` do not know or do not show; None when all were."""
        left = [route for route in self.by_carrier.get(carrier, ()) if route.account not in asked]
        if not left:
            return None
        chosen = min(left, key=lambda route: route.wants_tail and not has_tail)
        return Choice(chosen.account, RouteReason.UNKNOWN_ELSEWHERE)


def routes_of(routes: Iterable[Route]) -> Routes:
    """Own sources first, then the cheaper, then as the configuration has them."""
    by_carrier: dict[str, list[Route]] = {}
    for route in routes:
        by_carrier.setdefault(route.carrier, []).append(route)
    return Routes(
        {
            carrier: tuple(sorted(listed, key=lambda route: (not route.own, route.fen_per_call)))
            for carrier, listed in by_carrier.items()
        }
    )
