"""What goes over the wire about unknown texts and labels. Texts are skeletons: no line is given as it was printed."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from carriers.contract import Milestone, Reason
from watcher.store.labels import LabelRow
from watcher.store.unknown_texts import Share, UnknownText
from watcher.web.masking import mask_numbers

RowNumber = Annotated[int, Field(ge=1, le=2**63 - 1)]


class UnknownTextOut(BaseModel):
    """A text that nothing explains: `#` stands for a number, empty brackets for what stood in them.

    `milestone` is what the carrier's code said; `unknown` as soon as it once said nothing.
    """

    id: int
    carrier: str
    template: str
    milestone: Milestone
    seen: int
    first_seen_at: datetime
    last_seen_at: datetime
    sample_tracking_number: str | None

    @classmethod
    def of(cls, text: UnknownText) -> Self:
        """From a text."""
        same = {name: getattr(text, name) for name in cls.model_fields}
        return cls(**same | {"template": mask_numbers(text.template)})


class ShareOut(BaseModel):
    """Texts of one carrier that were read in the last 30 days, and how many a phrase or a label explained."""

    carrier: str
    texts: int
    explained: int

    @classmethod
    def of(cls, share: Share) -> Self:
        """From a share."""
        return cls(carrier=share.carrier, texts=share.texts, explained=share.explained)


class UnknownTextList(BaseModel):
    """One page, those under a code that says nothing first."""

    texts: list[UnknownTextOut]
    total: int
    shares: list[ShareOut]


class TouchedOut(BaseModel):
    """How many stored scans of how many shipments a label would touch."""

    scans: int
    shipments: int


class Preview(BaseModel):
    """What a label for one text would touch: of its carrier, and of all."""

    text: UnknownTextOut
    of_carrier: TouchedOut
    of_all: TouchedOut


class LabelIn(BaseModel):
    """What a text means, for its carrier or for all; milestone `unknown` without reasons: it says nothing."""

    unknown_text_id: RowNumber
    milestone: Milestone
    reasons: tuple[Reason, ...] = ()
    all_carriers: bool = False


class LabelMade(BaseModel):
    """The new label."""

    id: int


class LabelOut(BaseModel):
    """A label with what came of it; `carrier` is None where it stands for all, `made_by` where it came from the
    command line."""

    id: int
    carrier: str | None
    template: str
    milestone: Milestone
    reasons: tuple[Reason, ...]
    made_by: str | None
    made_at: datetime
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    scans_read: int
    scans_changed: int
    scans_restored: int
    replaying: bool

    @classmethod
    def of(cls, row: LabelRow) -> Self:
        """From a label."""
        same = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        label = row.label
        return cls(
            **same,
            carrier=label.carrier,
            template=mask_numbers(label.template),
            milestone=label.milestone,
            reasons=label.reasons,
        )


class LabelList(BaseModel):
    """One page of all labels, those in force first, newest first."""

    labels: list[LabelOut]
    total: int
