"""A question put together and not sent: whether an account's options and address will do.

An adapter finds a value that it cannot use when it builds a request; here that is found before anything depends on it.
"""

from collections.abc import Iterator, Mapping

import httpx

from carriers.contract import Account, Carrier, Query, Stamp


def wrong_settings(
    adapter: Carrier, options: Mapping[str, str], *, base_url: str | None, stamp: Stamp
) -> Iterator[str]:
    """What an operator has to correct, one sentence each; secrets are not looked at."""
    sheet = adapter.INFO
    for option in options:
        if option not in sheet.options:
            yield f"options: no option {option}; {sheet.id} knows {', '.join(sheet.options) or 'none'}"
    secrets = dict.fromkeys((*sheet.credentials, *sheet.optional_credentials), "x")
    account = Account(sheet.id, sheet.id, secrets, base_url=base_url, options=options)
    query = Query(next(iter(sheet.carriers)), "100000000000", phone_tail="0001")
    try:
        url = adapter.request([query], account, stamp).url
    except httpx.InvalidURL:
        yield _ADDRESS
    except ValueError as error:
        yield f"options: {error}"
    else:
        if url.scheme not in ("http", "https") or not url.host:
            yield _ADDRESS


_ADDRESS = "base_url: write an address like https://host/path"
