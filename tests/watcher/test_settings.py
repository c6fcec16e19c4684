"""Settings: the file that describes every key, what is refused and how it is said, environment, secrets."""

import re
import tomllib
from pathlib import Path

import pytest

from watcher.settings import (
    AccountSettings,
    Settings,
    SettingsError,
    account_credentials,
    load_settings,
    read_secret,
)
from watcher.settings_faults import leaves

DESCRIBED = Path(__file__).parents[2] / "config" / "watcher.toml"
PASSWORD = "hunter2-not-to-be-seen"


def written(folder: Path, text: str) -> Path:
    file = folder / "watcher.toml"
    file.write_text(text, encoding="utf-8")
    return file


def problems(folder: Path, text: str = "", **environ: str) -> str:
    with pytest.raises(SettingsError) as raised:
        load_settings(written(folder, text), environ)
    return str(raised.value)


def test_the_described_file_is_exactly_the_defaults() -> None:
    assert load_settings(DESCRIBED, {}) == Settings()


def test_every_key_is_described_with_its_default() -> None:
    table = tomllib.loads(DESCRIBED.read_text(encoding="utf-8"))
    for path, _ in leaves(Settings):
        section = table
        for name in path[:-1]:
            section = section[name]
        assert path[-1] in section, f"{'.'.join(path)} is not in config/watcher.toml"


def test_every_key_of_the_file_has_a_comment_above_it_or_above_its_group() -> None:
    described = False
    for line in DESCRIBED.read_text(encoding="utf-8").splitlines():
        if not line.strip():
            described = False
        described = described or line.startswith("#")
        assert described or "=" not in line, line


def test_every_account_key_is_described() -> None:
    text = DESCRIBED.read_text(encoding="utf-8")
    for field in AccountSettings.__struct_fields__:
        assert re.search(rf"^#   {field}\b", text, re.MULTILINE), field


def test_the_account_examples_load_when_uncommented(tmp_path: Path) -> None:
    text = DESCRIBED.read_text(encoding="utf-8")
    examples = text[text.index("# [accounts.sf-main]") :].replace("# ", "").replace("#\n", "\n")
    settings = load_settings(written(tmp_path, examples), {})
    assert {name: account.source for name, account in settings.accounts.items()} == {
        "sf-main": "sf",
        "zto-main": "zto",
        "kuaidi100-main": "kuaidi100",
    }
    assert settings.accounts["kuaidi100-main"].carriers == ("sf",)


def test_without_a_file_everything_is_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings(None, {}) == Settings()


def test_the_file_is_the_given_one_then_the_named_one_then_the_one_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "[web]\nport = 1")
    (tmp_path / "named.toml").write_text("[web]\nport = 2")
    (tmp_path / "given.toml").write_text("[web]\nport = 3")
    assert load_settings(None, {}).web.port == 1
    assert load_settings(None, {"WATCHER_CONFIG": "named.toml"}).web.port == 2
    assert load_settings(Path("given.toml"), {"WATCHER_CONFIG": "named.toml"}).web.port == 3


def test_a_file_that_was_asked_for_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml: there is no such file"):
        load_settings(tmp_path / "nowhere.toml", {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[polling]\ntick_secnds = 3", "[polling] tick_secnds: is not a key here; did you mean 'tick_seconds'?"),
        ("[poling]\ntick_seconds = 3", "poling: is not a key here; did you mean 'polling'?"),
        ("[log]\nclaim_minutes = 3", "it stands elsewhere: queue.claim_minutes"),
        ("[data]\nzzz = 3", "[data] zzz: is not a key here; the keys are: folder"),
        ("[polling.minutes]\nintransit = 3", "[polling.minutes] intransit: is not a key here; did"),
        ("[web]\nport = 'eight'", "[web] port: expected int, got 'eight' (str)"),
        ("[web]\nport = 99999", "[web] port: expected int <= 65535, got 99999 (int)"),
        ("[web]\ncookie_secure = 1", "[web] cookie_secure: expected bool, got 1 (int)"),
        ("[log]\nlevel = 'loud'", "[log] level: expected one of 'debug', 'info', 'warning', 'error', got 'loud' (str)"),
        ("[polling]\ntick_seconds = 0", "[polling] tick_seconds: expected float >= 0.01, got 0 (int)"),
        ("[polling]\ntick_seconds = inf", "[polling] tick_seconds: expected float <= 86400.0, got inf (float)"),
        ("[polling]\nlease_seconds = nan", "[polling] lease_seconds: expected float >= 0.01, got nan (float)"),
        ("[polling]\nretry_minutes = 1e300", "[polling] retry_minutes: expected float <= 525600.0"),
        ("[polling]\nsettle_hours = 1e300", "[polling] settle_hours: expected float <= 10000.0"),
        ("[polling]\ngive_up_days = 9223372036854775807", "[polling] give_up_days: expected int <= 10000"),
        ("[queue]\nclaim_minutes = 1e12", "[queue] claim_minutes: expected float <= 525600.0"),
        ("[web]\nsession_hours = 99999999", "[web] session_hours: expected int <= 10000"),
        ("[accounts.zto]\nsource = 'zto'\nrate_per_second = inf", "rate_per_second: expected float <= 10000.0"),

        ("web = 3", "web: expected a section, got 3 (int)"),
        ("[accounts.zto]\npush = true", "[accounts.zto] source: is missing"),
        ("[accounts]\nzto = 'zto'", "[accounts] zto: is no section; write [accounts.zto]"),
        ("[accounts.'ZTO main']\nsource = 'zto'", "[accounts] ZTO main: a name is of small letters"),
        ("[accounts.zto]\nsource = 'zto'\ncarriers = 'zto'", "carriers: expected array, got 'zto' (str)"),
        ("[accounts.zto]\nsource = 'zto'\nbrust = 3", "[accounts.zto] brust: is not a key here; did you mean 'burst'?"),
        ("[web\nport = 1", "is not valid TOML: "),
        ("[web]\nport = 1\nport = 2", "at line 3"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    told = problems(tmp_path, text)
    assert said in told
    assert told.startswith(str(tmp_path / "watcher.toml"))


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    told = problems(tmp_path, "[web]\nport = 'x'\nhots = 'y'\n[log]\nlevel = 3")
    assert len(told.splitlines()) == 3


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "watcher.toml"
    file.write_bytes("[data]\nfolder = '数据'".encode("gb18030"))
    with pytest.raises(SettingsError, match="is not UTF-8 text"):
        load_settings(file, {})


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "watcher.toml"
    file.write_bytes(b"\xef\xbb\xbf[web]\nport = 9")
    assert load_settings(file, {}).web.port == 9


# --- environment


def test_the_environment_stands_over_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, "[web]\nport = 1\n[accounts.zto-main]\nsource = 'zto'")
    settings = load_settings(
        file,
        {
            "WATCHER_WEB_PORT": "9000",
            "WATCHER_WEB_COOKIE_SECURE": "true",
            "WATCHER_POLLING_MINUTES_IN_TRANSIT": "12.5",
            "WATCHER_ACCOUNTS_ZTO_MAIN_ENABLED": "false",
            "WATCHER_ACCOUNTS_ZTO_MAIN_CARRIERS": "zto, sf",
            "WATCHER_DATABASE_URL": "",
            "HOME": "/root",
        },
    )
    assert settings.web.port == 9000
    assert settings.web.cookie_secure is True
    assert settings.polling.minutes.in_transit == 12.5
    assert not settings.accounts["zto-main"].enabled
    assert settings.accounts["zto-main"].carriers == ("zto", "sf")
    assert settings.database.url == ""


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("WATCHER_WEB_PORT", "eight", "environment: WATCHER_WEB_PORT: expected int, got 'eight' (str)"),
        (
            "WATCHER_WEB_PROT",
            "8",
            "WATCHER_WEB_PROT: there is no such setting; did you mean WATCHER_WEB_PORT?",
        ),
        ("WATCHER_CONFG", "x", "WATCHER_CONFG: there is no such setting; did you mean WATCHER_CONFIG?"),
        ("WATCHER_LOG_LEVEL", "loud", "expected one of 'debug'"),
    ],
)
def test_a_variable_that_is_not_understood_is_refused(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    assert said in problems(tmp_path, "", **{name: value})


def test_variables_that_kubernetes_writes_for_a_service_are_left_alone(tmp_path: Path) -> None:
    links = {
        "WATCHER_PORT": "tcp://10.0.0.1:8080",
        "WATCHER_SERVICE_HOST": "10.0.0.1",
        "WATCHER_SERVICE_PORT_HTTP": "8080",
        "WATCHER_PORT_8080_TCP_ADDR": "10.0.0.1",
        "WATCHER_WEB_PORT": "tcp://10.0.0.1:8080",
    }
    assert load_settings(written(tmp_path, ""), links) == Settings()


# --- secrets


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[accounts.zto-main]\nsource='zto'\napp_key = 'X'", "set WATCHER_SECRET_ZTO_MAIN_APP_KEY"),
        (
            "[accounts.zto-main]\nsource='zto'\ncredentials = {key='X'}",
            "or write the file zto-main.credentials",
        ),
        (
            "[accounts.zto-main]\nsource='zto'\noptions = {app_secret='X'}",
            "set WATCHER_SECRET_ZTO_MAIN_APP_SECRET",
        ),
        ("[database]\npassword = 'X'", "set WATCHER_SECRET_DATABASE_PASSWORD"),
        ("[database]\nurl = 'postgresql+psycopg://u:X@h/d'", "leave the password out of the URL"),
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path, text: str, said: str) -> None:
    told = problems(tmp_path, text.replace("'X'", f"'{PASSWORD}'").replace(":X@", f":{PASSWORD}@"))
    assert said in told
    assert PASSWORD not in told


def test_credentials_come_from_the_environment_and_else_from_files(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, "[accounts.zto-main]\nsource = 'zto'"), {})
    (tmp_path / "zto-main.app_secret").write_text("from-file\n")
    (tmp_path / "zto-main.app_key").write_text("not taken\n")
    environ = {"WATCHER_SECRETS_FOLDER": str(tmp_path), "WATCHER_SECRET_ZTO_MAIN_APP_KEY": "from-environment"}
    found = account_credentials(settings, "zto-main", ["app_key", "app_secret"], environ)
    assert found == {"app_key": "from-environment", "app_secret": "from-file"}


def test_missing_credentials_are_listed_with_both_places_and_without_values(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, "[accounts.zto-main]\nsource = 'zto'"), {})
    environ = {"WATCHER_SECRETS_FOLDER": "/secrets", "WATCHER_SECRET_ZTO_MAIN_ONE": PASSWORD}
    with pytest.raises(SettingsError) as raised:
        account_credentials(settings, "zto-main", ["one", "two", "six"], environ)
    assert raised.value.problems == (
        "accounts.zto-main: two is missing; set WATCHER_SECRET_ZTO_MAIN_TWO or write the file /secrets/zto-main.two",
        "accounts.zto-main: six is missing; set WATCHER_SECRET_ZTO_MAIN_SIX or write the file /secrets/zto-main.six",
    )
    assert PASSWORD not in str(raised.value)


def test_two_accounts_that_would_share_variables_are_refused(tmp_path: Path) -> None:
    # TOML itself keeps equal ids apart; a dash and nothing else may not be the difference either
    told = problems(tmp_path, "[accounts.a-b]\nsource='sf'\n[accounts.a_b]\nsource='sf'")
    assert "would share its environment variables with a-b" in told


def test_the_database_password_goes_into_the_url_and_is_never_shown(tmp_path: Path) -> None:
    file = written(tmp_path, "[database]\nurl = 'postgresql+psycopg://watcher@db/watcher?sslmode=require'")
    settings = load_settings(file, {"WATCHER_SECRET_DATABASE_PASSWORD": "p@ss/word"})
    assert settings.database_url == "postgresql+psycopg://watcher:p%40ss%2Fword@db/watcher?sslmode=require"
    assert "p%40ss" not in repr(settings)
    assert "watcher:***@db" in repr(settings)


def test_a_secret_file_that_cannot_be_read_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "zto.key").mkdir()
    (tmp_path / "zto.empty").write_text("\n")
    environ = {"WATCHER_SECRETS_FOLDER": str(tmp_path)}
    assert read_secret("zto", "key", environ=environ) is None
    assert read_secret("zto", "empty", environ=environ) is None


def test_the_database_lies_in_the_data_folder(tmp_path: Path) -> None:
    assert Settings().database_url == "sqlite:///data/watcher.db"
    settings = load_settings(written(tmp_path, ""), {"WATCHER_DATA_FOLDER": "/data"})
    assert settings.database_url == "sqlite:////data/watcher.db"
