"""How much of everything is measured: enough to tell, or just enough to see that it runs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes of the measures. `stored` is divided by ten for the smaller store; `due` is what waits in both."""

    rounds: int
    orders: int
    polled: int
    stored: int
    due: int
    lines: int
    bodies: int
    parcels: int


FULL = Scale(rounds=5, orders=2000, polled=400, stored=100_000, due=100, lines=2000, bodies=60, parcels=600)
QUICK = Scale(rounds=1, orders=100, polled=40, stored=10_000, due=10, lines=100, bodies=5, parcels=24)
