"""Every vendor that the sandbox plays: one import and one line for each player."""

from carriers.sandbox import ems, kuaidi100, sf, zto
from carriers.sandbox.played import Played

PLAYERS: tuple[Played, ...] = (
    sf.PLAYS,
    zto.PLAYS,
    ems.PLAYS,
    kuaidi100.PLAYS,
)
