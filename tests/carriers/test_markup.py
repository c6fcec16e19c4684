"""XML is read flat, and whatever could lead out of a document is refused."""

import pytest

from carriers.errors import UnreadableResponse
from carriers.markup import Markup, read_markup


@pytest.mark.parametrize(
    ("document", "texts"),
    [
        ("<a><b>x</b><c/><d> y\n</d></a>", {"b": "x", "c": "", "d": "y"}),
        ("<a>text<b>x</b><b>z</b></a>", {"b": "x"}),
        ("<a><b>x<inner>not ours</inner></b><inner>ours</inner></a>", {"b": "x", "inner": "ours"}),
        ("<a><b>&lt;&amp;&#20013;<![CDATA[<c>]]></b></a>", {"b": "<&中<c>"}),
        ('<?xml version="1.0" encoding="UTF-8"?>\n<a><b>中</b></a>', {"b": "中"}),
        ("<a/>", {}),
    ],
)
def test_the_root_s_children_are_read_by_name(document: str, texts: dict[str, str]) -> None:
    assert read_markup("yto", document) == Markup("a", texts)
    assert read_markup("yto", document.encode()) == Markup("a", texts)


def test_text_was_decoded_before_whatever_encoding_it_names() -> None:
    assert read_markup("yto", '<?xml version="1.0" encoding="GBK"?><a><b>中</b></a>').texts == {"b": "中"}


@pytest.mark.parametrize(
    "document",
    [
        "",
        "x",
        "<a>",
        "<a></b>",
        "<a/><a/>",
        "<a>&unknown;</a>",
        "<a>\x00</a>",
        "<a>\ud800</a>",
        b"<a>\xff</a>",
        b'<?xml version="1.0" encoding="GBK"?><a/>',
        b'<?xml version="1.0" encoding="nowhere"?><a/>',
        "<!DOCTYPE a><a/>",
        '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
        '<!ENTITY x "y"><a/>',
        "<!DOCTYPE html><html><body>busy</body></html>",
    ],
)
def test_what_is_no_plain_document_is_unreadable(document: str | bytes) -> None:
    with pytest.raises(UnreadableResponse) as caught:
        read_markup("yto", document)
    assert caught.value.source == "yto"
    assert caught.value.__cause__ is None


def test_a_deep_document_is_read_without_falling() -> None:
    deep = "<a>" * 50_000 + "</a>" * 50_000
    assert read_markup("yto", deep).root == "a"
