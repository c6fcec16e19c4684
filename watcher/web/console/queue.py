"""The queue page: what to do next, in its computed order; and the button that serves the next call."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from carriers.contract import Milestone
from watcher.model import Rule, WorkItemState
from watcher.queue import cards
from watcher.store import shipment_view
from watcher.web.console.pages import Said, pages_of
from watcher.web.guard import Given, SignedIn, guard
from watcher.web.services import Services

router = APIRouter(include_in_schema=False, dependencies=[Depends(guard)])
LINES = 50
_LAST_PAGE = cards.COUNT_AT_MOST // LINES


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the address asks for; a word that is in no list filters nothing."""

    state: str = ""
    rule: str = ""
    carrier: str = ""
    mine: bool = False
    page: Annotated[int, Query(ge=1, le=_LAST_PAGE)] = 1

    @property
    def known_state(self) -> WorkItemState | None:
        """The state, if there is one of that name."""
        return next((state for state in WorkItemState if state == self.state), None)

    @property
    def known_rule(self) -> Rule | None:
        """The rule, if there is one of that name."""
        return next((rule for rule in Rule if rule == self.rule), None)

    @property
    def offset(self) -> int:
        """How many lines come before this page."""
        return (self.page - 1) * LINES

    def address(self, **changes: str) -> str:
        """The queue with these wishes, some of them changed; an empty one is left out."""
        known = {"state": self.known_state or "", "rule": self.known_rule or "", "carrier": self.carrier}
        mine = {"mine": "1"} if self.mine else {}
        wanted = {name: str(value) for name, value in {**known, **mine, **changes}.items() if value}
        return f"/queue?{urlencode(wanted)}" if wanted else "/queue"


@router.get("/queue")
def show_queue(
    request: Request, services: Given, session: SignedIn, wishes: Annotated[Wishes, Depends()], part: str = ""
) -> HTMLResponse:
    """All that is not closed, or what the filters say; `part=list` is the list alone, by which a page renews itself."""
    values = _values(services, wishes, staff_id=session.staff_id)
    return pages_of(request).show(request, "queue_list.html" if part == "list" else "queue.html", values)


@router.post("/queue/next")
def next_call(services: Given, session: SignedIn) -> RedirectResponse:
    """The next call to make, claimed for whoever asks."""
    found = services.desk.next_call(staff_id=session.staff_id)
    if found is None:
        return RedirectResponse(f"/queue?said={Said.NOTHING_TO_CALL}", 303)
    return RedirectResponse(f"/work-items/{found}", 303)


def _values(services: Services, wishes: Wishes, *, staff_id: int) -> dict[str, Any]:
    found = cards.overview(
        services.store,
        now=services.clock.now(),
        state=wishes.known_state,
        rule=wishes.known_rule,
        carrier=wishes.carrier or None,
        claimed_by=staff_id if wishes.mine else None,
        limit=LINES,
        offset=wishes.offset,
    )
    more = wishes.offset + LINES < found.total and wishes.page < _LAST_PAGE
    return {
        **_besides(services, found.lines),
        "overview": found,
        "counted_at_most": cards.COUNT_AT_MOST,
        "first": wishes.offset + 1,
        "state": wishes.known_state,
        "rule": wishes.known_rule,
        "carrier": wishes.carrier,
        "mine": wishes.mine,
        "rules": list(Rule),
        "states": list(WorkItemState),
        "carriers": sorted({code for info in services.sources.values() for code in info.carriers}),
        "list_address": wishes.address(page=str(wishes.page), part="list"),
        "tabs": _tabs(wishes),
        "previous_page": wishes.address(page=str(wishes.page - 1)) if wishes.page > 1 else None,
        "next_page": wishes.address(page=str(wishes.page + 1)) if more else None,
    }


def _besides(services: Services, lines: Sequence[cards.Line]) -> dict[str, Any]:
    """Who closed what is closed, and of which of these parcels nothing was ever printed."""
    closed = [line.work_item_id for line in lines if line.closed_at]
    unknown = [line.shipment_id for line in lines if line.milestone is Milestone.UNKNOWN]
    with services.store.read() as connection:
        return {
            "closers": shipment_view.closers(connection, closed) if closed else {},
            "scanless": shipment_view.without_scans(connection, unknown),
        }


def _tabs(wishes: Wishes) -> dict[str, str]:
    """Addresses of the same filters with another state."""
    states = {state.value: wishes.address(state=state, mine="") for state in WorkItemState}
    return {"all": wishes.address(state="", mine=""), "mine": wishes.address(state="", mine="1"), **states}
