"""Forms that sources call us back with: a call comes in, the text of one field comes out."""

from urllib.parse import parse_qs

from carriers.contract import PushRequest


def form_field(push: PushRequest, name: str) -> str | None:
    """The field of the form; None unless it stands there exactly once, so that no second one can be smuggled in."""
    try:
        values = parse_qs(push.body.decode(), keep_blank_values=True, errors="strict").get(name, [])
    except ValueError:
        return None
    return values[0] if len(values) == 1 else None
