"""REST under /api for unknown texts and labels: list, label, withdraw, export."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import PlainTextResponse

from carriers.reading.phrase_file import file_name, phrase_file
from watcher.labelling.refusals import UnknownText
from watcher.store import labels, unknown_texts
from watcher.web.api import errors, label_shapes
from watcher.web.console.unknown_texts import since_day
from watcher.web.guard import Given, RowId, SignedIn, guard

router = APIRouter(
    prefix="/api", tags=["unknown texts"], dependencies=[Depends(guard)], responses=dict(errors.RESPONSES)
)
Limit = Annotated[int, Query(ge=1, le=200)]
Offset = Annotated[int, Query(ge=0, le=100_000)]


@router.get("/unknown-texts")
def list_unknown_texts(
    services: Given, *, carrier: str | None = None, limit: Limit = 50, offset: Offset = 0
) -> label_shapes.UnknownTextList:
    """Texts that no phrase and no label explains, those under a code that says nothing first, then the most seen."""
    with services.store.read() as connection:
        texts = unknown_texts.ranked(connection, carrier=carrier, limit=limit, offset=offset)
        total = unknown_texts.count(connection, carrier=carrier)
        shares = unknown_texts.shares(connection, since=since_day(services))
    return label_shapes.UnknownTextList(
        texts=[label_shapes.UnknownTextOut.of(text) for text in texts],
        total=total,
        shares=[label_shapes.ShareOut.of(share) for share in shares],
    )


@router.get("/unknown-texts/{unknown_text_id}", responses=dict(errors.NOT_FOUND))
def show_unknown_text(unknown_text_id: RowId, services: Given) -> label_shapes.Preview:
    """One text, and how many stored scans a label would touch."""
    with services.store.read() as connection:
        text = unknown_texts.by_id(connection, unknown_text_id)
        if text is None:
            raise UnknownText(unknown_text_id)
        own = unknown_texts.touched(connection, text.template, carrier=text.carrier)
        everybody = unknown_texts.touched(connection, text.template, carrier=None)
    return label_shapes.Preview(
        text=label_shapes.UnknownTextOut.of(text),
        of_carrier=label_shapes.TouchedOut(scans=own.scans, shipments=own.shipments),
        of_all=label_shapes.TouchedOut(scans=everybody.scans, shipments=everybody.shipments),
    )


@router.get("/labels")
def list_labels(
    services: Given, *, standing: bool = False, limit: Limit = 50, offset: Offset = 0
) -> label_shapes.LabelList:
    """All labels, or only those in force, with what came of them."""
    with services.store.read() as connection:
        found = labels.newest(connection, standing_only=standing, limit=limit, offset=offset)
        total = labels.count(connection) if standing else labels.total(connection)
    return label_shapes.LabelList(labels=[label_shapes.LabelOut.of(row) for row in found], total=total)


@router.post("/labels", status_code=201, responses=dict(errors.REFUSED))
def make_label(services: Given, session: SignedIn, wish: label_shapes.LabelIn) -> label_shapes.LabelMade:
    """Say what a text means; stored scans are read again within seconds."""
    label_id = services.label_desk.label(
        wish.unknown_text_id,
        milestone=wish.milestone,
        reasons=wish.reasons,
        for_all=wish.all_carriers,
        staff_id=session.staff_id,
    )
    return label_shapes.LabelMade(id=label_id)


@router.post("/labels/{label_id}/withdraw", status_code=204, responses=dict(errors.REFUSED))
def withdraw_label(label_id: RowId, services: Given, session: SignedIn) -> None:
    """Take a label back; what it said of stored scans is undone."""
    services.label_desk.withdraw(label_id, staff_id=session.staff_id)


@router.get("/labels/export", response_class=PlainTextResponse)
def export_labels(services: Given, *, carrier: str | None = None) -> PlainTextResponse:
    """The labels in force of one carrier (without `carrier`: those for all) as a phrase file in TOML."""
    with services.store.read() as connection:
        standing = labels.standing(connection).values()
    mine = [label for label in standing if label.carrier == (carrier or None)]
    name = file_name(mine[0].carrier if mine else None)
    return PlainTextResponse(
        phrase_file(mine),
        media_type="application/toml",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )
