"""What the operator may set: one TOML file, the environment over it, and secrets from neither of the two.

In comes a path (or none) and the environment, out goes one frozen `Settings`. Anything not understood is refused with
the place where it stands and the nearest key there is. `config/watcher.toml` describes every key.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, get_origin
from urllib.parse import quote, urlsplit

import msgspec

from watcher.settings_faults import (
    Place,
    faults,
    leaves,
    nearest,
    secret_variable,
    without_password,
    wrong_value,
)

__all__ = [
    "AccountSettings",
    "Alerting",
    "Coverage",
    "Data",
    "Database",
    "Detection",
    "Log",
    "PollMinutes",
    "Polling",
    "QueueSettings",
    "Reading",
    "Settings",
    "SettingsError",
    "Web",
    "account_credentials",
    "load_settings",
    "read_secret",
    "secret_variable",
    "secrets_folder",
    "which_file",
]

DEFAULT_FILE = Path("watcher.toml")
DEFAULT_SECRETS_FOLDER = Path("/run/secrets")

# nothing may be so long or so many that a date, a thread or a database cannot hold it
Count = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Hour = Annotated[int, msgspec.Meta(ge=0, le=24)]
Seconds = Annotated[float, msgspec.Meta(ge=0.01, le=86_400)]
Minutes = Annotated[float, msgspec.Meta(gt=0, le=525_600)]
Amount = Annotated[float, msgspec.Meta(ge=0, le=10_000)]


class SettingsError(Exception):
    """Something the operator gave cannot be used; `problems` holds one sentence each, never a secret."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """Where files are kept."""

    folder: str = "data"


class Database(msgspec.Struct, frozen=True, kw_only=True):
    """Which database; an empty `url` is an SQLite file in the data folder."""

    url: str = ""

    def __repr__(self) -> str:
        """The URL without its password."""
        return f"Database(url={without_password(self.url)!r})"


class Web(msgspec.Struct, frozen=True, kw_only=True):
    """Console, API and push receiver."""

    host: str = "127.0.0.1"
    port: Port = 8080
    public_url: str = ""
    session_hours: Count = 12
    cookie_secure: bool = False
    trusted_proxies: str = "127.0.0.1"


class Log(msgspec.Struct, frozen=True, kw_only=True):
    """How much is logged, and in which form."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "console"] = "auto"


class PollMinutes(msgspec.Struct, frozen=True, kw_only=True):
    """Minutes between two questions about a parcel, by its milestone."""

    unknown: Minutes = 120
    pre_transit: Minutes = 180
    picked_up: Minutes = 180
    in_transit: Minutes = 180
    arrived_at_destination_city: Minutes = 90
    out_for_delivery: Minutes = 45
    ready_for_pickup: Minutes = 240
    exception: Minutes = 60
    returning: Minutes = 360
    delivered: Minutes = 720


class Polling(msgspec.Struct, frozen=True, kw_only=True):
    """When, how often and how patiently sources are asked."""

    tick_seconds: Seconds = 5
    batches_at_once: Count = 4
    connect_seconds: Seconds = 5
    read_seconds: Seconds = 20
    lease_seconds: Seconds = 15
    first_look_spread_minutes: Amount = 10
    quiet_from_hour: Hour = 0
    quiet_until_hour: Hour = 6
    retry_minutes: Minutes = 5
    retry_longest_minutes: Minutes = 120
    refused_number_minutes: Minutes = 1440
    safety_net_minutes: Minutes = 720
    ask_elsewhere_minutes: Minutes = 720
    settle_hours: Amount = 48
    give_up_days: Count = 30
    breaker_failures: Count = 5
    breaker_open_seconds: Seconds = 60
    breaker_longest_seconds: Seconds = 1800
    minutes: PollMinutes = msgspec.field(default_factory=PollMinutes)


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How texts are read: phrases of the merchant's own, and the loop that reads again what was labelled."""

    phrases: str = ""
    tick_seconds: Seconds = 5
    unknown_texts_per_carrier: Annotated[int, msgspec.Meta(ge=10, le=100_000)] = 2_000


class Detection(msgspec.Struct, frozen=True, kw_only=True):
    """The loop that looks for trouble."""

    tick_seconds: Seconds = 5


class Alerting(msgspec.Struct, frozen=True, kw_only=True):
    """The loop that turns findings into alerts."""

    tick_seconds: Seconds = 5


class QueueSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The loop that puts alerts into the queue, and how long a claim holds."""

    tick_seconds: Seconds = 5
    claim_minutes: Minutes = 15


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """The loop that counts fates by carrier and place."""

    tick_seconds: Seconds = 30


class AccountSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One account at one source, without its secrets. `carriers` empty: all that the source knows; `rate_per_second`
    and `burst` zero: as the source's capability sheet says."""

    source: str
    enabled: bool = True
    carriers: tuple[str, ...] = ()
    base_url: str = ""
    rate_per_second: Amount = 0
    burst: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 0
    push: bool = False
    fen_per_call: Amount = 0
    options: dict[str, str] = msgspec.field(default_factory=dict)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be set, by section."""

    data: Data = msgspec.field(default_factory=Data)
    database: Database = msgspec.field(default_factory=Database)
    web: Web = msgspec.field(default_factory=Web)
    log: Log = msgspec.field(default_factory=Log)
    polling: Polling = msgspec.field(default_factory=Polling)
    reading: Reading = msgspec.field(default_factory=Reading)
    detection: Detection = msgspec.field(default_factory=Detection)
    alerting: Alerting = msgspec.field(default_factory=Alerting)
    queue: QueueSettings = msgspec.field(default_factory=QueueSettings)
    coverage: Coverage = msgspec.field(default_factory=Coverage)
    accounts: dict[str, AccountSettings] = msgspec.field(default_factory=dict)

    @property
    def data_folder(self) -> Path:
        """Where the database file lies."""
        return Path(self.data.folder)

    @property
    def phrase_folders(self) -> tuple[Path, ...]:
        """Folders of phrases beside those that came with the program."""
        return (Path(self.reading.phrases),) if self.reading.phrases else ()

    @property
    def database_url(self) -> str:
        """What the store opens; may hold a password, so never print it."""
        return self.database.url or f"sqlite:///{self.data_folder / 'watcher.db'}"


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings of `path`, else of `WATCHER_CONFIG`, else of `./watcher.toml`, else the defaults; then the
    environment. Raises `SettingsError` with everything that is wrong at once."""
    file = which_file(path, environ)
    table = _parsed(file) if file else {}
    problems = tuple(faults(table, Settings, place=Place(str(file)), root=Settings))
    if problems:
        raise SettingsError(*problems)
    settings = msgspec.convert(_with_environment(table, environ), Settings)
    return _with_database_password(settings, environ)


def which_file(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The file that will be read; None when there is none. A file that was asked for must exist."""
    named = environ.get("WATCHER_CONFIG")
    asked = path or (Path(named) if named else None)
    if asked is None:
        return DEFAULT_FILE if DEFAULT_FILE.is_file() else None
    if not asked.is_file():
        raise SettingsError(f"{asked}: there is no such file")
    return asked


def secrets_folder(environ: Mapping[str, str]) -> Path:
    """Where the files `<account>.<name>` lie."""
    return Path(environ.get("WATCHER_SECRETS_FOLDER") or DEFAULT_SECRETS_FOLDER)


def read_secret(owner: str, name: str, *, environ: Mapping[str, str]) -> str | None:
    """One secret from the environment, else from its file; None where it stands in neither."""
    given = environ.get(secret_variable(owner, name))
    if given:
        return given
    try:
        text = (secrets_folder(environ) / f"{owner}.{name}").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return text or None


def account_credentials(
    settings: Settings, account_id: str, names: Sequence[str], environ: Mapping[str, str]
) -> Mapping[str, str]:
    """The secrets `names` of an account. Raises `SettingsError` with the missing names and both places for each."""
    if account_id not in settings.accounts:
        raise SettingsError(f"accounts: there is no account {account_id!r}")
    found = {name: read_secret(account_id, name, environ=environ) for name in names}
    missing = [name for name, value in found.items() if value is None]
    if missing:
        raise SettingsError(*(_missing(account_id, name, environ=environ) for name in missing))
    return {name: value for name, value in found.items() if value is not None}


def _missing(account: str, name: str, *, environ: Mapping[str, str]) -> str:
    variable, file = secret_variable(account, name), secrets_folder(environ) / f"{account}.{name}"
    return f"accounts.{account}: {name} is missing; set {variable} or write the file {file}"


def _parsed(file: Path) -> dict[str, Any]:
    text = _text(file)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        last = f"at line {len(text.splitlines())}"
        said = str(error).replace("at end of document", last)
        raise SettingsError(f"{file}: is not valid TOML: {said}") from error


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file}: is not UTF-8 text") from error


# Kubernetes writes such variables for a service that is called "watcher" or "watcher-something"
_SERVICE_LINK = re.compile(
    r"WATCHER_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT\w*|PORT_\d+_(?:TCP|UDP)\w*)|WATCHER_PORT"
)
_NOT_OVERRIDES = ("WATCHER_CONFIG", "WATCHER_SECRETS_FOLDER", "WATCHER_TRACEBACK")


def _with_environment(table: dict[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    known = {_variable(path): (path, kind) for path, kind in _overridable(table)}
    merged, problems = table, []
    for name, text in sorted(environ.items()):
        if not _is_override(name, text):
            continue
        if name not in known:
            problems.append(_unknown_variable(name, [*known, *_NOT_OVERRIDES]))
            continue
        path, kind = known[name]
        value = _from_text(text, kind)
        if wrong := wrong_value(value, kind, strict=False):
            problems.append(f"environment: {name}: {wrong}")
        else:
            merged = _put(merged, path, msgspec.convert(value, kind, strict=False))
    if problems:
        raise SettingsError(*problems)
    return merged


def _is_override(name: str, text: str) -> bool:
    # compose files hand over variables that nobody set as empty ones
    if (
        not text
        or not name.startswith("WATCHER_")
        or name in _NOT_OVERRIDES
        or name.startswith("WATCHER_SECRET_")
    ):
        return False
    return not (_SERVICE_LINK.fullmatch(name) or text.startswith(("tcp://", "udp://")))


def _unknown_variable(name: str, known: Sequence[str]) -> str:
    near = nearest(name, known)
    return f"environment: {name}: there is no such setting" + (f"; did you mean {near}?" if near else "")


def _overridable(table: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield from leaves(Settings)
    for name in table.get("accounts", {}):
        yield from leaves(AccountSettings, ("accounts", name))


def _variable(path: Sequence[str]) -> str:
    return "_".join(("watcher", *path)).replace("-", "_").upper()


def _from_text(text: str, kind: Any) -> Any:
    if get_origin(kind) is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text


def _put(table: Mapping[str, Any], path: Sequence[str], value: Any) -> dict[str, Any]:
    first, *rest = path
    return {**table, first: _put(table.get(first, {}), rest, value) if rest else value}


def _with_database_password(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """The URL with the password from the secrets, where it names a user and no password of its own."""
    password = read_secret("database", "password", environ=environ)
    address = urlsplit(settings.database.url)
    if not password or not address.username or address.password:
        return settings
    url = address._replace(netloc=address.netloc.replace("@", f":{quote(password, safe='')}@", 1)).geturl()
    return msgspec.structs.replace(settings, database=Database(url=url))
