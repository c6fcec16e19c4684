"""What every adapter promises about its capability sheet and its requests."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from carriers.contract import Answer, Need, Stamp
from carriers.registry import PUSHING

if TYPE_CHECKING:
    from tests.carriers.contract.conftest import Case

STAMP = Stamp(at=datetime(2026, 1, 12, 3, 4, 5, tzinfo=UTC), nonce="0123456789abcdef0123456789abcdef")


def test_the_capability_sheet_is_whole(case: "Case") -> None:
    info = case.adapter.INFO
    assert info.id == case.id, "the registry's key is INFO.id"
    assert info.carriers, "INFO.carriers says which carriers can be asked about"
    assert all(re.compile(pattern) for pattern in info.number_patterns)
    assert info.base_url.startswith("https://")
    assert info.checked_on, "INFO.checked_on says when it was held against what the vendor publishes"
    assert info.batch_size >= 1
    assert info.burst >= 1
    assert info.rate_per_second > 0
    assert info.minimum_interval >= timedelta(minutes=1)
    assert case.fixtures.ACCOUNT.credentials.keys() == set(info.credentials), (
        "ACCOUNT holds exactly the keys of INFO.credentials"
    )
    assert (Need.PHONE_TAIL in info.needs) == bool(info.phone_tail_carriers), (
        "phone_tail_carriers names those for whom needs has PHONE_TAIL"
    )
    assert info.phone_tail_carriers <= info.carriers.keys()
    assert (Answer.PUSH in info.answers) == (case.id in PUSHING), "PUSHING and INFO.answers agree about push"


def test_the_module_says_whom_it_asks_and_within_which_limits(case: "Case") -> None:
    said = case.adapter.__doc__ or ""
    assert case.adapter.INFO.name_zh[:2] in said, "the docstring says whom it asks"
    assert "Limits:" in said, "the docstring says the limits, in a sentence that begins with Limits:"
    assert "Times" in said, "the docstring says in which zone times come"


def test_the_signed_bytes_are_the_sent_bytes(case: "Case") -> None:
    request = case.adapter.request(case.queries, case.fixtures.ACCOUNT, STAMP)
    assert case.fixtures.signature_sent(request) == case.fixtures.signature_due(request)
    assert case.fixtures.numbers_sent(request) == [query.tracking_number for query in case.queries]


def test_known_signatures_come_out_again(case: "Case") -> None:
    for origin, computed, expected in case.fixtures.VECTORS:
        assert computed == expected, origin


def test_the_same_question_gives_the_same_bytes(case: "Case") -> None:
    first, second = (case.adapter.request(case.queries, case.fixtures.ACCOUNT, STAMP) for _ in range(2))
    assert first.content == second.content
    assert first.headers == second.headers


def test_a_batch_is_never_above_the_limit_and_never_empty(case: "Case") -> None:
    for queries in (case.fixtures.QUERIES, ()):
        with pytest.raises(ValueError, match="numbers in one call"):
            case.adapter.request(queries, case.fixtures.ACCOUNT, STAMP)


def test_a_carrier_that_the_source_does_not_know_is_never_asked_about(case: "Case") -> None:
    stranger = replace(case.query, carrier="pigeon-post")
    with pytest.raises(ValueError, match="pigeon-post"):
        case.adapter.request([stranger], case.fixtures.ACCOUNT, STAMP)


def test_the_account_says_where_to_ask(case: "Case") -> None:
    account = replace(case.fixtures.ACCOUNT, base_url="http://127.0.0.1:9/sandbox")
    request = case.adapter.request(case.queries, account, STAMP)
    assert str(request.url).startswith("http://127.0.0.1:9/sandbox")


def test_no_secret_stands_in_the_address(case: "Case") -> None:
    request = case.adapter.request(case.queries, case.fixtures.ACCOUNT, STAMP)
    demanded = getattr(case.fixtures, "WANTED_IN_THE_ADDRESS", frozenset())
    assert not [name for name in demanded if "secret" in name], "no vendor can want a secret in the address"
    found = {name for name, value in case.fixtures.ACCOUNT.credentials.items() if value in str(request.url)}
    assert found == demanded, (
        f"{', '.join(sorted(found))} in the address: what belongs into a path is no secret, but part of base_url or an "
        "option; WANTED_IN_THE_ADDRESS lists what the vendor wants there"
    )
