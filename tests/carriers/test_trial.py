"""Options and addresses that an account cannot be asked with are found without asking."""

from datetime import UTC, datetime

import pytest

from carriers.contract import Stamp
from carriers.registry import SOURCES
from carriers.trial import wrong_settings

STAMP = Stamp(at=datetime(2026, 3, 2, tzinfo=UTC), nonce="x")


def wrong(source: str, *, base_url: str | None = None, **options: str) -> list[str]:
    return list(wrong_settings(SOURCES[source], options, base_url=base_url, stamp=STAMP))


@pytest.mark.parametrize("source", SOURCES)
def test_nothing_is_wrong_with_the_defaults(source: str) -> None:
    assert wrong(source) == []
    assert wrong(source, base_url="http://127.0.0.1:9000/test") == []


def test_a_value_that_the_source_does_not_know_is_told_with_those_it_does() -> None:
    assert wrong("sf", language="klingon") == ["options: option language is one of zh-CN, en, 0, 1, 2"]
    assert wrong("zto", digest="sha1") == ["options: option digest is one of md5, sha256, hmac_sha256"]


def test_an_option_that_does_not_exist_is_told() -> None:
    [said] = wrong("zto", digset="md5")
    assert said.startswith("options: no option digset; zto knows digest")


@pytest.mark.parametrize(
    "address", ["::::", "ftp://host/x", "host/x", "https://", "javascript:alert(1)", "http://[::1"]
)
@pytest.mark.parametrize("source", SOURCES)
def test_an_address_that_cannot_be_called_is_told(source: str, address: str) -> None:
    [said] = wrong(source, base_url=address)
    assert said.startswith("base_url: ")
