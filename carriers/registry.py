"""Every source that can be asked, by its id: one import and one line for each adapter.

An id comes in, an adapter module goes out. A source that calls us back has a second line, in `PUSHING`,
and one that has to be asked to do so a third, in `SUBSCRIBING`; one that then asks whether we are there stands in
`CONFIRMING`, one that wants a token in `TOKEN_BEARING`.
"""

from collections.abc import Mapping
from difflib import get_close_matches

from carriers.aggregators import (
    aftership,
    aliyun_market,
    cainiao,
    easypost,
    kdniao,
    kuaidi100,
    seventeentrack,
    shippo,
    trackingmore,
)
from carriers.china import deppon, ems, jd, jt, sf, sto, yto, yunda, zto
from carriers.contract import Carrier, Confirming, Pushing, Subscribing, TokenBearing
from carriers.worldwide import dhl, fedex, ups, usps

SOURCES: Mapping[str, Carrier] = {
    "sf": sf,
    "zto": zto,
    "ems": ems,
    "yto": yto,
    "sto": sto,
    "deppon": deppon,
    "jd": jd,
    "yunda": yunda,
    "jt": jt,
    "dhl": dhl,
    "fedex": fedex,
    "ups": ups,
    "usps": usps,
    "kuaidi100": kuaidi100,
    "cainiao": cainiao,
    "kdniao": kdniao,
    "seventeentrack": seventeentrack,
    "aftership": aftership,
    "trackingmore": trackingmore,
    "easypost": easypost,
    "shippo": shippo,
    "aliyun_market": aliyun_market,
}
"""Carriers' own sources first, then aggregators: the order in which `sources_for` names them."""

PUSHING: Mapping[str, Pushing] = {
    "sf": sf,
    "zto": zto,
    "ems": ems,
    "yto": yto,
    "sto": sto,
    "deppon": deppon,
    "jd": jd,
    "yunda": yunda,
    "jt": jt,
    "dhl": dhl,
    "fedex": fedex,
    "ups": ups,
    "usps": usps,
    "kuaidi100": kuaidi100,
    "cainiao": cainiao,
    "kdniao": kdniao,
    "seventeentrack": seventeentrack,
    "aftership": aftership,
    "trackingmore": trackingmore,
    "easypost": easypost,
    "shippo": shippo,
}

SUBSCRIBING: Mapping[str, Subscribing] = {
    "zto": zto,
    "yto": yto,
    "sto": sto,
    "deppon": deppon,
    "jd": jd,
    "yunda": yunda,
    "jt": jt,
    "dhl": dhl,
    "ups": ups,
    "usps": usps,
    "kuaidi100": kuaidi100,
    "cainiao": cainiao,
    "kdniao": kdniao,
    "seventeentrack": seventeentrack,
    "aftership": aftership,
    "trackingmore": trackingmore,
    "easypost": easypost,
    "shippo": shippo,
}

CONFIRMING: Mapping[str, Confirming] = {"dhl": dhl}

TOKEN_BEARING: Mapping[str, TokenBearing] = {
    "fedex": fedex,
    "ups": ups,
    "usps": usps,
}


def source(source_id: str) -> Carrier:
    """The adapter; `LookupError` with the nearest id for one that is not there."""
    if source_id in SOURCES:
        return SOURCES[source_id]
    near = get_close_matches(source_id, SOURCES, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(SOURCES)}"
    raise LookupError(f"no source {source_id!r}; {hint}")


def pushing(source_id: str) -> Pushing | None:
    """The adapter's push side; None for a source that only answers."""
    return PUSHING.get(source_id)


def subscribing(source_id: str) -> Subscribing | None:
    """The adapter's side that asks for pushes; None for a source that needs no asking, or never calls."""
    return SUBSCRIBING.get(source_id)


def confirming(source_id: str) -> Confirming | None:
    """The adapter's side that confirms subscriptions; None for a source whose subscriptions stand at once."""
    return CONFIRMING.get(source_id)


def token_bearing(source_id: str) -> TokenBearing | None:
    """The adapter's side that fetches tokens; None for a source that wants none."""
    return TOKEN_BEARING.get(source_id)


def sources_for(carrier: str) -> tuple[str, ...]:
    """The ids of all sources that can be asked about parcels of this carrier."""
    return tuple(source_id for source_id, adapter in SOURCES.items() if carrier in adapter.INFO.carriers)
