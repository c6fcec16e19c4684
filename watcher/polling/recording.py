"""Writes what one round of questions, or one push, has brought: in one place and one transaction.

For every shipment concerned: one poll row, its new scans, its next time. An answer that says nothing new costs one
digest comparison and its part of one bulk update; no text is read and no old scan is loaded.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from carriers import errors
from carriers.contract import Scan, Track
from carriers.errors import CarrierError
from carriers.reading.reader import Reader
from watcher.labelling.known import KnownLabels, LabelledReader
from watcher.model import Box, PollOutcome, PollReason, PollWay, PushState
from watcher.polling.history import Merge, history_of, merge
from watcher.polling.schedule import Asked, Timetable, next_poll
from watcher.polling.texts import TextRead, counted, noted
from watcher.routing import Routes
from watcher.store import polls, pushes, scans, watches
from watcher.store.polls import Poll
from watcher.store.watches import Watch

Number = tuple[str, str]
"""(carrier, tracking number)"""

_ASKED = frozenset({Box.WATCHING, Box.GIVEN_UP})
_ENDED_BY_CARRIER = frozenset({Box.SETTLED, Box.RETURNED, Box.CANCELLED})
_DOUBT = "?"
"""Before the digest of an answer that was not believed in all."""

_OUTCOMES: Mapping[type[CarrierError], PollOutcome] = {
    errors.SourceUnreachable: PollOutcome.UNREACHABLE,
    errors.SourceUnavailable: PollOutcome.UNAVAILABLE,
    errors.RateLimited: PollOutcome.RATE_LIMITED,
    errors.AuthenticationFailed: PollOutcome.AUTHENTICATION_FAILED,
    errors.AccessDenied: PollOutcome.ACCESS_DENIED,
    errors.QuotaExhausted: PollOutcome.QUOTA_EXHAUSTED,
    errors.InvalidNumber: PollOutcome.INVALID_NUMBER,
    errors.NotFoundYet: PollOutcome.NOT_FOUND_YET,
    errors.OwnershipRefused: PollOutcome.OWNERSHIP_REFUSED,
    errors.Expired: PollOutcome.EXPIRED,
    errors.UnreadableResponse: PollOutcome.UNREADABLE,
}


_NOT_SHOWN = frozenset({PollOutcome.INVALID_NUMBER, PollOutcome.OWNERSHIP_REFUSED, PollOutcome.EXPIRED})


@dataclass(frozen=True, slots=True)
class Answered:
    """What was said about one number, or why nothing was; `asked_at` is when the question left, where we asked."""

    number: Number
    answer: Track | CarrierError
    reason: PollReason | None = None
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What one recording changed, for the metrics: outcomes with their counts, new scans, and of each carrier how many
    texts were read and how many of them explained."""

    outcomes: Mapping[PollOutcome, int]
    new_scans: int
    unmapped: int
    texts: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(slots=True)
class _Page:
    """The rows of one recording while it is made; `known` holds the standing scans of shipments with news, `labelled`
    the reader of their texts, where there are any."""

    now: datetime
    known: Mapping[int, Sequence[Scan]]
    labelled: LabelledReader
    texts: list[TextRead] = field(default_factory=list)
    polls: list[Poll] = field(default_factory=list)
    watches: list[dict[str, Any]] = field(default_factory=list)
    scans: dict[int, list[Scan]] = field(default_factory=dict)
    withdrawn: dict[int, frozenset[str]] = field(default_factory=dict)
    unmapped: dict[str, int] = field(default_factory=dict)
    not_subscribed: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Recorder:
    """Records answers of one account's source.

    `pushed_carriers` are those about whose parcels pushes are asked for; `called_back` says whether they reach us.
    `routes` tells whom to ask about a number that this source does not show.
    """

    account: str
    source: str
    reader: Reader
    timetable: Timetable
    minimum_interval: timedelta
    pushed_carriers: frozenset[str] = frozenset()
    called_back: bool = True
    routes: Routes = field(default_factory=lambda: Routes({}))
    labels: KnownLabels = field(default_factory=KnownLabels)

    def record(
        self, connection: sa.Connection, answers: Iterable[Answered], *, way: PollWay, now: datetime
    ) -> Told:
        """Write everything that `answers` say; one answer concerns every shipment that carries its number."""
        said = {answered.number: answered for answered in answers}
        concerned = watches.of_numbers(connection, self.account, said)
        page = self._page(connection, _with_news(said, concerned), now=now)
        for number, answered in said.items():
            self._record_number(connection, page, answered, concerned.get(number, []), way=way, now=now)
        links = noted(connection, page.texts, page.labelled, at=now)
        scans.add(connection, page.scans, source=self.source, seen_at=now, links=links)
        scans.withdraw(connection, page.withdrawn, at=now)
        polls.add(connection, page.polls)
        watches.update_many(connection, page.watches)
        polls.note_unmapped(connection, page.unmapped, source=self.source, at=now)
        pushes.want(connection, self.account, page.not_subscribed, at=now)
        return _told(page)

    def _page(self, connection: sa.Connection, with_news: Sequence[int], *, now: datetime) -> _Page:
        known = scans.standing(connection, with_news)
        labelled = self.labels.over(self.reader, connection) if with_news else LabelledReader(self.reader)
        return _Page(now=now, known=known, labelled=labelled)

    def _record_number(
        self,
        connection: sa.Connection,
        page: _Page,
        answered: Answered,
        concerned: Sequence[Watch],
        *,
        way: PollWay,
        now: datetime,
    ) -> None:
        for watch in concerned:
            after = self._after(connection, page, watch, answered, way=way)
            new_scans = len(page.scans.get(watch.shipment_id, ()))
            page.watches.append(self._learnt(watch, after, answered.answer, way=way, now=now))
            page.polls.append(
                _poll(self.account, watch, after, answered, way=way, now=now, new_scans=new_scans)
            )
            if isinstance(answered.answer, Track):
                page.unmapped |= dict.fromkeys(answered.answer.unmapped_codes, watch.shipment_id)
            if watch.push is None and watch.carrier in self.pushed_carriers:
                page.not_subscribed.append(watch.shipment_id)

    def _after(
        self, connection: sa.Connection, page: _Page, watch: Watch, answered: Answered, *, way: PollWay
    ) -> Watch:
        """The watch as the answer leaves it; its new scans go onto the page."""
        answer = answered.answer
        if isinstance(answer, CarrierError):
            outcome = _outcome_of(answer)
            failures = 0 if outcome.answered else watch.failures_in_a_row + 1
            return replace(watch, last_outcome=outcome, failures_in_a_row=failures)
        unchanged = replace(watch, last_outcome=PollOutcome.UNCHANGED, failures_in_a_row=0)
        if answer.digest == watch.track_digest:
            return unchanged
        said = merge(page.known[watch.shipment_id], answer)
        merged = (
            said.without(_doubted(connection, watch, said, answered, way=way)) if said.withdrawn else said
        )
        # an answer that is not believed in all is to be merged again when it is repeated
        digest = answer.digest if merged == said else f"{_DOUBT}{answer.digest}"
        return self._merged(page, replace(unchanged, track_digest=digest), merged)

    def _merged(self, page: _Page, watch: Watch, merged: Merge) -> Watch:
        if not merged.changes:
            return watch
        read = [
            TextRead(
                watch.shipment_id,
                watch.carrier,
                scan,
                page.labelled.reader.examine(scan, carrier=watch.carrier),
            )
            for scan in merged.new
        ]
        page.texts += read
        new = [text.examined.scan for text in read]
        page.scans[watch.shipment_id] = new
        page.withdrawn[watch.shipment_id] = merged.withdrawn
        left = [scan for scan in page.known[watch.shipment_id] if scan.identity not in merged.withdrawn]
        history = history_of([*left, *new], now=page.now)
        return replace(
            watch,
            last_outcome=PollOutcome.NEW_SCANS,
            milestone=history.milestone,
            milestone_since=history.milestone_since,
            last_scan_at=history.last_scan_at,
        )

    def _learnt(
        self,
        before: Watch,
        after: Watch,
        answer: Track | CarrierError,
        *,
        way: PollWay,
        now: datetime,
    ) -> dict[str, Any]:
        """The row of `watch` after one answer."""
        outcome = after.last_outcome
        assert outcome is not None  # noqa: S101 - _after always sets it
        decided = next_poll(self._asked(after, answer), self.timetable, now=now)
        # a parcel that had come to its end and is told to move again is watched again
        watched = before.box in _ASKED or (
            outcome is PollOutcome.NEW_SCANS and before.box in _ENDED_BY_CARRIER
        )
        unheard = (
            outcome is PollOutcome.UNCHANGED
            and before.last_outcome is not None
            and before.last_outcome.answered
        )
        learnt = {
            "shipment_id": before.shipment_id,
            "account": before.account,
            "route_reason": before.route_reason,
            "asked_elsewhere": "\n".join(before.asked_elsewhere),
            "box": decided.box if watched else before.box,
            "milestone": after.milestone,
            "milestone_since": after.milestone_since,
            "last_scan_at": after.last_scan_at,
            "next_poll_at": decided.at if watched else None,
            "poll_reason": decided.reason,
            "last_polled_at": now if way is PollWay.POLL else before.last_polled_at,
            "last_answered_at": now
            if outcome.answered and _tells_all(answer, way)
            else before.last_answered_at,
            "last_outcome": outcome,
            "failures_in_a_row": after.failures_in_a_row,
            "track_digest": after.track_digest,
            "evaluate_at": before.evaluate_at if unheard and decided.box is before.box else now,
            "coverage_pending": before.coverage_pending or outcome is PollOutcome.NEW_SCANS,
        }
        return learnt | self._elsewhere(after, now=now) if watched else learnt

    def _elsewhere(self, watch: Watch, *, now: datetime) -> dict[str, Any]:
        """Whom to ask next about a number that this source does not show; nothing where nobody is left, or it may yet.

        The next one is asked at once; its answer counts as the first.
        """
        if watch.last_scan_at is not None or not self._does_not_show(watch, now=now):
            return {}
        asked = tuple(dict.fromkeys((*watch.asked_elsewhere, self.account)))
        choice = self.routes.after(watch.carrier, asked, has_tail=watch.has_tail)
        if choice is None:
            return self._home_again(watch, asked)
        return {
            "account": choice.account,
            "route_reason": choice.why,
            "asked_elsewhere": "\n".join(asked),
            "box": Box.WATCHING,
            "next_poll_at": now,
            "poll_reason": PollReason.OTHER_SOURCE,
            "failures_in_a_row": 0,
        }

    def _home_again(self, watch: Watch, asked: tuple[str, ...]) -> dict[str, Any]:
        """A number that nobody has a record of yet is left to the first choice, as it would be without the others."""
        home = self.routes.first(watch.carrier, has_tail=watch.has_tail)
        if home is None or watch.last_outcome is not PollOutcome.NOT_FOUND_YET:
            return {}
        return {
            "account": home.account,
            "route_reason": home.why,
            "asked_elsewhere": "\n".join(asked),
        }

    def _does_not_show(self, watch: Watch, *, now: datetime) -> bool:
        if watch.last_outcome is PollOutcome.NOT_FOUND_YET:
            return now - watch.watched_since >= self.timetable.ask_elsewhere
        return watch.last_outcome in _NOT_SHOWN

    def _asked(self, watch: Watch, answer: Track | CarrierError) -> Asked:
        assert watch.last_outcome is not None  # noqa: S101 - _after always sets it
        return Asked(
            tracking_number=watch.tracking_number,
            outcome=watch.last_outcome,
            milestone=watch.milestone,
            milestone_since=watch.milestone_since,
            progress_at=watch.last_scan_at or watch.watched_since,
            minimum_interval=self.minimum_interval,
            failures_in_a_row=watch.failures_in_a_row,
            retry_after=answer.retry_after if isinstance(answer, CarrierError) else None,
            pushed=self.called_back and watch.push is PushState.ACTIVE,
        )


def _tells_all(answer: Track | CarrierError, way: PollWay) -> bool:
    """Whether silence after it is silence: one pushed line, of which more are on their way, proves none."""
    return way is PollWay.POLL or not isinstance(answer, Track) or answer.complete


def _with_news(said: Mapping[Number, Answered], concerned: Mapping[Number, Sequence[Watch]]) -> list[int]:
    """The shipments whose answer is a track that is not the one we know."""
    return [
        watch.shipment_id
        for number, answered in said.items()
        if isinstance(answered.answer, Track)
        for watch in concerned.get(number, ())
        if answered.answer.digest != watch.track_digest
    ]


def _doubted(
    connection: sa.Connection, watch: Watch, said: Merge, answered: Answered, *, way: PollWay
) -> frozenset[str]:
    """The lines that an answer without them does not withdraw, because it may be older than they are.

    A poll can be overtaken by a push, a push by another, and a source answers from a cache at times: what only takes
    lines away counts when a poll says it and it is said for the second time.
    """
    answer = answered.answer
    repeated = isinstance(answer, Track) and watch.track_digest == f"{_DOUBT}{answer.digest}"
    if not said.new and (way is PollWay.PUSH or not repeated):
        return said.withdrawn
    if way is PollWay.PUSH or answered.asked_at is None:
        return frozenset()
    return scans.seen_after(connection, watch.shipment_id, moment=answered.asked_at)


def _outcome_of(error: CarrierError) -> PollOutcome:
    return next(
        (outcome for kind, outcome in _OUTCOMES.items() if isinstance(error, kind)), PollOutcome.UNREADABLE
    )


def _poll(
    account: str,
    watch: Watch,
    after: Watch,
    answered: Answered,
    *,
    way: PollWay,
    now: datetime,
    new_scans: int,
) -> Poll:
    assert after.last_outcome is not None  # noqa: S101 - _after always sets it
    failed = answered.answer if isinstance(answered.answer, CarrierError) else None
    return Poll(
        shipment_id=watch.shipment_id,
        account=account,
        way=way,
        reason=answered.reason or watch.poll_reason,
        outcome=after.last_outcome,
        polled_at=now,
        new_scans=new_scans,
        code=None if failed is None else failed.code,
        detail=None if failed is None else failed.detail or None,
    )


def _told(page: _Page) -> Told:
    outcomes: dict[PollOutcome, int] = {}
    for poll in page.polls:
        outcomes[poll.outcome] = outcomes.get(poll.outcome, 0) + 1
    return Told(
        outcomes=outcomes,
        new_scans=sum(map(len, page.scans.values())),
        unmapped=len(page.unmapped),
        texts=counted(page.texts),
    )
