"""The command line: what commands say and how they end, in an empty folder and over a filled database."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from builders import a_scan, stored

from carriers.registry import PUSHING
from watcher import __version__
from watcher.cli.root import exit_code
from watcher.store import accounts
from watcher.store.engine import open_store
from watcher.store.schema import upgrade
from watcher.store.tables import account_state

ORDERS = """订单号,运单号,快递公司,收件人,手机,收货地址,颜色
A-1,78400000000009,中通,李四,13800000001,四川省成都市武侯区浆洗街街道1号,蓝
A-2,,中通,李四,13800000001,四川省成都市武侯区浆洗街街道1号,红
"""
STORELESS = (["carriers"], ["carriers", "--json"], ["read", "已签收"], ["check"], ["--version"], ["--help"])


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("WATCHER_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def filled() -> Iterator[int]:
    """A database where the commands look for it, with one parcel that could not be delivered."""
    store = open_store("sqlite:///data/watcher.db")
    upgrade(store)
    failed = a_scan("exception", "3h", "failed_attempt", text="电话13800000002无人接听,派送不成功")
    yield stored(
        store, a_scan("in_transit", "1d"), failed, tracking_number="78400000000009", order_number="O-9"
    )
    store.close()


def records(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("arguments", STORELESS, ids=" ".join)
def test_what_needs_no_store_makes_no_file(arguments: list[str], empty_folder: Path) -> None:
    assert exit_code(arguments) == 0
    assert list(empty_folder.iterdir()) == []


@pytest.mark.parametrize(
    "command", [["queue"], ["coverage"], ["track", "1"], ["staff", "list"]], ids=" ".join
)
def test_a_question_does_not_make_a_database(
    command: list[str], empty_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(command) == 1
    assert "there is no database yet" in capsys.readouterr().err
    assert list(empty_folder.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["trak"], "No such command 'trak'"),
        (["track"], "Missing argument"),
        (["run", "--port", "99999"], "less than or equal to 65535"),
        (["queue", "--state", "lost"], "--state: 'lost' is none of open, claimed, snoozed, closed"),
        (["queue", "--rule", "lsot"], "--rule: 'lsot' is none of"),
        (["coverage", "--level", "street"], "--level: 'street' is none of province, city, district, town"),
        (
            ["staff", "add", "bo", "--role", "king", "--password-stdin"],
            "--role: 'king' is none of agent, lead, admin",
        ),
        (["track", "1", "--config", "nowhere.toml"], "nowhere.toml: there is no such file"),
        (["sandbox", "--fake-start", "noon"], "'noon' is no ISO 8601 time"),
        (["import", "nowhere.csv"], "nowhere.csv"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_ends_with_2_and_one_sentence(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(arguments) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.err.startswith("watcher: ")
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_each_problem_of_the_settings_is_a_line(
    empty_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (empty_folder / "watcher.toml").write_text("[web]\nprot = 1\n[log]\nlevel = 'x'\n")
    assert exit_code(["run"]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first == "watcher: watcher.toml: [web] prot: is not a key here; did you mean 'port'?"
    assert second.startswith("watcher: watcher.toml: [log] level: expected one of")


def test_an_unforeseen_failure_is_one_sentence_without_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("cannot reach postgresql://watcher:hunter2@db, asked about 13800000001")

    monkeypatch.setattr("watcher.cli.database.look", broken)
    assert exit_code(["queue"]) == 1
    told = capsys.readouterr().err
    assert told == (
        "watcher: RuntimeError: cannot reach postgresql://watcher:***@db, asked about 138****0001 "
        "(WATCHER_TRACEBACK=1 shows where)\n"
    )
    monkeypatch.setenv("WATCHER_TRACEBACK", "1")
    with pytest.raises(RuntimeError, match="cannot reach"):
        exit_code(["queue"])


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["--version"]) == 0
    assert capsys.readouterr().out == f"watcher {__version__}\n"


def test_the_capability_sheets_are_one_object_each(capsys: pytest.CaptureFixture[str]) -> None:
    exit_code(["carriers", "--json"])
    sheets = {record["source"]: record for record in records(capsys)}
    assert {"sf", "zto", "kuaidi100"} <= sheets.keys()
    assert sheets["sf"]["batch_size"] == 10
    assert sheets["sf"]["name_zh"] == "顺丰速运"


def test_the_capability_sheets_tell_of_pushes_codes_and_accounts(
    empty_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / "watcher.toml").write_text(
        """
        [accounts.sf-main]
        source = "sf"
        [accounts.sf-old]
        source = "sf"
        enabled = false
        [accounts.k100]
        source = "kuaidi100"
        [accounts.nobody]
        source = "pigeon-post"
        """
    )
    monkeypatch.setenv("WATCHER_SECRET_K100_CUSTOMER", "x")
    monkeypatch.setenv("WATCHER_SECRET_K100_KEY", "x")
    exit_code(["carriers", "--json"])
    sheets = {record["source"]: record for record in records(capsys)}
    assert sheets["sf"]["accounts"] == [
        {"account": "sf-main", "state": "credentials missing"},
        {"account": "sf-old", "state": "switched off"},
    ]
    assert sheets["kuaidi100"]["accounts"] == [{"account": "k100", "state": "never asked"}]
    assert sheets["kuaidi100"]["push"]["arranged"] == "by_number"
    assert (sheets["kuaidi100"]["codes"], sheets["kuaidi100"]["result_codes"]) == (36, 8)
    exit_code(["carriers"])
    said = capsys.readouterr().out
    assert "asked for by number; signed" in said
    assert "36 understood, 8 kinds of refusal" in said


def test_an_account_that_does_not_answer_is_said_to_be_so(
    empty_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / "watcher.toml").write_text("[accounts.zto-main]\nsource = 'zto'\n")
    for name in ("APP_KEY", "APP_SECRET"):
        monkeypatch.setenv(f"WATCHER_SECRET_ZTO_MAIN_{name}", "x")
    store = open_store("sqlite:///data/watcher.db")
    upgrade(store)
    with store.write() as connection:
        accounts.ensure(connection, {"zto-main": "zto"})
        connection.execute(
            sa.update(account_state).values(
                broken_since=datetime(2026, 3, 2, 2, tzinfo=UTC), last_error="zto: no answer in time"
            )
        )
    store.close()
    capsys.readouterr()
    exit_code(["carriers"])
    assert "does not answer since 03-02 10:00: zto: no answer in time" in " ".join(
        capsys.readouterr().out.split()
    )


def test_a_line_is_read_and_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    exit_code(["read", "收件人电话无人接听,派送不成功", "--json"])
    (record,) = records(capsys)
    assert record["milestone"] == "exception"
    assert "recipient_unreachable" in record["reasons"]


# --- a filled database


def test_a_parcel_is_shown_by_tracking_and_by_order_number(
    filled: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert filled
    for number in ("78400000000009", "O-9"):
        assert exit_code(["track", number, "--json"]) == 0
        (record,) = records(capsys)
        assert record["tracking_number"] == "78400000000009"
        assert [scan["milestone"] for scan in record["scans"]] == ["in_transit", "exception"]
        assert record["watch"]["poll_reason"] == "first_look"
        assert "polls" not in record


def test_a_parcel_is_shown_to_people_with_the_next_question_and_masked_phones(
    filled: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert filled
    assert exit_code(["track", "O-9", "--why"]) == 0
    told = capsys.readouterr().out
    assert "138****0002" in told
    assert "13800000002" not in told
    assert "asked next: 03-02 10:00" in told
    assert "by zto-main, because first_look" in told
    assert "\x1b[" not in told


def test_an_unknown_number_is_said_to_be_unknown(filled: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert filled
    assert exit_code(["track", "123"]) == 1
    assert "no shipment has the tracking or order number '123'" in capsys.readouterr().err


def test_the_queue_and_the_coverage_can_be_empty(filled: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert filled
    assert exit_code(["queue", "--json"]) == 0
    assert exit_code(["coverage", "--json"]) == 0
    assert capsys.readouterr().out == ""


def test_the_tables_are_made_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["db", "status", "--json"]) == 1
    assert exit_code(["db", "upgrade", "--json"]) == 0
    assert exit_code(["db", "upgrade", "--json"]) == 0
    assert exit_code(["db", "status", "--json"]) == 0
    before, made, again, after = records(capsys)
    assert before["current"] is None
    assert (made["from"], made["changed"]) == (None, True)
    assert again["changed"] is False
    assert after["up_to_date"] is True


def test_staff_come_and_go(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    spoken(monkeypatch, "long enough to be one")
    assert exit_code(["staff", "add", "bo", "--role", "lead", "--password-stdin", "--json"]) == 0
    spoken(monkeypatch, "short")
    assert exit_code(["staff", "add", "al", "--password-stdin"]) == 2
    spoken(monkeypatch, "another that is long")
    assert exit_code(["staff", "password", "bo", "--password-stdin"]) == 0
    assert exit_code(["staff", "disable", "bo"]) == 0
    assert exit_code(["staff", "disable", "nobody"]) == 2
    capsys.readouterr()
    assert exit_code(["staff", "list", "--json"]) == 0
    (bo,) = records(capsys)
    assert (bo["name"], bo["role"]) == ("bo", "lead")
    assert bo["disabled_at"]


def test_without_a_terminal_a_password_is_not_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spoken(monkeypatch, "")
    assert exit_code(["staff", "add", "bo"]) == 2
    assert "give it with --password-stdin" in capsys.readouterr().err


def spoken(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    from io import StringIO

    monkeypatch.setattr(sys, "stdin", StringIO(text + "\n"))


def test_orders_come_in_and_are_not_taken_twice(
    empty_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (empty_folder / "orders.csv").write_text(ORDERS, encoding="utf-8")
    assert exit_code(["import", "orders.csv", "--json"]) == 0
    assert exit_code(["import", "orders.csv", "--json"]) == 0
    first, again = records(capsys)
    assert (first["created"], first["rejected"]) == (1, 1)
    assert (again["created"], again["unchanged"]) == (0, 1)
    assert Path(first["rejects_path"]).read_text(encoding="utf-8-sig").count("\n") == 2
    assert exit_code(["track", "A-1", "--json"]) == 0
    (known,) = records(capsys)
    assert known["tracking_number"] == "78400000000009"


def test_an_import_is_told_to_people(empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (empty_folder / "orders.csv").write_text(ORDERS, encoding="utf-8")
    assert exit_code(["import", "orders.csv"]) == 0
    told = capsys.readouterr()
    assert told.out == "2 rows: 1 new, 0 changed, 0 as they were, 1 rejected\n"
    assert "orders.csv-rejects.csv" in told.err
    assert "1 parcel waits for an account: zto 1" in told.err
    assert "the column '颜色' is not read" in told.err


# --- check


def checked(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    return {record["what"]: record for record in records(capsys)}


def test_check_is_content_with_the_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["check", "--json"]) == 0
    checks = checked(capsys)
    accounts = checks.pop("accounts")
    assert all(check["ok"] for check in checks.values())
    assert (accounts["found"], accounts["ok"]) == ("none", False)
    assert "`watcher carriers` lists the sources" in accounts["advice"]
    assert {
        "clock",
        "time zones",
        "phrases",
        "rule packs",
        "playbooks",
        "settings",
        "database",
    } <= checks.keys()


def test_check_says_what_is_missing_and_where_it_goes(
    empty_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(PUSHING, "zto")
    (empty_folder / "watcher.toml").write_text(
        """
        [web]
        public_url = "https://parcels.example.com"
        [accounts.zto-main]
        source = "zto"
        carriers = ["sf"]
        push = true
        options = {digset = "md5"}
        [accounts.other]
        source = "zot"
        [accounts.resting]
        source = "sf"
        enabled = false
        """
    )
    assert exit_code(["check", "--json"]) == 1
    told = capsys.readouterr().out
    assert "set WATCHER_SECRET_ZTO_MAIN_APP_KEY or write the file /run/secrets/zto-main.app_key" in told
    for found in ("no carrier sf", "no option digset", "cannot push", "cannot be asked", "switched off"):
        assert found in told
    assert "did you mean 'zto'?" in told
    assert "cookie_secure = true" in told


def test_check_tells_of_settings_that_cannot_be_used(
    empty_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (empty_folder / "watcher.toml").write_text("[web]\nprot = 1")
    assert exit_code(["check", "--json"]) == 1
    assert checked(capsys)["settings"]["advice"].endswith("did you mean 'port'?")


def test_check_tells_of_a_database_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WATCHER_DATABASE_URL", "postgresql+psycopg://watcher:hunter2@127.0.0.1:1/watcher")
    assert exit_code(["check", "--json"]) == 1
    told = capsys.readouterr().out
    assert "not reachable" in told
    assert "hunter2" not in told


# --- as a process


def run(*arguments: str, spoken: str = "", **environ: str) -> "subprocess.CompletedProcess[bytes]":
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("WATCHER_", "LC_", "LANG"))
    }
    command = [sys.executable, "-m", "watcher", *arguments]
    return subprocess.run(
        command, env={**clean, **environ}, input=spoken.encode(), capture_output=True, check=False, timeout=60
    )


def test_chinese_comes_out_as_utf8_in_any_locale() -> None:
    ended = run("read", "已签收", "--json", LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert ended.returncode == 0
    assert json.loads(ended.stdout.decode("utf-8"))["text"] == "已签收"
    heard = run("read", "--json", LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii", spoken="已签收\n")
    assert heard.stdout == ended.stdout


def test_a_reader_that_has_seen_enough_is_no_failure() -> None:
    ended = subprocess.run(
        f"{sys.executable} -m watcher carriers --json | head -c 5",
        shell=True,
        capture_output=True,
        check=False,
    )
    assert ended.stderr == b""


def test_nothing_heavy_is_imported_before_a_command_needs_it() -> None:
    heavy = "{'sqlalchemy', 'fastapi', 'uvicorn', 'alembic', 'httpx', 'phonenumbers', 'aiohttp', 'rich', 'msgspec'}"
    script = f"import sys, watcher.cli.root; print(sorted({heavy} & set(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, timeout=60)
    assert ended.stdout.decode().strip() == "[]"
