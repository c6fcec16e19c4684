"""Telemetry: nothing personal and no secret in any line, one shape for everybody's events, figures per registry."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
import structlog
from prometheus_client.parser import text_string_to_metric_families

from watcher.model import Breaker, PollOutcome, PollWay
from watcher.telemetry import Metrics, configure_logging, masked

MOBILE = "13800000001"
NAME = "王小明"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    out = io.StringIO()
    before = (list(logging.root.handlers), logging.root.level)
    configure_logging("info", "json", stream=out)
    yield out
    logging.root.handlers[:], level = before
    logging.root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def told(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_an_event_is_one_json_object_with_fixed_keys(lines: io.StringIO) -> None:
    structlog.get_logger("watcher.poll").info("poll_finished", account="zto-main", asked=3)
    (line,) = told(lines)
    assert line.pop("at").endswith("Z")
    assert line == {
        "event": "poll_finished",
        "level": "info",
        "logger": "watcher.poll",
        "account": "zto-main",
        "asked": 3,
    }


def test_the_standard_library_comes_out_in_the_same_shape(lines: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").warning("phone %s called", MOBILE, extra={"address": "南山区1号"})
    (line,) = told(lines)
    assert line["event"] == "phone 138****0001 called"
    assert line["address"] == "[redacted]"
    assert (line["logger"], line["level"]) == ("uvicorn.error", "warning")


def test_what_is_under_the_level_is_not_logged(lines: io.StringIO) -> None:
    structlog.get_logger().debug("quiet")
    logging.getLogger("sqlalchemy.engine.Engine").info("SELECT 1")
    logging.getLogger("uvicorn.access").info("GET /shipments?phone=13800000001")
    assert told(lines) == []


def test_others_keep_to_a_higher_level_as_well(lines: io.StringIO) -> None:
    configure_logging("error", "json", stream=lines)
    logging.getLogger("uvicorn.error").warning("less than an error")
    logging.getLogger("sqlalchemy.pool").error("an error")
    assert [line["event"] for line in told(lines)] == ["an error"]


def test_configuring_again_does_not_say_everything_twice(lines: io.StringIO) -> None:
    configure_logging("info", "json", stream=lines)
    structlog.get_logger().info("once")
    assert len(told(lines)) == 1


@pytest.mark.parametrize(
    "key",
    [
        "phone", "second_phone", "sender_phone_tail", "recipient", "address", "warehouse_address", "courier_name",
        "signed_by", "text", "body", "password", "app_key", "appKey", "sign", "Authorization", "cookie", "order_note",
    ],
)  # fmt: skip
def test_values_under_private_keys_are_dropped(lines: io.StringIO, key: str) -> None:
    structlog.get_logger().info("seen", **{key: "王小明", "nested": {key: ["王小明"]}})
    assert "王小明" not in lines.getvalue()
    assert told(lines)[0]["nested"] == {key: "[redacted]"}


@pytest.mark.parametrize(
    "key", ["account", "source", "shipment_id", "station", "asked", "loop", "monkey_count"]
)
def test_values_under_other_keys_stay(lines: io.StringIO, key: str) -> None:
    structlog.get_logger().info("seen", **{key: "value"})
    assert told(lines)[0][key] == "value"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("快递员电话13800000001,请联系", "快递员电话138****0001,请联系"),
        ("+86 13800000001", "+86 138****0001"),
        ("138-0000-0001", "138****0001"),
        ("tel13800000001", "tel138****0001"),
        ("call 0755-12345678 now", "call 0755-****5678 now"),
        ("(010)12345678", "(010)-****5678"),
        ("075512345678", "0755-****5678"),
        ("postgresql+psycopg://watcher:secret@db/watcher", "postgresql+psycopg://watcher:***@db/watcher"),
        (
            "GET https://host/api?com=zto&sign=ABCDEF&num=1",
            "GET https://host/api?com=zto&sign=[redacted]&num=1",
        ),
        ("{'app_key': 1, 'key': 'ABC'}", "{'app_key': 1, 'key': '[redacted]'}"),
        ("bad row [parameters: ('王小明', 1)]\nnext", "bad row [parameters: [redacted]\nnext"),
        ("DETAIL:  Failing row contains (1, 王小明).", "DETAIL: [redacted]"),
        (13800000001, "138****0001"),
    ],
)
def test_phones_passwords_and_rows_are_masked_in_values(written: object, shown: str) -> None:
    assert masked(written) == shown


@pytest.mark.parametrize(
    "written",
    ["78400000000001", "SF1380000000123", "2026-03-02T10:00:00.012345Z", "took 0.012345678901 s", "95338", 42, None],
)  # fmt: skip
def test_numbers_that_are_no_phones_stay(written: object) -> None:
    assert masked(written) == written


def test_exception_text_is_masked_too(lines: io.StringIO) -> None:
    engine = sa.create_engine("sqlite://")
    try:
        with engine.connect() as connection:
            connection.execute(sa.text("select 1 from nowhere where a = :a"), {"a": NAME})
    except sa.exc.OperationalError:
        structlog.get_logger().exception("store_broke")
    try:
        int(f"cannot dial {MOBILE}")
    except ValueError:
        logging.getLogger("apscheduler").exception("job broke")
    engine.dispose()
    first, second = told(lines)
    assert "no such table" in first["exception"]
    assert NAME not in lines.getvalue()
    assert "cannot dial 138****0001" in second["exception"]


def test_the_console_form_is_redacted_as_well(lines: io.StringIO) -> None:
    out = io.StringIO()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        configure_logging("info", "console", stream=out)
        structlog.get_logger().info("seen", phone=MOBILE, said=f"call {MOBILE}")
        try:
            int(f"x{MOBILE}")
        except ValueError:
            structlog.get_logger().exception("broke")
    assert "seen" in out.getvalue()
    assert "Traceback" in out.getvalue()
    assert MOBILE not in out.getvalue()
    assert "\x1b[" not in out.getvalue()
    assert lines.getvalue() == ""


def test_auto_is_json_where_nobody_watches(lines: io.StringIO) -> None:
    out = io.StringIO()
    configure_logging("info", "auto", stream=out)
    structlog.get_logger().info("seen")
    assert told(out)[0]["event"] == "seen"
    assert lines.getvalue() == ""


# --- figures


def test_figures_are_named_as_prometheus_wants() -> None:
    metrics = Metrics.create()
    metrics.polls.labels(
        source="zto", account="zto-main", outcome=PollOutcome.UNCHANGED, way=PollWay.POLL
    ).inc(3)
    metrics.set_breaker("zto-main", state=Breaker.OPEN)
    text = metrics.render().decode()
    assert 'watcher_polls_total{account="zto-main",outcome="unchanged",source="zto",way="poll"} 3.0' in text
    assert 'watcher_breaker{account="zto-main",state="open"} 1.0' in text
    assert 'watcher_breaker{account="zto-main",state="closed"} 0.0' in text
    names = {family.name: family.type for family in text_string_to_metric_families(text)}
    ours = {name for name in names if name.startswith("watcher_") and not name.endswith("_created")}
    assert len(ours) == len(Metrics.__dataclass_fields__) - 1
    assert all(name.startswith(("watcher_", "process_")) for name in names)


def test_two_daemons_in_one_process_count_apart() -> None:
    one, two = Metrics.create(), Metrics.create()
    one.rule_failed("refused")
    one.alert_decided("stalled", "raised")
    decided = {"rule": "stalled", "decision": "raised"}
    assert one.registry.get_sample_value("watcher_alert_decisions_total", decided) == 1
    assert one.registry.get_sample_value("watcher_rule_errors_total", {"rule": "refused"}) == 1
    assert two.registry.get_sample_value("watcher_alert_decisions_total", decided) is None
