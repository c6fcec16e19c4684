"""A field of a pushed form is the one that stands there, or none."""

import pytest

from carriers.contract import PushRequest
from carriers.forms import form_field


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"content=%7B%7D&data_digest=a%2Bb", "{}"),
        (b"content=a+b", "a b"),
        ("content=中".encode(), "中"),
        (b"content=", ""),
        (b"content=1&content=2", None),
        (b"other=1", None),
        (b"content=%ff", None),
        (b"\xff", None),
        (b"", None),
    ],
)
def test_a_field_is_read_if_it_stands_there_once(body: bytes, field: str | None) -> None:
    assert form_field(PushRequest({}, {}, body), "content") == field


def test_a_form_of_very_many_fields_is_no_form() -> None:
    assert form_field(PushRequest({}, {}, b"content=1" + b"&a=1" * 2_000), "content") == "1"
