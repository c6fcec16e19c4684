"""Staff: who gets in, who does not, and what is kept of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
import sqlalchemy as sa

from watcher import staff
from watcher.clock import ManualClock
from watcher.model import Role
from watcher.store.engine import Store
from watcher.store.tables import staff as staff_table
from watcher.store.tables import staff_session

PASSWORD = "long enough to pass"


@pytest.fixture
def alice(store: Store, clock: ManualClock) -> staff.Staff:
    return staff.add(store, clock, name="alice", role=Role.LEAD, password=PASSWORD)


def enter(
    store: Store, clock: ManualClock, *, name: str = "alice", password: str = PASSWORD
) -> staff.SignedIn | None:
    return staff.sign_in(store, clock, name=name, password=password, session_hours=12)


@pytest.mark.usefixtures("alice")
def test_a_right_password_opens_a_session_that_knows_whose_it_is(store: Store, clock: ManualClock) -> None:
    begun = enter(store, clock)
    assert begun is not None
    known = staff.session(store, clock, begun.token)
    assert known == begun.session
    assert (known.name, known.role) == ("alice", Role.LEAD)


@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize(
    ("name", "password"),
    [("alice", "wrong password"), ("mallory", PASSWORD), ("", ""), ("alice\x00", "\x00")],
)
def test_a_wrong_name_or_password_opens_nothing(
    store: Store, clock: ManualClock, name: str, password: str
) -> None:
    assert enter(store, clock, name=name, password=password) is None


@pytest.mark.usefixtures("alice")
def test_neither_password_nor_token_is_in_the_database(store: Store, clock: ManualClock) -> None:
    begun = enter(store, clock)
    assert begun is not None
    with store.read() as connection:
        kept = [*connection.execute(sa.select(staff_table)), *connection.execute(sa.select(staff_session))]
    assert PASSWORD not in repr(kept)
    assert begun.token not in repr(kept)
    assert begun.token not in repr(begun)


@pytest.mark.usefixtures("alice")
def test_a_session_runs_out(store: Store, clock: ManualClock) -> None:
    begun = enter(store, clock)
    assert begun is not None
    clock.advance(timedelta(hours=12) - timedelta(seconds=1))
    assert staff.session(store, clock, begun.token) is not None
    clock.advance(timedelta(seconds=1))
    assert staff.session(store, clock, begun.token) is None


@pytest.mark.usefixtures("alice")
def test_signing_out_ends_this_session_only(store: Store, clock: ManualClock) -> None:
    here, there = enter(store, clock), enter(store, clock)
    assert here is not None
    assert there is not None
    staff.sign_out(store, here.token)
    assert staff.session(store, clock, here.token) is None
    assert staff.session(store, clock, there.token) is not None


@pytest.mark.usefixtures("alice")
def test_a_disabled_person_is_out_at_once_and_stays_out(store: Store, clock: ManualClock) -> None:
    begun = enter(store, clock)
    assert begun is not None
    staff.disable(store, clock, name="alice")
    assert staff.session(store, clock, begun.token) is None
    assert enter(store, clock) is None
    assert staff.list_all(store)[0].disabled_at == clock.now()


@pytest.mark.usefixtures("alice")
def test_a_new_password_ends_old_sessions_and_lets_a_disabled_person_in(
    store: Store, clock: ManualClock
) -> None:
    begun = enter(store, clock)
    assert begun is not None
    staff.disable(store, clock, name="alice")
    staff.set_password(store, name="alice", password="another long one")
    assert staff.session(store, clock, begun.token) is None
    assert enter(store, clock) is None
    assert enter(store, clock, password="another long one") is not None


@pytest.mark.usefixtures("alice")
def test_a_name_is_taken_once(store: Store, clock: ManualClock) -> None:
    with pytest.raises(staff.NameTaken, match="alice is taken"):
        staff.add(store, clock, name=" alice ", role=Role.AGENT, password=PASSWORD)


@pytest.mark.parametrize("password", ["short", "alice-alice"])
def test_a_weak_password_is_refused_with_what_to_do(store: Store, clock: ManualClock, password: str) -> None:
    with pytest.raises(staff.WeakPassword, match="at least 10 characters"):
        staff.add(store, clock, name="alice-alice", role=Role.AGENT, password=password)
    assert staff.list_all(store) == []


@pytest.mark.parametrize("name", ["", "   ", "two\nlines", "n" * 61])
def test_an_unfit_name_is_refused(sqlite_store: Store, clock: ManualClock, name: str) -> None:
    with pytest.raises(staff.StaffError, match="1 to 60"):
        staff.add(sqlite_store, clock, name=name, role=Role.AGENT, password=PASSWORD)


def test_nobody_can_be_changed_who_is_unknown(sqlite_store: Store, clock: ManualClock) -> None:
    with pytest.raises(staff.UnknownStaff, match="staff list"):
        staff.disable(sqlite_store, clock, name="nobody")
    with pytest.raises(staff.UnknownStaff, match="staff list"):
        staff.set_password(sqlite_store, name="nobody", password=PASSWORD)


def test_the_first_start_makes_one_admin_and_tells_the_password_once(
    store: Store, clock: ManualClock
) -> None:
    password = staff.first_admin(store, clock)
    assert password is not None
    begun = enter(store, clock, name="admin", password=password)
    assert begun is not None
    assert begun.session.role is Role.ADMIN
    assert staff.first_admin(store, clock) is None
    assert len(staff.list_all(store)) == 1


@pytest.mark.usefixtures("alice")
def test_sessions_that_ran_out_are_swept_when_the_next_begins(store: Store, clock: ManualClock) -> None:
    enter(store, clock)
    clock.advance(timedelta(days=2))
    enter(store, clock)
    with store.read() as connection:
        assert len(list(connection.execute(sa.select(staff_session)))) == 1


def a_door(store: Store, clock: ManualClock) -> staff.FrontDoor:
    return staff.FrontDoor(store, clock, session_hours=12)


def hammer(door: staff.FrontDoor, *, name: str, address: str, times: int = staff.TRIES) -> None:
    for _ in range(times):
        assert door.sign_in(name=name, password="a wrong one", address=address) is None


@pytest.fixture
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The door's counting is what is tested, not argon2."""
    monkeypatch.setattr(
        staff, "_hasher", lambda: staff.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    )


@pytest.mark.usefixtures("_cheap_hashes")
def test_ten_wrong_tries_shut_a_name_for_five_minutes_from_everywhere(
    sqlite_store: Store, clock: ManualClock
) -> None:
    staff.add(sqlite_store, clock, name="alice", role=Role.LEAD, password=PASSWORD)
    door = a_door(sqlite_store, clock)
    hammer(door, name="alice", address="192.0.2.1")
    with pytest.raises(staff.TooManyTries, match="wait five minutes"):
        door.sign_in(name="alice", password=PASSWORD, address="192.0.2.2")
    clock.advance(staff.TRIES_WITHIN)
    assert door.sign_in(name="alice", password=PASSWORD, address="192.0.2.2") is not None


@pytest.mark.usefixtures("_cheap_hashes")
def test_ten_wrong_tries_shut_an_address_for_all_names_and_nobody_else(
    sqlite_store: Store, clock: ManualClock
) -> None:
    staff.add(sqlite_store, clock, name="alice", role=Role.LEAD, password=PASSWORD)
    door = a_door(sqlite_store, clock)
    for number in range(staff.TRIES):
        hammer(door, name=f"guess {number}", address="192.0.2.1", times=1)
    with pytest.raises(staff.TooManyTries):
        door.sign_in(name="alice", password=PASSWORD, address="192.0.2.1")
    assert door.sign_in(name="alice", password=PASSWORD, address="192.0.2.2") is not None


@pytest.mark.usefixtures("_cheap_hashes")
def test_right_passwords_do_not_use_up_the_tries(sqlite_store: Store, clock: ManualClock) -> None:
    staff.add(sqlite_store, clock, name="alice", role=Role.LEAD, password=PASSWORD)
    door = a_door(sqlite_store, clock)
    for _ in range(staff.TRIES + 2):
        assert door.sign_in(name="alice", password=PASSWORD, address="192.0.2.1") is not None


@pytest.mark.usefixtures("_cheap_hashes")
def test_many_tries_at_once_are_no_way_round_the_limit(sqlite_store: Store, clock: ManualClock) -> None:
    door = a_door(sqlite_store, clock)

    def attempt(_number: int) -> bool:
        try:
            return door.sign_in(name="alice", password="a wrong one", address="192.0.2.1") is None
        except staff.TooManyTries:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(30))) == staff.TRIES


def test_a_door_that_is_crowded_says_so_at_once(
    sqlite_store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staff, "_HASHES_AT_ONCE", 0)
    monkeypatch.setattr(staff, "_WAIT_SECONDS", 0)
    with pytest.raises(staff.TooManyTries, match="at once"):
        a_door(sqlite_store, clock).sign_in(name="alice", password=PASSWORD, address="192.0.2.1")


def test_a_crowd_at_the_door_leaves_the_house_its_threads(
    sqlite_store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One hash is computed and nobody may wait: the next is sent away at once."""
    monkeypatch.setattr(staff, "_HASHES_AT_ONCE", 1)
    monkeypatch.setattr(staff, "_WAITING_AT_ONCE", 0)
    door, hashing, done = a_door(sqlite_store, clock), Event(), Event()

    def slow_sign_in(*_: object, **__: object) -> None:
        hashing.set()
        assert done.wait(30)

    monkeypatch.setattr(staff, "sign_in", slow_sign_in)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(door.sign_in, name="alice", password=PASSWORD, address="192.0.2.1")
        assert hashing.wait(30)
        with pytest.raises(staff.TooManyTries, match="at once"):
            door.sign_in(name="bob", password=PASSWORD, address="192.0.2.2")
        done.set()
        assert first.result(30) is None


@pytest.mark.usefixtures("_cheap_hashes")
def test_names_that_were_tried_are_forgotten(sqlite_store: Store, clock: ManualClock) -> None:
    door = a_door(sqlite_store, clock)
    for number in range(5):
        door.sign_in(name=f"nobody {number}" * 1000, password="a wrong one", address=f"192.0.2.{number}")
    clock.advance(staff.TRIES_WITHIN)
    door.sign_in(name="alice", password="a wrong one", address="192.0.2.9")
    assert set(door._tries) == {"name alice", "address 192.0.2.9"}


@pytest.mark.usefixtures("_cheap_hashes")
def test_a_hash_of_an_older_cost_is_made_anew_at_the_next_sign_in(
    sqlite_store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff.add(sqlite_store, clock, name="alice", role=Role.LEAD, password=PASSWORD)
    dearer = staff.PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    monkeypatch.setattr(staff, "_hasher", lambda: dearer)
    assert enter(sqlite_store, clock) is not None
    with sqlite_store.read() as connection:
        kept = connection.execute(sa.select(staff_table.c.password_hash)).scalar_one()
    assert "m=16,t=2" in kept
    assert enter(sqlite_store, clock) is not None


def test_the_last_admin_is_not_shut_out(store: Store, clock: ManualClock) -> None:
    staff.add(store, clock, name="root", role=Role.ADMIN, password=PASSWORD)
    with pytest.raises(staff.LastAdmin, match="root is the last admin"):
        staff.disable(store, clock, name="root")
    staff.add(store, clock, name="second", role=Role.ADMIN, password=PASSWORD)
    staff.disable(store, clock, name="root")
    with pytest.raises(staff.LastAdmin):
        staff.disable(store, clock, name="second")
