"""What cannot be used is one sentence with the right exit code, and what is too wide is not cut."""

import os
import tomllib
from pathlib import Path

import pytest
from builders import stored

from watcher.cli import speaking
from watcher.cli.root import exit_code
from watcher.cli.sandbox import to_paste
from watcher.model import Box
from watcher.store.engine import open_store
from watcher.store.schema import upgrade


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("WATCHER_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.mark.parametrize(
    ("url", "ends_with", "said"),
    [
        ("mysql://a@b/c", 2, "'mysql' is no kind of database known here"),
        ("nonsense", 2, "[database] url is no URL"),
        ("sqlite:///file", 2, "file is no SQLite database"),
        ("sqlite:///file/watcher.db", 2, "is a file, where a folder is wanted"),
        ("postgresql+psycopg://a:hunter2@127.0.0.1:1/c", 1, "not reachable"),
    ],
)
def test_a_database_that_cannot_be_used_is_one_sentence(
    url: str, ends_with: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("file").write_text("no database at all, but more than nothing " * 30)
    monkeypatch.setenv("WATCHER_DATABASE_URL", url)
    for command in (["queue"], ["db", "upgrade"], ["run"]):
        assert exit_code(command) == ends_with
        told = capsys.readouterr().err
        assert said in told
        assert told.count("\n") == 1
        assert "hunter2" not in told
    assert exit_code(["check"]) == 1
    assert said in capsys.readouterr().out


def test_an_account_of_no_source_is_told_with_its_file(
    empty_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (empty_folder / "watcher.toml").write_text('[accounts.sf-main]\nsource = "sff"\n')
    for command in (["run"], ["import", "orders.csv"]):
        assert exit_code(command) == 2
        told = capsys.readouterr().err
        assert (
            told == "watcher: watcher.toml: [accounts.sf-main] source: no source 'sff'; did you mean 'sf'?\n"
        )


def test_parcels_that_wait_for_an_account_make_check_fail(capsys: pytest.CaptureFixture[str]) -> None:
    store = open_store("sqlite:///data/watcher.db")
    upgrade(store)
    stored(store, box=Box.UNASSIGNED)
    store.close()
    assert exit_code(["check"]) == 1
    assert "1 parcel waits for an account: zto 1" in capsys.readouterr().out


def test_without_a_command_the_help_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code([]) == 2
    assert capsys.readouterr().err.count("Usage:") == 1
    exit_code(["run", "--help"])
    assert "[web] host" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["read", "已签收"], ["coverage"]], ids=" ".join)
def test_a_carrier_that_does_not_exist_is_refused(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code([*command, "--carrier", "ztoo"]) == 2
    assert "did you mean 'zto'?" in capsys.readouterr().err


def test_a_carrier_may_be_named_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["read", "已签收", "--carrier", "中通", "--json"]) == 0
    assert "delivered" in capsys.readouterr().out


def test_a_table_too_wide_loses_columns_and_never_cuts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from rich.console import Console

    monkeypatch.setattr(speaking, "_console", lambda: Console(width=40))
    row = ("1", "78400000000009", "a place with a long name, far away")
    speaking.say_whole_table(("item", "number", "place"), [row], less_needed=["place"])
    told = capsys.readouterr().out
    assert "78400000000009" in told
    assert "far away" not in told
    speaking.say_whole_table(("item", "number", "place"), [row])
    told = capsys.readouterr().out
    assert "78400000000009" in told
    assert "a place with a long name, far" in told


def test_the_sandbox_prints_accounts_that_are_accounts() -> None:
    text = "\n".join(to_paste("http://127.0.0.1:8099"))
    exports = [line for line in text.splitlines() if line.startswith("export ")]
    sections = tomllib.loads("\n".join(line for line in text.splitlines() if not line.startswith("export ")))
    assert sections["accounts"]["sf-sandbox"]["source"] == "sf"
    assert any(line.startswith("export WATCHER_SECRET_SF_SANDBOX_PARTNER_ID=") for line in exports)
