"""Reads one line of courier's text into a `Reading`: how far the parcel is, why it does not go on, whom to call.

`load_reader()` builds a `Reader` from the phrase tables; `Reader.read` takes one line, `Reader.refine` a scan whose
carrier code has already spoken. The language is data in `config/phrases`; the code here only knows how to apply it.
What no phrase explains, a `Label` can (`Reader.with_labels`).
"""

from carriers.reading.labels import Examined, Label
from carriers.reading.reader import Reader, Reading
from carriers.reading.tables import load_reader

__all__ = ["Examined", "Label", "Reader", "Reading", "load_reader"]
