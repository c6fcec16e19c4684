"""What the daemon says about itself: logs without personal data, and figures for Prometheus.

In come events in words with fixed keys (ours through structlog, others' through the standard library), out go lines on
stderr that one processor has redacted; counters are built for a registry, so two daemons in one process do not mix.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, TextIO

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from watcher.model import Breaker

REDACTED = "[redacted]"

# --- logs

# any of these words in a key's name: the value is about a person or is a secret
_PRIVATE_WORDS = frozenset(
    {
        "address", "authorization", "body", "checkword", "consignee", "cookie", "courier", "credentials", "key",
        "mobile", "note", "params", "password", "payload", "phone", "phones", "receiver", "recipient", "secret",
        "sender", "shipper", "sign", "signature", "signed", "tail", "tel", "text", "token",
    }
)  # fmt: skip

_SECRET_PARAMETER = re.compile(
    r"(?i)([?&\s\"'{](?:sign|signature|key|token|secret|password|access_token|customer|param|phone)[\"']?\s*[=:]\s*[\"']?)"
    r"[^&\s\"',}]+"
)
_URL_PASSWORD = re.compile(r"(://[^:/@\s]*):[^/\s]*@")
# what SQLAlchemy and PostgreSQL put behind an error: the row itself
_ROW_VALUES = re.compile(r"(\[parameters: |DETAIL: |\[SQL parameters hidden)[^\n]*")
_MOBILE = re.compile(r"(?<!\d)((?:\+?86[- ]?)?1[3-9]\d)[- ]?\d{4}[- ]?(\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<![\d.A-Za-z])(\(?0\d{2,3}\)?)[- ]?\d{3,4}[- ]?(\d{4})(?![\dA-Za-z])")


def configure_logging(level: str, form: str, *, stream: TextIO | None = None) -> None:
    """Send our events and the standard library's to `stream` (stderr) as `json`, `console`, or what suits (`auto`)."""
    out = stream or sys.stderr
    first = _shared_processors()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *first,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(_formatter(first, as_json=_as_json(form, out), colors=out.isatty()))
    _route(handler, level=logging.getLevelNamesMapping()[level.upper()])


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The one processor through which every line goes last: no person and no secret leaves it."""
    return {key: REDACTED if _is_private(key) else masked(value) for key, value in event.items()}


def masked(value: Any) -> Any:
    """`value` with phones, URL passwords, secret parameters and row values taken out, however deep they stand."""
    if isinstance(value, str):
        return _masked_text(value)
    if isinstance(value, Mapping):
        return {
            str(key): REDACTED if _is_private(str(key)) else masked(inner) for key, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(inner) for inner in value]
    if value is None or isinstance(value, bool | float):
        return value
    text = str(value)
    hidden = _masked_text(text)
    return value if hidden == text and isinstance(value, int) else hidden


def _masked_text(text: str) -> str:
    text = _ROW_VALUES.sub(rf"\1{REDACTED}", text)
    text = _URL_PASSWORD.sub(r"\1:***@", text)
    text = _SECRET_PARAMETER.sub(rf"\1{REDACTED}", text)
    text = _MOBILE.sub(r"\1****\2", text)
    return _LANDLINE.sub(r"\1-****\2", text)


def _is_private(key: str) -> bool:
    return not _PRIVATE_WORDS.isdisjoint(
        re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1_\2", key).lower())
    )


def _shared_processors() -> list[structlog.typing.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.StackInfoRenderer(),
    ]


def _formatter(
    first: list[structlog.typing.Processor], *, as_json: bool, colors: bool
) -> structlog.stdlib.ProcessorFormatter:
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=colors, timestamp_key="at", exception_formatter=structlog.dev.plain_traceback
        )
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=first,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _without_noise,
            structlog.processors.format_exc_info,
            redact,
            renderer,
        ],
    )


def _without_noise(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    # uvicorn says everything twice, the second time with colours
    event.pop("color_message", None)
    return event


def _as_json(wanted: str, out: TextIO) -> bool:
    return wanted == "json" or (wanted == "auto" and not out.isatty())


# these tell each request, statement or step, some with what was asked; a skipped tick is counted instead
_FLOORS = {
    "aiohttp": logging.WARNING,
    "alembic": logging.WARNING,
    "apscheduler": logging.ERROR,
    "asyncio": logging.WARNING,
    "httpcore": logging.WARNING,
    "httpx": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "uvicorn": logging.WARNING,
    "uvicorn.access": logging.CRITICAL,
    "uvicorn.error": logging.WARNING,
}


def _route(handler: logging.Handler, *, level: int) -> None:
    root = logging.getLogger()
    for old in list(root.handlers):
        if isinstance(old.formatter, structlog.stdlib.ProcessorFormatter):
            root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name, floor in _FLOORS.items():
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        # a level of its own would let it speak below the level that was asked for
        logger.setLevel(max(level, floor))
    logging.captureWarnings(capture=True)


# --- figures

_LAG_BUCKETS = (1, 5, 15, 60, 300, 900, 3600, 14400, 86400)
_WAIT_BUCKETS = (0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300)


@dataclass(frozen=True, slots=True)
class Metrics:
    """The figures of one daemon; label values are the words of our closed lists, ids of accounts and sources."""

    registry: CollectorRegistry
    polls: Counter  # source, account, outcome, way
    poll_lag_seconds: Histogram  # account
    rate_wait_seconds: Histogram  # account
    new_scans: Counter  # source
    unreadable_responses: Counter  # source
    unmapped_codes: Counter  # source
    texts_read: Counter  # carrier, explained
    unknown_texts_dropped: Counter  # carrier
    rule_errors: Counter  # rule
    alert_decisions: Counter  # rule, decision
    shipments: Gauge  # box
    findings: Gauge  # rule
    work_items: Gauge  # state
    pending_rows: Gauge  # stage
    loop_ticked: Gauge  # loop
    loop_errors: Counter  # loop
    scheduler_events: Counter  # loop, event
    breaker: Gauge  # account, state
    labels: Gauge

    @classmethod
    def create(cls, registry: CollectorRegistry | None = None) -> "Metrics":
        """All figures, registered in `registry` (a new one without it), with those of the process."""
        home = CollectorRegistry() if registry is None else registry
        ProcessCollector(registry=home)
        figures: dict[str, Any] = {**_counters(home), **_gauges(home), **_histograms(home)}
        return cls(registry=home, **figures)

    def rule_failed(self, rule: str) -> None:
        """A rule broke on a shipment."""
        self.rule_errors.labels(rule=rule).inc()

    def alert_decided(self, rule: str, decision: str) -> None:
        """Something was decided about a finding."""
        self.alert_decisions.labels(rule=rule, decision=decision).inc()

    def set_breaker(self, account: str, *, state: Breaker) -> None:
        """1 for the state the account's breaker is in, 0 for the others."""
        for word in Breaker:
            self.breaker.labels(account=account, state=word).set(float(word is state))

    def render(self) -> bytes:
        """What `/metrics` answers (text format 0.0.4)."""
        return generate_latest(self.registry)


def _counters(home: CollectorRegistry) -> dict[str, Counter]:
    def counter(name: str, says: str, *labels: str) -> Counter:
        return Counter(f"watcher_{name}_total", says, labels, registry=home)

    return {
        "polls": counter("polls", "Questions answered or failed", "source", "account", "outcome", "way"),
        "new_scans": counter("new_scans", "Scans seen for the first time", "source"),
        "unreadable_responses": counter(
            "unreadable_responses", "Answers that the adapter could not read", "source"
        ),
        "unmapped_codes": counter("unmapped_codes", "Codes that no table of the adapter holds", "source"),
        "texts_read": counter(
            "texts_read",
            "Texts of new scans, and whether a phrase or a label explained them",
            "carrier",
            "explained",
        ),
        "unknown_texts_dropped": counter(
            "unknown_texts_dropped", "Rare texts forgotten because a carrier has too many", "carrier"
        ),
        "rule_errors": counter("rule_errors", "Rules that broke on a shipment", "rule"),
        "alert_decisions": counter("alert_decisions", "What was decided about a finding", "rule", "decision"),
        "loop_errors": counter("loop_errors", "Rounds of a loop that broke", "loop"),
        "scheduler_events": counter("scheduler_events", "Ticks that did not go as planned", "loop", "event"),
    }


def _gauges(home: CollectorRegistry) -> dict[str, Gauge]:
    def gauge(name: str, says: str, *labels: str) -> Gauge:
        return Gauge(f"watcher_{name}", says, labels, registry=home)

    return {
        "shipments": gauge("shipments", "Shipments in each state of watching", "box"),
        "findings": gauge("findings", "Findings that stand", "rule"),
        "work_items": gauge("work_items", "Work items in the queue", "state"),
        "pending_rows": gauge("pending_rows", "Rows that wait for a stage", "stage"),
        "loop_ticked": gauge("loop_last_tick_timestamp_seconds", "When a loop last ended a round", "loop"),
        "breaker": gauge("breaker", "1 for the state an account's breaker is in", "account", "state"),
        "labels": gauge("labels", "Labels in force for texts that no phrase explains"),
    }


def _histograms(home: CollectorRegistry) -> dict[str, Histogram]:
    def histogram(name: str, says: str, *, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"watcher_{name}_seconds", says, ("account",), registry=home, buckets=buckets)

    return {
        "poll_lag_seconds": histogram(
            "poll_lag", "How late a due shipment was asked about", buckets=_LAG_BUCKETS
        ),
        "rate_wait_seconds": histogram(
            "rate_wait", "How long a call waited for its rate", buckets=_WAIT_BUCKETS
        ),
    }
