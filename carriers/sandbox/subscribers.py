"""Who wants to be called about a parcel: what a vendor remembers of one subscription."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Subscriber:
    """One number that somebody wants to be called about; `word` is the vendor's own for its carrier.

    Without a `callback_url` the calls go to the address in the vendor's console; with no `secret` they are signed with
    what the vendor signs with anyway. `wishes` is what else was asked for, in the vendor's words. `told` is how many
    events of the life the last call that was taken spoke of; `earlier` when the number was subscribed before.
    """

    carrier: str
    number: str
    since: datetime
    next_at: datetime
    callback_url: str = ""
    secret: str | None = None
    word: str = ""
    wishes: Mapping[str, str] = field(default_factory=dict)
    told: int = 0
    changed_at: datetime | None = None
    retries: int = 0
    ended_at: datetime | None = None
    earlier: tuple[datetime, ...] = ()
