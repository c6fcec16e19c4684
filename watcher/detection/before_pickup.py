"""Family before_pickup: the number was uploaded, and the carrier has not picked the parcel up."""

from datetime import datetime

from carriers.contract import Milestone
from watcher.detection.context import Context
from watcher.detection.evidence import silence
from watcher.model import Finding, History, NotYet, PollSummary, Rule, Shipment


def no_first_scan(
    shipment: Shipment, history: History, polls: PollSummary, context: Context, now: datetime
) -> Finding | NotYet | None:
    """No pickup since the upload (else the import) of the number. Ends with any line beyond "order made".

    A line that nobody can read ends it too: the carrier has something.
    """
    start = shipment.number_uploaded_at or shipment.imported_at
    if start is None or any(scan.milestone is not Milestone.PRE_TRANSIT for scan in history.scans):
        return None
    return silence(
        Rule.NO_FIRST_SCAN,
        start,
        stages=context.pack.no_first_scan,
        facts={},
        polls=polls,
        context=context,
        now=now,
    )
