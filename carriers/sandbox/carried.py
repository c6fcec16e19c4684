"""The carriers that the sandbox has parcels of: what their tracking numbers and the names of their hubs look like.

What their couriers write is in wordings.toml; a carrier without words of its own there writes what stands under
`[shared]`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType

_POSITION_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Carried:
    """How a carrier's numbers begin, the digits that follow (more than seven), and its word for a hub.

    With `no_second_visit` its courier does not come once the parcel waits at a station: the recipient must fetch it.
    """

    heads: tuple[str, ...]
    digits: int
    hub: str = "转运中心"
    no_second_visit: bool = False

    def tracking_number(self, position: int, rng: Random) -> str:
        """A number of the carrier's; `position` keeps numbers of one world apart."""
        free = self.digits - _POSITION_DIGITS
        return f"{rng.choice(self.heads)}{rng.randrange(10**free):0{free}d}{position:0{_POSITION_DIGITS}d}"


CARRIED: Mapping[str, Carried] = MappingProxyType(
    {
        "sf": Carried(heads=("SF1",), digits=12, hub="中转场"),
        "zto": Carried(heads=("73", "74", "75", "76", "78"), digits=12),  # 77 is STO's
        "yto": Carried(heads=("YT",), digits=13, hub="分拨中心"),
        "sto": Carried(heads=("77",), digits=13),
        "yunda": Carried(heads=("43",), digits=13, hub="分拨点"),
        "jt": Carried(heads=("JT",), digits=13),
        "ems": Carried(heads=("94", "96", "98"), digits=11, hub="邮件处理中心"),
        "deppon": Carried(heads=("DPK",), digits=12),
        "fedex": Carried(heads=("96",), digits=20, hub=" hub", no_second_visit=True),
        # the last digit should check the others; UPS itself prints numbers where it does not
        "ups": Carried(heads=("1ZDEMO01", "1ZDEMO02"), digits=10, hub="集散中心"),
        "jd": Carried(heads=("JDVA", "JDVC", "JDVE"), digits=11, hub="分拣中心"),
        "usps": Carried(
            heads=("94001", "92055"), digits=17, hub=" Distribution Center", no_second_visit=True
        ),
        # pieces of DHL Express, whose numbers have no check digit
        "dhl": Carried(heads=("JVGL",), digits=10, hub=" Gateway"),
    }
)
