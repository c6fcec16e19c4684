"""The house itself: its files are there, its papers tell the truth, its walls hold."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer

from carriers.registry import SOURCES
from watcher import __version__
from watcher.cli.root import exit_code, root
from watcher.settings import PollMinutes, Settings, load_settings
from watcher.settings_faults import leaves, secret_variable

HOUSE = Path(__file__).parents[1]
README = (HOUSE / "README.md").read_text(encoding="utf-8")
DOCKERFILE = (HOUSE / "Dockerfile").read_text(encoding="utf-8")
COMMANDS = sorted(typer.main.get_command(root).commands)
PAPERS = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE",
    "NOTICE",
    "Makefile",
    "compose.yaml",
    ".ci/run",
)


def fenced(language: str, text: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def targets() -> set[str]:
    makefile = (HOUSE / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


# --- papers


@pytest.mark.parametrize("name", PAPERS)
def test_the_paper_is_there(name: str) -> None:
    assert (HOUSE / name).stat().st_size > 100


def test_the_licence_is_whole_and_is_the_one_declared() -> None:
    text = (HOUSE / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "Apache-2.0"
    assert project["version"] == __version__


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_what_the_papers_link_to_is_there(name: str) -> None:
    text = (HOUSE / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert (HOUSE / target).exists(), target


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_files_that_the_papers_name_are_there(name: str) -> None:
    text = (HOUSE / name).read_text(encoding="utf-8")
    named = re.findall(r"`((?:carriers|watcher|config|tests|scripts|\.ci)/[\w./]+)`", text)
    for path in named:
        # the walk through adding a carrier speaks of files that the reader is going to write
        assert (HOUSE / path).exists() or "yto" in path, path


def test_every_make_target_of_the_papers_exists() -> None:
    for name in ("README.md", "CONTRIBUTING.md"):
        for line in re.findall(r"`make ([a-z -]+)", (HOUSE / name).read_text(encoding="utf-8")):
            assert set(line.split()) <= targets(), line


def test_the_readme_begins_with_two_commands() -> None:
    assert fenced("console")[0] == "make demo\nmake test\n"


# --- commands


def test_every_command_is_in_the_readme_and_no_other() -> None:
    table = {
        line.split()[1].rstrip("`") for line in re.findall(r"^\| (`watcher [^|]+)", README, re.MULTILINE)
    }
    assert table == set(COMMANDS)


def test_every_command_line_of_the_readme_is_one() -> None:
    lines = [
        line for block in fenced("console") for line in block.splitlines() if line.startswith("watcher ")
    ]
    assert lines
    assert {line.split()[1] for line in lines} <= set(COMMANDS)


@pytest.mark.parametrize("line", [line for line in fenced("console")[-2].splitlines() if line] or ["nothing"])
def test_what_the_readme_shows_of_reading_runs(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(shlex.split(line)[1:]) == 0
    assert capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code([command, "--help"]) == 0
    assert "Usage: watcher" in capsys.readouterr().out


def test_the_accounts_of_the_readme_are_accounts(tmp_path: Path) -> None:
    (example,) = fenced("toml")
    file = tmp_path / "watcher.toml"
    file.write_text(example, encoding="utf-8")
    settings = load_settings(file, {})
    assert settings.accounts
    assert {account.source for account in settings.accounts.values()} <= set(SOURCES)
    assert secret_variable("zto-main", "app_key") in README
    assert "app_key" in SOURCES["zto"].INFO.credentials


def test_the_first_steps_of_the_readme_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert exit_code(["check"]) == 0
    header = re.search(r"such as (订单号[^.]+)\.", README)
    assert header
    columns = header[1].replace("\n", " ").replace(" ", "").split(",")
    cells = ["A-1", "78400000000009", "中通", "李四", "13800000001", "四川省成都市武侯区1号", "99.00"]
    rows = ",".join(columns) + "\n" + ",".join(cells) + "\n"
    (tmp_path / "orders.csv").write_text(rows, encoding="utf-8")
    assert exit_code(["import", "orders.csv"]) == 0
    assert exit_code(["track", "A-1"]) == 0


# --- image


def copied() -> list[str]:
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


@pytest.mark.parametrize("source", copied())
def test_what_the_image_copies_is_there_and_not_ignored(source: str) -> None:
    assert (HOUSE / source).exists()
    assert f"!{source}" in (HOUSE / ".dockerignore").read_text(encoding="utf-8").split()


def test_the_image_copies_all_that_the_wheel_is_made_of() -> None:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*wheel["packages"], *(path.split("/")[0] for path in wheel["force-include"])}
    needed |= {project["project"]["readme"], *project["project"]["license-files"], "pyproject.toml"}
    assert needed == set(copied())


def test_the_image_opens_the_port_that_the_daemon_listens_on() -> None:
    port = Settings().web.port
    assert f"\nEXPOSE {port}\n" in DOCKERFILE
    assert f"'WATCHER_WEB_PORT', '{port}'" in DOCKERFILE
    assert f":{port}" in (HOUSE / "compose.yaml").read_text(encoding="utf-8")


def test_the_image_runs_as_nobody_and_keeps_data_in_its_volume() -> None:
    final = DOCKERFILE.split("\nFROM ")[-1]
    assert "\nUSER 10001:10001\n" in final
    assert "\nVOLUME /data\n" in final
    environ = dict(re.findall(r"(WATCHER_\w+)=(\S+)", final.split("HEALTHCHECK")[0]))
    settings = load_settings(HOUSE / "config" / "watcher.toml", environ)
    assert settings.data_folder == Path("/data")
    assert settings.web.host == "0.0.0.0"


def test_the_image_starts_a_command_that_exists() -> None:
    assert json.loads(re.findall(r"^ENTRYPOINT (.+)$", DOCKERFILE, re.MULTILINE)[0]) == ["watcher"]
    assert json.loads(re.findall(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE)[0])[0] in COMMANDS


def test_the_linter_has_nothing_to_say_about_the_dockerfile() -> None:
    linter = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if linter is None:
        pytest.skip("the linter comes as a program for Linux on x86-64 only")
    ended = subprocess.run([linter, HOUSE / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "")


# --- walls

VIOLATIONS = {
    "carriers never import the watcher": ("carriers/numbers.py", "import watcher.model"),
    "adapters never import each other": ("carriers/china/zto.py", "import carriers.china.sf"),
    "adapters do no I/O and read no clock": ("carriers/china/zto.py", "import time"),
    "the sandbox shares no code with what it tests": ("carriers/sandbox/zto.py", "import carriers.signing"),
    "the reader knows words, not sources": ("carriers/reading/reader.py", "import carriers.registry"),
    "decisions are pure": ("watcher/detection/transit.py", "import watcher.store.scans"),
    "only the poller's side and notify are HTTP clients": ("watcher/queue/cards.py", "import httpx"),
    "only the store migrates": ("watcher/queue/cards.py", "import alembic"),
    "the store knows no stage": ("watcher/store/scans.py", "import watcher.polling.history"),
    "only app puts things together": ("watcher/queue/work.py", "import watcher.app"),
    "only app imports web": ("watcher/queue/work.py", "import watcher.web.saying"),
}


@pytest.mark.slow
def test_every_import_rule_sees_what_breaks_it(tmp_path: Path) -> None:
    for folder in ("carriers", "watcher"):
        shutil.copytree(HOUSE / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HOUSE / "pyproject.toml", tmp_path)
    for path, line in VIOLATIONS.values():
        file = tmp_path / path
        # behind everything, so that docstring and future imports stay where they are
        file.write_text(f"{file.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    ended = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-logo", "--no-cache"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert ended.returncode == 1, ended.stdout
    for name in VIOLATIONS:
        assert re.search(rf"^{re.escape(name)}.* BROKEN", ended.stdout, re.MULTILINE), (name, ended.stdout)
    assert len(VIOLATIONS) == ended.stdout.count(" BROKEN")


def test_every_import_rule_is_tried() -> None:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
    names = [contract["name"] for contract in project["tool"]["importlinter"]["contracts"]]
    assert all(any(name.startswith(tried) for tried in VIOLATIONS) for name in names)
    assert len(names) == len(VIOLATIONS)


def test_the_packages_import_nothing_from_the_tests() -> None:
    ours = {path.stem for path in (HOUSE / "tests").glob("*.py")}
    for folder in ("carriers", "watcher"):
        for path in (HOUSE / folder).rglob("*.py"):
            found = re.findall(r"^\s*(?:from|import) (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
            assert not ours.intersection(found), path


def test_every_setting_is_used() -> None:
    texts = [
        path.read_text(encoding="utf-8")
        for path in (HOUSE / "watcher").rglob("*.py")
        if path.name not in ("settings.py", "settings_faults.py")
    ]
    code = "\n".join(texts)
    # reached by a property of the settings, and by the milestone's word
    otherwise = {"data.folder", *(f"polling.minutes.{name}" for name in PollMinutes.__struct_fields__)}
    names = {".".join(path) for path, _ in leaves(Settings)}
    unused = {name for name in names - otherwise if not re.search(rf"\.{name.split('.')[-1]}\b", code)}
    assert unused == set()
