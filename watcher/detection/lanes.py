"""Which of the four lane classes leads from an origin to a destination. Pure; the provinces come from the pack."""

from watcher.detection.packs import Lanes
from watcher.model import Lane, Region


def lane_of(origin: Region, destination: Region, lanes: Lanes) -> Lane:
    """The class of a lane. An unknown end could be anywhere, so the lane takes the pack's class for that."""
    ends = (origin.province, destination.province)
    if any(end in lanes.remote_provinces for end in ends):
        return Lane.REMOTE
    if None in ends:
        return lanes.unknown
    if ends[0] == ends[1]:
        return Lane.SAME_PROVINCE
    together = any(set(ends) <= region for region in lanes.regions)
    return Lane.SAME_REGION if together else Lane.CROSS_PROVINCE
