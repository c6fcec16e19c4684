"""Offers each source of the registry to the contract tests, with the answers that the source brings.

A source brings them in `fixtures_<source>.py` beside this file: a module with the names of `Fixtures` (and of
`BatchFixtures` or `PushFixtures`, where they apply). Nothing here knows a vendor. Copy `fixtures_zto.py` for a source
that takes one number, `fixtures_sf.py` for a batch, `fixtures_kuaidi100.py` for one that pushes.
"""

import copy
import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest

from carriers.contract import (
    Account,
    Answers,
    Carrier,
    Meaning,
    Milestone,
    Proof,
    Pushing,
    PushReply,
    PushRequest,
    Query,
    Subscribing,
    Token,
    TokenBearing,
    Track,
)
from carriers.errors import CarrierError, ShipmentError, UnreadableResponse
from carriers.registry import PUSHING, SOURCES, SUBSCRIBING, TOKEN_BEARING

HERE = Path(__file__).parent
Document = dict[str, Any] | list[Any]
ADAPTER = ("INFO", "RESULT_CODES", "MILESTONES", "request", "read")


class Fixtures(Protocol):
    """What a source brings. A document is JSON as Python objects; `encode` makes the vendor's bytes of it.

    `history` has one line for each code, an hour apart and the first code oldest; the text of each line begins with
    its code and goes on with NAME and PHONE. `refused` takes codes of every kind (also text where the vendor prints
    numbers) and holds NAME and PHONE as well. `signature_due` is computed with hashlib, not with the adapter. Two names
    are for sources that need them: PRINTS_NO_CITY says why answers name no city, WANTED_IN_THE_ADDRESS which of the
    credentials the vendor wants in the address. A source that signs nothing has no VECTORS and says why in
    NOTHING_SIGNED; its "signature" is then the key that it sends. Where failures have no codes but HTTP's,
    REFUSES_BY_STATUS says why: the keys of RESULT_CODES are then `HTTP 404` and the like, and `refused` gives the body
    that stands with them.
    """

    ACCOUNT: Account
    QUERIES: Sequence[Query]  # one more than the batch size
    NAME: str  # stand in the texts of every answer, to see that none gets into an error
    PHONE: str
    UNKNOWN_CODE: str  # a code that no table holds
    VECTORS: Sequence[tuple[str, str, str]]  # (published or made, computed by the adapter, expected)

    def history(self, codes: Mapping[Query, Sequence[str]], *, newest_first: bool = ...) -> Document: ...
    def empty(self, queries: Sequence[Query]) -> Document: ...
    def refused(self, code: str) -> Document: ...
    def encode(self, document: object) -> bytes: ...
    def signature_sent(self, request: httpx.Request) -> str: ...
    def signature_due(self, request: httpx.Request) -> str: ...
    def numbers_sent(self, request: httpx.Request) -> list[str]: ...


class BatchFixtures(Fixtures, Protocol):
    """What a source that takes several numbers brings as well."""

    NEIGHBOUR_ERROR: type[CarrierError]

    def bad_neighbour(self, bad: Query, good: Sequence[Query]) -> Document: ...


class PushFixtures(Fixtures, Protocol):
    """What a source that pushes brings as well.

    `push_document` is what one push says, as Python objects; `push` makes the vendor's call of it, signed with `secret`
    (the subscription's, or, where the vendor signs with a credential, that one). `push_history` is the answer that says
    the same as a push: `history`, unless pushes have codes of their own. `PUSH_CODE` is a code that pushes use for
    "picked up". `ACCEPTED` is the exact reply to a push of `push_document(query, ...)`. Where what proves a push does
    not cover its body, the module says why in `BODY_NOT_PROVED`, which no other has. Where an optional credential
    signs pushes and nothing else, the module names it with its value in `FOR_PUSHES_ALONE`.
    """

    PUSH_SECRET: str
    PUSH_CODE: str
    ACCEPTED: PushReply

    def push_document(self, query: Query, codes: Sequence[str]) -> Document: ...
    def push(self, document: object, *, secret: str) -> PushRequest: ...


class SubscriptionFixtures(PushFixtures, Protocol):
    """What a source that has to be asked to push brings as well: its answer about each of these numbers."""

    def subscribed(self, refused: Mapping[Query, str | None]) -> Document: ...


class TokenFixtures(Fixtures, Protocol):
    """What a source that wants a token brings as well: its answer with a token, and its refusal of the credentials.

    `token_asked` gives the values that the request for a token carries, wherever they stand in it.
    """

    TOKEN: Token

    def token_answer(self) -> Document: ...
    def token_refused(self) -> tuple[int, Document]: ...
    def token_asked(self, request: httpx.Request) -> Sequence[str]: ...


@dataclass(frozen=True)
class Case:
    """One adapter and what its source says."""

    id: str
    adapter: Carrier
    fixtures: Any
    broken: str = ""  # why the fixtures cannot be imported

    @property
    def path(self) -> Path:
        return HERE / f"fixtures_{self.id}.py"

    @property
    def adapter_lacks(self) -> list[str]:
        """The names that the adapter still has to bring."""
        return [name for name in ADAPTER if not hasattr(self.adapter, name)]

    @property
    def lacks(self) -> list[str]:
        """The names that the fixtures module still has to bring."""
        wanted: list[type] = [Fixtures]
        wanted += [BatchFixtures] if self.adapter.INFO.batch_size > 1 else []
        wanted += [PushFixtures] if self.id in PUSHING else []
        wanted += [SubscriptionFixtures] if self.id in SUBSCRIBING else []
        wanted += [TokenFixtures] if self.id in TOKEN_BEARING else []
        names = {name for one in wanted for name in (*one.__annotations__, *vars(one)) if name[0] != "_"}
        return sorted(name for name in names if not hasattr(self.fixtures, name))

    @property
    def queries(self) -> Sequence[Query]:
        """A full batch."""
        return tuple(self.fixtures.QUERIES[: self.adapter.INFO.batch_size])

    @property
    def query(self) -> Query:
        return self.queries[0]

    @property
    def pushing(self) -> Pushing:
        return PUSHING[self.id]

    @property
    def subscribing(self) -> Subscribing:
        return SUBSCRIBING[self.id]

    @property
    def bearing(self) -> TokenBearing:
        return TOKEN_BEARING[self.id]

    @property
    def plain_code(self) -> str:
        """A code that says "picked up" and nothing else."""
        for code, meaning in self.adapter.MILESTONES.items():
            if meaning == Meaning(Milestone.PICKED_UP):
                return code
        pytest.fail(
            "MILESTONES has no code that says picked_up and nothing else; the contract tests need one"
        )

    def read(self, document: object, queries: Sequence[Query] = (), *, status: int = 200) -> Answers:
        """What the adapter makes of a document, or of bytes as they are."""
        body = document if isinstance(document, bytes) else self.fixtures.encode(document)
        return self.adapter.read(httpx.Response(status, content=body), queries or [self.query])

    @property
    def unknown_result(self) -> str:
        """A result code that no table holds."""
        return "HTTP 418" if getattr(self.fixtures, "REFUSES_BY_STATUS", "") else "X-9"

    def refusal(self, code: str) -> CarrierError:
        """What the adapter makes of this result code, in the body or as HTTP's."""
        by_status = getattr(self.fixtures, "REFUSES_BY_STATUS", "")
        status = int(code.removeprefix("HTTP ")) if by_status else 200
        return self.error(self.fixtures.refused(code), status=status)

    def track(self, document: Document) -> Track:
        answer = self.read(document)[self.query]
        assert isinstance(answer, Track), f"read() gave {answer!r}"
        return answer

    def error(self, document: Document, *, status: int = 200) -> CarrierError:
        """The error as the answer of the one number, or as raised for the whole call."""
        try:
            answer = self.read(document, status=status)[self.query]
        except ShipmentError as error:
            pytest.fail(
                f"with one number asked, a ShipmentError is that number's answer, not raised: {error!r}"
            )
        except CarrierError as error:
            return error
        assert isinstance(answer, ShipmentError), f"read() gave {answer!r}"
        return answer

    def hold(self, body: bytes, label: str, queries: Sequence[Query]) -> list[CarrierError]:
        """Read whatever comes; fail unless it ends in the error tree or in an answer for every query."""
        try:
            answers = self.read(body, queries)
        except CarrierError as error:
            return [error]
        except Exception as broke:  # noqa: BLE001 - the test is that none comes
            pytest.fail(f"{label}: read() raised {broke!r}, which is no CarrierError")
        assert set(answers) == set(queries), f"{label}: every number asked is answered"
        for answer in answers.values():
            assert isinstance(answer, Track | ShipmentError | UnreadableResponse), f"{label}: {answer!r}"
            assert "\\x00" not in repr(answer), f"{label}: no database keeps a NUL"
        return [answer for answer in answers.values() if isinstance(answer, CarrierError)]

    def mutations(self, document: object) -> Iterator[tuple[str, object]]:
        """The document with each part of it in turn removed, or replaced by something odd."""
        return _mutations(document, "")


def _case(source: str, adapter: Carrier) -> Case:
    """The case; fixtures that cannot be imported fail their own source and leave the others alone."""
    try:
        return Case(source, adapter, _fixtures(source))
    except Exception as broke:  # noqa: BLE001 - whatever it is, it is said by the test of this source
        return Case(source, adapter, None, repr(broke))


def _fixtures(source: str) -> Any:
    path = HERE / f"fixtures_{source}.py"
    if not path.exists():
        return None
    spec = importlib.util.spec_from_file_location(f"contract_fixtures_{source}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CASES = [_case(source, adapter) for source, adapter in SOURCES.items()]


def _table(case: Case, name: str) -> Mapping[str, Any]:
    table: Mapping[str, Any] = getattr(case.adapter, name)
    return table


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that wants a `case` (or a kind of case, or a row of a table) once for each."""
    ready = [case for case in CASES if not case.adapter_lacks and not case.lacks]
    wanted = set(metafunc.fixturenames)
    if "any_case" in wanted:
        _cases(metafunc, "any_case", CASES)
    if "case" in wanted:
        _cases(metafunc, "case", ready)
    if "batching" in wanted:
        _cases(metafunc, "batching", [case for case in ready if case.adapter.INFO.batch_size > 1])
    if "pusher" in wanted:
        _cases(metafunc, "pusher", [case for case in ready if case.id in PUSHING])
    if "signer" in wanted:
        pushers = [case for case in ready if case.id in PUSHING]
        _cases(metafunc, "signer", [case for case in pushers if case.pushing.PUSH.proof is Proof.SIGNATURE])
    if "subscriber" in wanted:
        _cases(metafunc, "subscriber", [case for case in ready if case.id in SUBSCRIBING])
    if "bearer" in wanted:
        _cases(metafunc, "bearer", [case for case in ready if case.id in TOKEN_BEARING])
    if "meaning_row" in wanted:
        _rows(
            metafunc,
            "meaning_row",
            [(case, *row) for case in ready for row in _table(case, "MILESTONES").items()],
        )
    if "result_row" in wanted:
        _rows(
            metafunc,
            "result_row",
            [(case, *row) for case in ready for row in _table(case, "RESULT_CODES").items()],
        )


def _cases(metafunc: pytest.Metafunc, name: str, cases: Sequence[Case]) -> None:
    metafunc.parametrize(name, cases, ids=[case.id for case in cases])


def _rows(metafunc: pytest.Metafunc, name: str, rows: Sequence[tuple[Case, str, object]]) -> None:
    metafunc.parametrize(name, rows, ids=[f"{case.id} {code}" for case, code, _ in rows])


_ODD_VALUES: tuple[Any, ...] = (
    None, "", "x", "13800000047", 0, -1.5, 10**30, True, [], {}, [None], ["x"], {"x": None}, "0000-00-00 00:00:00",
)  # fmt: skip


def _mutations(document: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The document with each part of it in turn removed, or replaced by something odd."""
    keys: Sequence[Any] = list(document) if isinstance(document, dict) else range(len(document))
    for key in keys:
        here = f"{path}.{key}"
        without = copy.copy(document)
        del without[key]
        yield f"{here} removed", without
        for value in _ODD_VALUES:
            yield f"{here} = {value!r}", _with(document, key, value)
        if isinstance(document[key], dict | list):
            for label, part in _mutations(document[key], here):
                yield label, _with(document, key, part)


def _with(document: Any, key: Any, value: Any) -> Any:
    changed = copy.copy(document)
    changed[key] = value
    return changed
