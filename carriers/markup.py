"""XML as some sources still write it: one element that holds named texts. Document types are refused unread.

A document comes in; the root's name and the texts of its children come out, or `UnreadableResponse`. Without a document
type no entity can be declared, so nothing in a document leads out of it or grows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from carriers.errors import UnreadableResponse

_CHILD = 2


@dataclass(frozen=True, slots=True)
class Markup:
    """The root's name, and the texts of its children by name; of children with one name the first."""

    root: str
    texts: Mapping[str, str]


@dataclass(slots=True)
class _Listener:
    """What the parser has told so far."""

    root: str = ""
    open_elements: list[str] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)
    current: list[str] | None = None

    def start(self, name: str, _attributes: object) -> None:
        self.root = self.root or name
        self.open_elements.append(name)
        self.current = None
        if len(self.open_elements) == _CHILD and name not in self.texts:
            self.current = self.texts[name] = []

    def end(self, _name: str) -> None:
        self.open_elements.pop()
        self.current = None

    def data(self, characters: str) -> None:
        if self.current is not None:
            self.current.append(characters)


def read_markup(source: str, document: bytes | str) -> Markup:
    """The document; raises `UnreadableResponse` when it is none, or has a document type."""
    listener, parser = _Listener(), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = listener.start, listener.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = listener.data, _refuse
    try:
        parser.Parse(document, True)
    # The cause is dropped: its message can quote what the source wrote. Encodings that Python cannot feed the parser
    # with end in ValueError or LookupError.
    except (expat.ExpatError, ValueError, LookupError):
        raise UnreadableResponse(source, detail="the document is not the XML we know") from None
    return Markup(listener.root, {name: "".join(parts).strip() for name, parts in listener.texts.items()})


def _refuse(*_declared: object) -> None:
    raise ValueError("a document type")
