"""People who sign in, their sessions, and which numbers they have looked at: rows in, rows out.

Passwords and session tokens come here only as hashes.
"""

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from watcher.model import Role
from watcher.store.tables import reveal, staff, staff_session
from watcher.store.upserts import upsert


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One person; `language` is None until they choose one."""

    id: int
    name: str
    role: Role
    language: str | None
    created_at: datetime
    disabled_at: datetime | None
    password_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A signed-in browser and whose it is."""

    staff_id: int
    name: str
    role: Role
    language: str | None
    form_token: str = field(repr=False)
    expires_at: datetime


def is_empty(connection: sa.Connection) -> bool:
    """Whether nobody at all is known."""
    return connection.execute(sa.select(staff.c.id).limit(1)).first() is None


def insert(
    connection: sa.Connection, *, name: str, role: Role, password_hash: str, at: datetime
) -> int | None:
    """A new person's id; None when the name is taken."""
    statement = (
        upsert(connection, staff)
        .values(name=name, role=role, password_hash=password_hash, created_at=at)
        .on_conflict_do_nothing(index_elements=["name"])
        .returning(staff.c.id)
    )
    return connection.execute(statement).scalar_one_or_none()


def everybody(connection: sa.Connection) -> list[StaffRow]:
    """All staff by name."""
    return [_staff_of(row) for row in connection.execute(sa.select(staff).order_by(staff.c.name))]


def by_name(connection: sa.Connection, name: str) -> StaffRow | None:
    """The person who signs in with `name`."""
    row = connection.execute(sa.select(staff).where(staff.c.name == name)).first()
    return _staff_of(row) if row else None


def disable(connection: sa.Connection, name: str, *, at: datetime) -> bool:
    """Shut a person out and end their sessions; False when there is no such person."""
    statement = sa.update(staff).where(staff.c.name == name).values(disabled_at=at)
    if not connection.execute(statement).rowcount:
        return False
    _end_sessions_of(connection, name)
    return True


def change_password(connection: sa.Connection, name: str, *, password_hash: str) -> bool:
    """Set a new hash, let a disabled person in again, and end all sessions; False when there is no such person."""
    statement = sa.update(staff).where(staff.c.name == name)
    if not connection.execute(statement.values(password_hash=password_hash, disabled_at=None)).rowcount:
        return False
    _end_sessions_of(connection, name)
    return True


def improve_hash(connection: sa.Connection, staff_id: int, *, password_hash: str) -> None:
    """Replace a hash by one of the same password with today's cost."""
    connection.execute(sa.update(staff).where(staff.c.id == staff_id).values(password_hash=password_hash))


def choose_language(connection: sa.Connection, staff_id: int, *, language: str) -> None:
    """Remember the language a person reads."""
    connection.execute(sa.update(staff).where(staff.c.id == staff_id).values(language=language))


def open_session(
    connection: sa.Connection,
    staff_id: int,
    *,
    token_hash: str,
    form_token: str,
    at: datetime,
    until: datetime,
) -> None:
    """Write a session, and sweep away those that have run out."""
    connection.execute(sa.delete(staff_session).where(staff_session.c.expires_at <= at))
    connection.execute(
        sa.insert(staff_session).values(
            token_hash=token_hash, staff_id=staff_id, form_token=form_token, created_at=at, expires_at=until
        )
    )


def session_by_hash(connection: sa.Connection, token_hash: str, *, now: datetime) -> SessionRow | None:
    """The session that still runs, of a person who may still sign in."""
    query = (
        sa.select(staff_session, staff.c.name, staff.c.role, staff.c.language)
        .join(staff, staff.c.id == staff_session.c.staff_id)
        .where(
            staff_session.c.token_hash == token_hash,
            staff_session.c.expires_at > now,
            staff.c.disabled_at.is_(None),
        )
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    return SessionRow(row.staff_id, row.name, Role(row.role), row.language, row.form_token, row.expires_at)


def close_session(connection: sa.Connection, token_hash: str) -> None:
    """Forget one session."""
    connection.execute(sa.delete(staff_session).where(staff_session.c.token_hash == token_hash))


def hold(connection: sa.Connection, staff_id: int) -> None:
    """Let a person's other requests wait until the transaction ends (SQLite has one writer at a time anyway)."""
    connection.execute(sa.select(staff.c.id).where(staff.c.id == staff_id).with_for_update(key_share=True))


def reveals_since(connection: sa.Connection, staff_id: int, *, since: datetime) -> int:
    """How often this person has revealed numbers after `since`."""
    query = sa.select(sa.func.count()).select_from(reveal)
    return int(
        connection.execute(query.where(reveal.c.staff_id == staff_id, reveal.c.at > since)).scalar_one()
    )


def last_reveal(connection: sa.Connection, staff_id: int, *, shipment_id: int) -> datetime | None:
    """When this person last revealed the numbers of this shipment."""
    query = sa.select(sa.func.max(reveal.c.at)).where(
        reveal.c.staff_id == staff_id, reveal.c.shipment_id == shipment_id
    )
    moment: datetime | None = connection.execute(query).scalar_one()
    return moment


def add_reveal(connection: sa.Connection, staff_id: int, *, shipment_id: int, at: datetime) -> None:
    """Write down that a person looked."""
    connection.execute(sa.insert(reveal).values(staff_id=staff_id, shipment_id=shipment_id, at=at))


def _end_sessions_of(connection: sa.Connection, name: str) -> None:
    theirs = sa.select(staff.c.id).where(staff.c.name == name).scalar_subquery()
    connection.execute(sa.delete(staff_session).where(staff_session.c.staff_id == theirs))


def _staff_of(row: sa.Row[tuple[object, ...]]) -> StaffRow:
    cells = row._mapping  # noqa: SLF001 - the documented way to read a row by name
    return StaffRow(
        id=cells["id"],
        name=cells["name"],
        role=Role(cells["role"]),
        language=cells["language"],
        created_at=cells["created_at"],
        disabled_at=cells["disabled_at"],
        password_hash=cells["password_hash"],
    )
