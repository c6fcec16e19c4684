"""What cannot be done with labels, and what to do instead.

    LabelRefused
    ├── UnknownText        no such text
    ├── UnknownLabel       no such label
    ├── ReasonOfNothing    reasons for a text that is said to say nothing
    ├── AlreadyLabelled    another label stands for the same lines
    └── AlreadyWithdrawn   it was taken back before

No message holds a line of a carrier.
"""


class LabelRefused(ValueError):
    """Something asked of labels was not done; nothing has changed."""


class UnknownText(LabelRefused):
    """There is no such text, or it was forgotten because rarer than the others."""

    def __init__(self, unknown_text_id: int) -> None:
        super().__init__(f"There is no unknown text {unknown_text_id}: list them again.")


class UnknownLabel(LabelRefused):
    """There is no label with this id."""

    def __init__(self, label_id: int) -> None:
        super().__init__(f"There is no label {label_id}: list them again.")


class ReasonOfNothing(LabelRefused):
    """Who says that a text says nothing cannot give reasons as well."""

    def __init__(self) -> None:
        super().__init__("A text that says nothing has no reason: give another milestone, or no reason.")


class AlreadyLabelled(LabelRefused):
    """One label at a time stands for the same lines of the same carriers."""

    def __init__(self) -> None:
        super().__init__("These lines have a label already: withdraw it first, then label them anew.")


class AlreadyWithdrawn(LabelRefused):
    """It was taken back before."""

    def __init__(self) -> None:
        super().__init__("This label was withdrawn before: nothing is left to do.")
