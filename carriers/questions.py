"""What adapters share on the way out: the batch is checked, options are read, bodies are serialised once.

Queries and an account come in; the very text that is signed and sent goes out.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec

from carriers.contract import Account, CarrierInfo, Query

FORM = "application/x-www-form-urlencoded; charset=UTF-8"
JSON = "application/json; charset=utf-8"


def check_batch(info: CarrierInfo, queries: Sequence[Query]) -> None:
    """Raise `ValueError` unless the source takes this many numbers at once, of these carriers."""
    if not 1 <= len(queries) <= info.batch_size:
        raise ValueError(f"{info.id} takes 1 to {info.batch_size} numbers in one call, not {len(queries)}")
    strangers = sorted({query.carrier for query in queries} - info.carriers.keys())
    if strangers:
        raise ValueError(f"{info.id} cannot be asked about {', '.join(strangers)}")


def batch_size(info: CarrierInfo, account: Account) -> int:
    """How many numbers the account asks about in one call: what the source takes, or fewer by its option `batch_size`,
    where the source has that option."""
    if "batch_size" not in info.options:
        return info.batch_size
    wanted = account.options.get("batch_size", str(info.batch_size))
    if not (wanted.isascii() and wanted.isdigit() and 1 <= int(wanted) <= info.batch_size):
        raise ValueError(f"option batch_size is a number from 1 to {info.batch_size}")
    return int(wanted)


def choice(account: Account, option: str, allowed: Sequence[str]) -> str:
    """The account's option; the first of `allowed` where it is not set."""
    value = account.options.get(option, allowed[0])
    if value not in allowed:
        raise ValueError(f"option {option} is one of {', '.join(allowed)}")
    return value


def switch(account: Account, option: str, *, default: bool) -> bool:
    """The account's option as on or off; written as true or false."""
    words = ("true", "false") if default else ("false", "true")
    return choice(account, option, words) == "true"


def compact_json(document: Mapping[str, Any] | Sequence[Any]) -> str:
    """JSON without blanks and with its characters as they are, in the order of the keys."""
    return msgspec.json.encode(document).decode()


def form_body(fields: Mapping[str, str]) -> bytes:
    """The fields as a form, in their order."""
    return urlencode(fields).encode()


def epoch_milliseconds(moment: datetime) -> str:
    """The moment as Java's clock counts it."""
    return str(round(moment.timestamp() * 1000))
