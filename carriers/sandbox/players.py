"""Every vendor that the sandbox plays: one import and one line for each player."""

from carriers.sandbox import (
    aftership,
    aliyun_market,
    cainiao,
    deppon,
    ems,
    fedex,
    jd,
    jt,
    kdniao,
    kuaidi100,
    seventeentrack,
    sf,
    shippo,
    sto,
    ups,
    yto,
    yunda,
    zto,
)
from carriers.sandbox.played import Played

PLAYERS: tuple[Played, ...] = (
    sf.PLAYS,
    zto.PLAYS,
    ems.PLAYS,
    yto.PLAYS,
    sto.PLAYS,
    deppon.PLAYS,
    jd.PLAYS,
    yunda.PLAYS,
    jt.PLAYS,
    fedex.PLAYS,
    ups.PLAYS,
    kuaidi100.PLAYS,
    cainiao.PLAYS,
    kdniao.PLAYS,
    seventeentrack.PLAYS,
    aftership.PLAYS,
    shippo.PLAYS,
    aliyun_market.PLAYS,
)
