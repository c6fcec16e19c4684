"""What cannot be done with a work item, and what to do instead.

    WorkRefused
    ├── UnknownWorkItem     no such number
    ├── AlreadyClaimed      somebody else has it, `by` and `until` say who and how long
    ├── NotClaimed          only its owner can do that
    ├── AlreadyClosed       it is done with
    ├── ChangedMeanwhile    others kept changing it while we tried
    ├── ReasonNotForStaff   only the daemon closes with this reason
    ├── NoteNeeded          this reason alone says nothing
    ├── UnfitNote           empty, or too long
    └── UnfitSnooze         in the past, or too far away

No message holds a name, a phone or what staff wrote.
"""

from datetime import datetime

from watcher.model import CloseReason


class WorkRefused(ValueError):
    """Something asked of a work item was not done; nothing has changed."""


class UnknownWorkItem(WorkRefused):
    """There is no work item with this id."""

    def __init__(self, work_item_id: int) -> None:
        super().__init__(f"There is no work item {work_item_id}: look the shipment up by its number.")


class AlreadyClaimed(WorkRefused):
    """Somebody else works on it."""

    def __init__(self, *, by: int, until: datetime) -> None:
        self.by = by
        self.until = until
        super().__init__("A colleague is working on this one: ask for the next call, or add a note.")


class NotClaimed(WorkRefused):
    """Only who has claimed it can give it back."""

    def __init__(self) -> None:
        super().__init__("This work item is not claimed by you: claim it first.")


class AlreadyClosed(WorkRefused):
    """It is done with."""

    def __init__(self) -> None:
        super().__init__("This work item is closed: new trouble with the parcel opens a new one.")


class ChangedMeanwhile(WorkRefused):
    """Others changed it each time we tried."""

    def __init__(self) -> None:
        super().__init__("This work item is being changed by others: look at it again, then repeat.")


class ReasonNotForStaff(WorkRefused):
    """The daemon writes this reason, from what the carrier or the order says."""

    def __init__(self, reason: CloseReason) -> None:
        super().__init__(f"Only the watcher closes with {reason.value!r}: choose what you agreed or did.")


class NoteNeeded(WorkRefused):
    """The reason "other" tells the next reader nothing by itself."""

    def __init__(self, reason: CloseReason) -> None:
        super().__init__(f"Closing with {reason.value!r} needs a note: write what came of it.")


class UnfitNote(WorkRefused):
    """A note says something, in a limited length."""

    def __init__(self, *, longest: int) -> None:
        super().__init__(f"A note holds 1 to {longest} characters.")


class UnfitSnooze(WorkRefused):
    """A work item comes back in the future, and before everybody has forgotten it."""

    def __init__(self, *, days: int) -> None:
        super().__init__(f"Choose a time to come back that lies ahead, within {days} days.")
