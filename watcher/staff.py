"""Who may look: staff, their passwords, and the sessions of their browsers.

A password is kept as an argon2 hash, a session token as its SHA-256; neither leaves this module otherwise. Sessions run
on real time: whoever calls hands over the system's clock, not the demo's.
"""

import hashlib
import secrets
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import BoundedSemaphore, Lock
from typing import Literal

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from watcher.clock import Clock
from watcher.model import Role
from watcher.store import staff as rows
from watcher.store.engine import Store

SHORTEST_PASSWORD = 10
LONGEST_NAME = 60
TRIES = 10
TRIES_WITHIN = timedelta(minutes=5)
_HASHES_AT_ONCE = 2
_WAITING_AT_ONCE = 6
_WAIT_SECONDS = 5
_SWEEP_EVERY = timedelta(minutes=1)
_FIRST_NAME = "admin"


class StaffError(ValueError):
    """What was asked cannot be done; the message says what to do instead."""


class NameTaken(StaffError):
    """Somebody already signs in with this name."""


class UnknownStaff(StaffError):
    """Nobody signs in with this name."""


class WeakPassword(StaffError):
    """Too short, or the same as the name."""


class LastAdmin(StaffError):
    """Nobody else could let people in."""


class TooManyTries(StaffError):
    """This name or address has been refused too often lately."""


@dataclass(frozen=True, slots=True)
class Staff:
    """One person as others may see them."""

    id: int
    name: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. Every form carries `form_token`, which no other site can know."""

    staff_id: int
    name: str
    role: Role
    language: str | None
    form_token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has just begun; `token` goes into the cookie and is kept nowhere."""

    token: str = field(repr=False)
    session: Session


def add(store: Store, clock: Clock, *, name: str, role: Role, password: str) -> Staff:
    """A new person; raises `NameTaken`, `WeakPassword`, or `StaffError` for an empty name."""
    called = _checked_name(name)
    hashed = _hash(called, password)
    now = clock.now()
    with store.write() as connection:
        key = rows.insert(connection, name=called, role=role, password_hash=hashed, at=now)
    if key is None:
        raise NameTaken(f"{called} is taken: choose another name, or set a new password for {called}")
    return Staff(key, called, role, now)


def first_admin(store: Store, clock: Clock) -> str | None:
    """On a store without staff: create `admin` and give its password, this one time; else None."""
    with store.read() as connection:
        if not rows.is_empty(connection):
            return None
    password = secrets.token_urlsafe(15)
    try:
        add(store, clock, name=_FIRST_NAME, role=Role.ADMIN, password=password)
    except NameTaken:
        # another process was first
        return None
    return password


def list_all(store: Store) -> list[Staff]:
    """Everybody, by name."""
    with store.read() as connection:
        return [
            Staff(row.id, row.name, row.role, row.created_at, row.disabled_at)
            for row in rows.everybody(connection)
        ]


def disable(store: Store, clock: Clock, *, name: str) -> None:
    """Shut a person out at once; raises `UnknownStaff`, or `LastAdmin` for the only admin who may sign in."""
    with store.write() as connection:
        if _is_last_admin(connection, name):
            raise LastAdmin(
                f"{name} is the last admin: add another one first (`watcher staff add NAME --role admin`)"
            )
        if not rows.disable(connection, name, at=clock.now()):
            raise UnknownStaff(f"nobody is called {name}: `watcher staff list` shows all names")


def _is_last_admin(connection: sa.Connection, name: str) -> bool:
    # held until the end, so that two admins cannot shut each other out at the same moment
    for admin in _admins(connection):
        rows.hold(connection, admin.id)
    return [admin.name for admin in _admins(connection)] == [name]


def _admins(connection: sa.Connection) -> list[rows.StaffRow]:
    """Those who may sign in, always in the same order."""
    return [one for one in rows.everybody(connection) if one.role is Role.ADMIN and one.disabled_at is None]


def set_password(store: Store, *, name: str, password: str) -> None:
    """A new password: lets a disabled person in again and ends all their sessions; raises `UnknownStaff`."""
    hashed = _hash(name, password)
    with store.write() as connection:
        if not rows.change_password(connection, name, password_hash=hashed):
            raise UnknownStaff(f"nobody is called {name}: `watcher staff list` shows all names")


def choose_language(store: Store, *, staff_id: int, language: Literal["zh", "en"]) -> None:
    """Remember the language a person reads."""
    with store.write() as connection:
        rows.choose_language(connection, staff_id, language=language)


def sign_in(store: Store, clock: Clock, *, name: str, password: str, session_hours: float) -> SignedIn | None:
    """A new session, or None when name or password is wrong (which of the two is never told)."""
    with store.read() as connection:
        row = rows.by_name(connection, name) if _is_name(name) else None
    if row is None:
        # costs as much time as a known name, so that the clock does not tell who works here
        _hasher().hash(password)
        return None
    if not _verifies(row.password_hash, password) or row.disabled_at is not None:
        return None
    if _hasher().check_needs_rehash(row.password_hash):
        with store.write() as connection:
            rows.improve_hash(connection, row.id, password_hash=_hasher().hash(password))
    return _begin(store, row, now=clock.now(), hours=session_hours)


def session(store: Store, clock: Clock, token: str) -> Session | None:
    """Whose browser holds `token`; None when it has run out, was signed out, or its owner was disabled."""
    with store.read() as connection:
        row = rows.session_by_hash(connection, _digest(token), now=clock.now())
    if row is None:
        return None
    return Session(row.staff_id, row.name, row.role, row.language, row.form_token, row.expires_at)


def sign_out(store: Store, token: str) -> None:
    """End the session of `token`; an unknown one is no error."""
    with store.write() as connection:
        rows.close_session(connection, _digest(token))


class FrontDoor:
    """Lets people in, but not faster than it should: few hashes at once, few wrong tries per name and address.

    Lives in one process; several containers each count for themselves.
    """

    def __init__(self, store: Store, clock: Clock, *, session_hours: float) -> None:
        self._store = store
        self._clock = clock
        self._session_hours = session_hours
        self._hashing = BoundedSemaphore(_HASHES_AT_ONCE)
        # whoever waits holds one of the threads that serve all pages
        self._inside = BoundedSemaphore(_HASHES_AT_ONCE + _WAITING_AT_ONCE)
        self._lock = Lock()
        self._tries: defaultdict[str, deque[datetime]] = defaultdict(deque)
        self._swept_at = clock.now()

    def sign_in(self, *, name: str, password: str, address: str) -> SignedIn | None:
        """As `sign_in`; raises `TooManyTries` once `name` or `address` was refused `TRIES` times in `TRIES_WITHIN`,
        and when so many want in at once that the hashes cannot keep up."""
        # what is longer is nobody's name, and is not to be kept in memory
        keys = (f"name {name[: LONGEST_NAME + 1]}", f"address {address}")
        self._count(keys)
        with _held(self._inside, seconds=0), _held(self._hashing, seconds=_WAIT_SECONDS):
            signed_in = sign_in(
                self._store, self._clock, name=name, password=password, session_hours=self._session_hours
            )
        if signed_in is not None:
            self._forgive(keys)
        return signed_in

    def _count(self, keys: tuple[str, ...]) -> None:
        """A try counts before its hash is computed, so that many at once are no way round."""
        now = self._clock.now()
        with self._lock:
            self._forget_old(self._looked_through(keys, now=now), now=now)
            if any(len(self._tries.get(key, ())) >= TRIES for key in keys):
                raise TooManyTries("too many tries: wait five minutes, or ask an admin for a new password")
            for key in keys:
                self._tries[key].append(now)

    def _forgive(self, keys: tuple[str, ...]) -> None:
        with self._lock:
            for key in keys:
                if self._tries.get(key):
                    self._tries[key].pop()

    def _looked_through(self, keys: Sequence[str], *, now: datetime) -> Sequence[str]:
        """`keys`, and only now and then all there are: a flood of names makes that slow."""
        if now - self._swept_at < _SWEEP_EVERY:
            return keys
        self._swept_at = now
        return list(self._tries)

    def _forget_old(self, keys: Sequence[str], *, now: datetime) -> None:
        for key in keys:
            tries = self._tries[key]
            while tries and tries[0] <= now - TRIES_WITHIN:
                tries.popleft()
            if not tries:
                del self._tries[key]


@contextmanager
def _held(place: BoundedSemaphore, *, seconds: float) -> Iterator[None]:
    if not place.acquire(timeout=seconds):
        raise TooManyTries("too many people want in at once: try again in a minute")
    try:
        yield
    finally:
        place.release()


def _begin(store: Store, row: rows.StaffRow, *, now: datetime, hours: float) -> SignedIn:
    token, form_token = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    until = now + timedelta(hours=hours)
    with store.write() as connection:
        rows.open_session(
            connection, row.id, token_hash=_digest(token), form_token=form_token, at=now, until=until
        )
    return SignedIn(token, Session(row.id, row.name, row.role, row.language, form_token, until))


def _checked_name(name: str) -> str:
    called = name.strip()
    if not _is_name(called):
        raise StaffError(f"a name has 1 to {LONGEST_NAME} printable characters")
    return called


def _is_name(name: str) -> bool:
    return 1 <= len(name) <= LONGEST_NAME and name.isprintable()


def _hash(name: str, password: str) -> str:
    if len(password) < SHORTEST_PASSWORD or password == name:
        raise WeakPassword(f"choose at least {SHORTEST_PASSWORD} characters, and not the name")
    return _hasher().hash(password)


def _verifies(stored_hash: str, password: str) -> bool:
    try:
        return _hasher().verify(stored_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _hasher() -> PasswordHasher:
    # argon2id, 64 MB and 3 rounds: RFC 9106's second recommended set
    return PasswordHasher()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
