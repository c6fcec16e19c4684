"""Every vendor that the sandbox plays: one import and one line for each player."""

from carriers.sandbox import kuaidi100, sf, zto
from carriers.sandbox.played import Played

PLAYERS: tuple[Played, ...] = (
    sf.PLAYS,
    zto.PLAYS,
    kuaidi100.PLAYS,
)
