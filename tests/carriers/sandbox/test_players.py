"""A player is one file and one line: all that stands around the players is made of what each says about itself."""

from collections.abc import Awaitable, Callable, Sequence

import httpx
import pytest

from carriers.sandbox.__main__ import main
from carriers.sandbox.accounts import ACCOUNTS, accounts_of
from carriers.sandbox.faults import FaultKind
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import Played
from carriers.sandbox.players import PLAYERS
from carriers.sandbox.world import Outcome, World

Ask = Callable[..., Awaitable[httpx.Response]]
TOLD = [["2026-03-01 12:00:00", "collected 于网点"]]


async def test_a_player_more_answers_and_what_it_refuses_is_counted(world: World, ask_pigeon: Ask) -> None:
    assert (await ask_pigeon()).json() == TOLD
    assert (await ask_pigeon(word="caw")).json() == {"no": "P403"}
    assert (await ask_pigeon("")).json() == {"no": "P400"}
    assert (await ask_pigeon("P2")).json() == {"no": "P404"}
    assert world.counts == {
        ("pigeon", Outcome.ANSWERED): 1,
        ("pigeon", Outcome.SIGNATURE_REFUSED): 1,
        ("pigeon", Outcome.CALL_REFUSED): 1,
        ("pigeon", Outcome.NOTHING_YET): 1,
    }


async def test_a_player_more_keeps_its_limits(world: World, hands, ask_pigeon: Ask) -> None:
    assert [(await ask_pigeon()).json() for _ in range(51)] == [TOLD] * 50 + [{"no": "P429"}]
    hands.real += 1
    assert [(await ask_pigeon()).json() for _ in range(11)] == [TOLD] * 10 + [{"no": "P430"}]
    assert world.counts["pigeon", Outcome.RATE_LIMITED] == 2


async def test_who_is_not_let_in_uses_up_no_limit(ask_pigeon: Ask) -> None:
    assert {(await ask_pigeon(word="caw")).json()["no"] for _ in range(60)} == {"P403"}
    assert (await ask_pigeon()).json() == TOLD


async def test_a_world_may_keep_another_limit(world: World, ask_pigeon: Ask) -> None:
    world.limits = {"pigeon": Limit(per_second=1)}
    assert [(await ask_pigeon()).json() for _ in range(2)] == [TOLD, {"no": "P429"}]


@pytest.mark.parametrize("kind", FaultKind)
async def test_a_player_more_can_be_told_to_go_wrong(client: httpx.AsyncClient, kind: FaultKind) -> None:
    ordered = await client.post("/sandbox/faults", json={"source": "pigeon", "kind": kind})
    assert ordered.status_code == 201


async def test_a_player_more_is_among_the_counters(client: httpx.AsyncClient, ask_pigeon: Ask) -> None:
    await ask_pigeon()
    assert (await client.get("/sandbox/stats")).json()["calls"] == {"pigeon": {"answered": 1}}


def test_a_player_more_has_an_account(players: Sequence[Played]) -> None:
    account = accounts_of(players)[-1]
    assert (account.source, account.credentials) == ("pigeon", {"word": "coo"})
    assert account.base_url("http://sandbox/") == "http://sandbox/pigeon"


def test_every_player_s_name_is_printed_and_its_account(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert f"Plays {', '.join(played.source for played in PLAYERS)} with" in said
    assert [account.source for account in ACCOUNTS] == [played.source for played in PLAYERS]


def test_no_two_players_share_a_name_or_a_path() -> None:
    assert len({played.source for played in PLAYERS}) == len(PLAYERS)
    assert len({played.path for played in PLAYERS}) == len(PLAYERS)


def test_every_player_prints_the_refusals_that_the_gate_wants() -> None:
    for played in PLAYERS:
        for code in (played.system_error, played.too_many, played.used_up):
            assert code is None or code in bytes(played.refuse(code).body).decode()
