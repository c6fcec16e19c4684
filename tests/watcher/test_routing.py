"""Whom to ask: the carrier's own source first, the cheaper aggregator, the next one where one fails."""

from watcher.model import RouteReason
from watcher.routing import Choice, Route, Routes, routes_of

OWN = Route("zto-main", "zto", own=True, wants_tail=True)
DEAR = Route("kuaidi100-main", "zto", own=False, wants_tail=True, fen_per_call=5)
CHEAP = Route("kdniao-main", "zto", own=False, fen_per_call=1)
ROUTES = routes_of([DEAR, CHEAP, OWN, Route("kuaidi100-main", "yto", own=False, fen_per_call=5)])


def order(*routes: Route) -> list[str]:
    return [route.account for route in routes_of(routes).by_carrier["zto"]]


def test_a_carrier_s_own_source_comes_first_then_the_cheaper_aggregator() -> None:
    assert order(DEAR, CHEAP, OWN) == ["zto-main", "kdniao-main", "kuaidi100-main"]


def test_what_costs_the_same_is_asked_in_the_order_of_the_configuration() -> None:
    first, second = Route("b", "zto", own=False), Route("a", "zto", own=False)
    assert order(first, second) == ["b", "a"]


def test_a_carrier_that_nobody_answers_for_has_no_route() -> None:
    assert ROUTES.first("pigeon-post") is None
    assert ROUTES.after("pigeon-post", []) is None
    assert Routes({}).for_order("zto", True) is None


def test_a_parcel_without_a_phone_goes_to_whoever_wants_none() -> None:
    assert ROUTES.first("zto") == Choice("zto-main", RouteReason.FIRST_CHOICE)
    assert ROUTES.first("zto", has_tail=False) == Choice("kdniao-main", RouteReason.NO_PHONE_TAIL)


def test_where_all_want_a_phone_the_first_choice_stays() -> None:
    routes = routes_of([OWN, DEAR])
    assert routes.first("zto", has_tail=False) == Choice("zto-main", RouteReason.FIRST_CHOICE)


def test_a_source_that_is_away_is_passed_over_while_another_answers() -> None:
    assert ROUTES.first("zto", away={"zto-main"}) == Choice("kdniao-main", RouteReason.SOURCE_AWAY)
    assert ROUTES.first("zto", away={"kdniao-main"}) == Choice("zto-main", RouteReason.FIRST_CHOICE)
    everybody = {"zto-main", "kdniao-main", "kuaidi100-main"}
    assert ROUTES.first("zto", away=everybody) == Choice("zto-main", RouteReason.FIRST_CHOICE)


def test_whoever_was_asked_is_not_asked_again() -> None:
    assert ROUTES.after("zto", ["zto-main"]) == Choice("kdniao-main", RouteReason.UNKNOWN_ELSEWHERE)
    assert ROUTES.after("zto", ["zto-main", "kdniao-main"]) == Choice(
        "kuaidi100-main", RouteReason.UNKNOWN_ELSEWHERE
    )
    assert ROUTES.after("zto", ["kuaidi100-main", "zto-main", "kdniao-main"]) is None
