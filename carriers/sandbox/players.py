"""Every vendor that the sandbox plays: one import and one line for each player."""

from carriers.sandbox import cainiao, deppon, ems, kdniao, kuaidi100, seventeentrack, sf, sto, yto, zto
from carriers.sandbox.played import Played

PLAYERS: tuple[Played, ...] = (
    sf.PLAYS,
    zto.PLAYS,
    ems.PLAYS,
    yto.PLAYS,
    sto.PLAYS,
    deppon.PLAYS,
    kuaidi100.PLAYS,
    cainiao.PLAYS,
    kdniao.PLAYS,
    seventeentrack.PLAYS,
)
