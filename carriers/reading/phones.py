"""Finds every number in a line that can be dialled, whatever way it is printed.

In comes the spelled text, out goes the same text, of the same length, with each such number overwritten by `PHONE` and
as many `REST` as it takes, so that patterns need one word for all of them. Hotlines and tracking numbers stay.
"""

import re

PHONE, REST = "☎☏"
"""Overwrite a number that can be dialled: its first character, and the others. `alphabet` keeps them out of texts."""
# where a number may stand: the long grammar is only tried there
_RUN = re.compile(r"[+(]{0,2}\d[\d*x() +-]{6,}")
_LONGEST_EXTENSION = 12
_EXTENSION = r"(?: ?(?:-|转|#|,?分机号?:?|,?转分机| ?ext\.? ?) ?\d{1,6})?"
_KINDS = (
    # mobiles: also masked, spaced, with the country's number, virtual with an extension
    r"(?:\(?(?:\+|00)?86\)?[- ]?)?1[3-9](?:[- ]?[\d*x]){9}" + _EXTENSION,
    # landlines
    r"(?:\(0\d{2,3}\)|0\d{2,3})[- ]?[\d*]{7,8}" + _EXTENSION,
    r"\(1[3-9]\d\)[- ]?\d{4}[- ]?\d{4}",
    r"0\d{2,3}[- ]\d{4}[- ]\d{4}",
    # virtual ones of the carriers' platforms
    r"950\d{2}[- ]?\d{4}[- ]?\d{4,6}",
    # mobiles of South-East Asia
    r"0\d{2,3}[- ]\d{3}[- ]?\d{4}",
    # masked beyond telling
    r"\d{3,4}\*{3,8}\d{2,4}",
    r"\+\d{1,3}(?:[- ]?\(?\d\)?){6,12}[- ]?\(?\d",
    # India, and Hong Kong, where words before them say that they are numbers to dial
    r"(?:(?<=\()|(?<=:)|(?<=: )|(?<=mobile )|(?<=phone )|(?<=contact ))[6-9]\d{4} ?\d{5}",
    r"(?:(?<=电话:)|(?<=电话)|(?<=tel:)|(?<=tel: ))[2-9]\d{3} ?\d{4}",
)
_NUMBERS = re.compile(rf"(?<![a-z0-9*.])(?:{'|'.join(_KINDS)})(?![\d*])")
# what is written before numbers of orders, documents and staff
_OTHER_NUMBER = re.compile(r"(?:单号|编号|订单|运单|编码|[约件]码|份证|证号|工号|批次|qq)[:是为]?$")
_LONGEST_WORD = 3


def without_numbers(text: str) -> str:
    """The text with every number that can be dialled overwritten, length unchanged."""
    for run in _RUN.finditer(text):
        for match in _NUMBERS.finditer(text, run.start(), run.end() + _LONGEST_EXTENSION):
            start, end = match.span()
            if _OTHER_NUMBER.search(text, max(0, start - _LONGEST_WORD), start):
                continue
            text = f"{text[:start]}{PHONE}{REST * (end - start - 1)}{text[end:]}"
    return text
