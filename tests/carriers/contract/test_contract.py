"""What every adapter promises about its answers, held against each source of the registry."""

import itertools
import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from carriers.contract import Meaning, Milestone, Track, in_order
from carriers.errors import CarrierError, NotFoundYet, ShipmentError, UnreadableResponse

if TYPE_CHECKING:
    from tests.carriers.contract.conftest import Case


def test_every_source_brings_its_fixtures(any_case: "Case") -> None:
    assert not any_case.adapter_lacks, (
        f"{any_case.adapter.__name__} lacks {', '.join(any_case.adapter_lacks)}: see carriers/contract.py"
    )
    assert any_case.path.exists(), (
        f"write {any_case.path} with {', '.join(any_case.lacks)}; `Fixtures` in conftest.py says what each is"
    )
    assert not any_case.broken, f"{any_case.path} cannot be imported: {any_case.broken}"
    assert not any_case.lacks, f"{any_case.path} lacks {', '.join(any_case.lacks)}"
    fixtures = any_case.fixtures
    assert len(fixtures.QUERIES) > any_case.adapter.INFO.batch_size, "QUERIES holds one more than a batch"
    assert bool(fixtures.VECTORS) != bool(getattr(fixtures, "NOTHING_SIGNED", "")), (
        "a known signature has to come out again, unless NOTHING_SIGNED says why there is none"
    )
    assert hasattr(any_case.adapter, "signature") <= bool(fixtures.VECTORS), "what is signed has vectors"
    assert all(re.match("published|made", origin) for origin, _, _ in fixtures.VECTORS), (
        "say where each comes from"
    )
    assert re.search("published|made", fixtures.__doc__), "the docstring says where the answers come from"


def test_the_fixtures_can_show_a_mistake(case: "Case") -> None:
    fixtures, code = case.fixtures, case.plain_code
    told = {
        "history": fixtures.encode(fixtures.history({case.query: [code]})),
        "refused": fixtures.encode(fixtures.refused("X-9")),
    }
    for name, body in told.items():
        for private in (fixtures.NAME, fixtures.PHONE):
            assert private.encode() in body or json.dumps(private)[1:-1].encode() in body, (
                f"{name}() has to hold NAME and PHONE, or nothing shows that they stay out of errors"
            )
    assert fixtures.UNKNOWN_CODE not in case.adapter.MILESTONES, "UNKNOWN_CODE stands in MILESTONES"
    (scan,) = case.track(fixtures.history({case.query: [code]})).scans
    assert scan.text.startswith(code), "the text of a line of history() has to begin with its code"


def test_every_number_asked_is_answered(case: "Case") -> None:
    document = case.fixtures.history({query: [case.plain_code] for query in case.queries})
    answers = case.read(document, case.queries)
    assert set(answers) == set(case.queries)
    for query, answer in answers.items():
        assert isinstance(answer, Track)
        assert (answer.carrier, answer.tracking_number) == (query.carrier, query.tracking_number)
        assert answer.complete
        assert answer.unmapped_codes == ()


@pytest.mark.parametrize("newest_first", [True, False])
def test_scans_come_oldest_first_in_utc_with_the_printed_time(case: "Case", *, newest_first: bool) -> None:
    codes = list(itertools.islice(case.adapter.MILESTONES, 4))
    found = case.track(case.fixtures.history({case.query: codes}, newest_first=newest_first))
    moments = [scan.occurred_at for scan in found.scans]
    assert moments == sorted(moments)
    assert {moment.utcoffset() for moment in moments} == {timedelta(0)}, "occurred_at is aware and UTC"
    assert [scan.text.split()[0] for scan in found.scans] == codes
    for scan in found.scans:
        assert re.match(r"\d{4}-\d\d-\d\d.\d\d:\d\d", scan.local_time), (
            "local_time is date and time as printed"
        )


def test_nothing_known_yet_is_an_answer_and_no_outage(case: "Case") -> None:
    answers = case.read(case.fixtures.empty(case.queries), case.queries)
    assert set(answers) == set(case.queries)
    assert {type(answer) for answer in answers.values()} == {NotFoundYet}


def test_an_unknown_code_stays_unknown_and_is_reported(case: "Case") -> None:
    unknown = case.fixtures.UNKNOWN_CODE
    found = case.track(case.fixtures.history({case.query: [case.plain_code, unknown]}))
    assert found.scans[-1].milestone is Milestone.UNKNOWN
    assert found.scans[-1].reasons == ()
    assert unknown in found.unmapped_codes


def test_each_code_says_what_the_table_says(meaning_row: tuple["Case", str, Meaning]) -> None:
    case, code, says = meaning_row
    found = case.track(case.fixtures.history({case.query: [case.plain_code, code]}))
    assert found.scans[-1].milestone is (says.milestone or Milestone.PICKED_UP)
    assert says.reasons == in_order(says.reasons), "reasons stand in the order of `Reason`"
    assert found.scans[-1].reasons == says.reasons
    assert found.unmapped_codes == ()


def test_each_result_code_is_its_class(result_row: tuple["Case", str, type[CarrierError]]) -> None:
    case, code, says = result_row
    error = case.refusal(code)
    assert type(error) is says
    assert error.source == case.id, "an error's source is INFO.id, which is the registry's key"
    assert error.code == code


def test_an_unknown_result_code_is_unreadable_and_keeps_the_code(case: "Case") -> None:
    error = case.refusal(case.unknown_result)
    assert type(error) is UnreadableResponse
    assert error.code == case.unknown_result


def test_one_bad_number_leaves_its_neighbours_alone(batching: "Case") -> None:
    bad, *good = batching.queries
    answers = batching.read(batching.fixtures.bad_neighbour(bad, good), batching.queries)
    assert type(answers[bad]) is batching.fixtures.NEIGHBOUR_ERROR
    assert all(isinstance(answers[query], Track) for query in good)


def test_a_number_the_source_says_nothing_about_is_still_answered(batching: "Case") -> None:
    missing, *told = batching.queries
    document = batching.fixtures.history({query: [batching.plain_code] for query in told})
    answers = batching.read(document, batching.queries)
    assert type(answers[missing]) is NotFoundYet
    assert all(isinstance(answers[query], Track) for query in told)


def test_a_code_about_one_number_never_condemns_a_whole_batch(batching: "Case") -> None:
    for code, error in batching.adapter.RESULT_CODES.items():
        if issubclass(error, ShipmentError):
            with pytest.raises(error):
                batching.read(batching.fixtures.refused(code), batching.queries)
