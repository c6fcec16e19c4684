"""Code lists first, text second: what a code says arrives in the scan, and only the reader adds to it from the text.

Answers are made, each with one line.
"""

import json
from pathlib import Path

import httpx
import pytest

from carriers.contract import Carrier, Milestone, Query, Reason, Scan, Track
from carriers.reading.reader import Reader
from carriers.reading.tables import load_reader
from carriers.registry import SOURCES

HOUSE = Path(__file__).parents[2]
TABLES = HOUSE / "config" / "phrases"
FOLDERS = ("aggregators", "china", "worldwide")
ADAPTERS = sorted(path for folder in FOLDERS for path in (HOUSE / "carriers" / folder).glob("*.py"))
PROBLEM, RETURNING = Milestone.EXCEPTION, Milestone.RETURNING


@pytest.fixture(scope="module")
def reader() -> Reader:
    return load_reader(TABLES)


def the_body(source: str, code: str, text: str) -> object:
    """The vendor's answer with one line that bears a key of the adapter's table."""
    plain, _, status = code.partition("@")
    first, _, second = plain.partition("/")
    match source:
        case "sf":
            route = {
                "acceptTime": "2026-01-10 18:20:11",
                "opCode": first,
                "reasonCode": second,
                "firstStatusCode": status,
                "remark": text,
            }
            numbers = {"routeResps": [{"mailNo": "N1", "routes": [route]}]}
            return {"apiResultCode": "A1000", "apiResultData": {"errorCode": "S0000", "msgData": numbers}}
        case "zto":
            field = "problemCode" if first == "问题件" else "returnType"
            line = {"scanType": first, "scanDate": 1_735_786_800_000, "desc": text, field: second}
            return {"status": True, "result": [line]}
        case "jt":
            kind, _, problem = code.partition("/")
            field = "scanTypeCode" if kind.startswith("@") else "scanType"
            detail = {"scanTime": "2025-01-02 03:04:05", field: kind.lstrip("@"), "desc": text}
            detail["problemType"] = problem
            return {"code": "1", "data": [{"billCode": "N1", "details": [detail]}]}
        case "yunda":
            step = {"time": "2025-01-02 03:04:05", "action": first, "description": text}
            return {"result": True, "data": {"steps": [step]}}
        case "jd":
            field = "state" if len(first) > len("420") else "category"
            line = {
                "operationTime": "2025-01-02 03:04:05",
                field: first,
                "operationRemark": f"{text}{second}",
            }
            return {"code": 0, "success": True, "data": {"traceDetails": [line]}}
        case _:
            row = {"ftime": "2025-01-02 03:04:05", "statusCode": first, "context": text}
            return {"status": "200", "data": [row]}


def scan_of(source: str, code: str, text: str) -> Scan:
    """The scan as the adapter hands it over."""
    adapter: Carrier = SOURCES[source]
    query = Query(next(iter(adapter.INFO.carriers)), "N1")
    body = json.dumps(the_body(source, code, text)).encode()
    answer = adapter.read(httpx.Response(200, content=body), [query])[query]
    assert isinstance(answer, Track)
    return answer.scans[0]


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (source, code)
        for source in ("sf", "zto", "yunda", "jt", "jd", "kuaidi100")
        for code in SOURCES[source].MILESTONES
    ],
)
def test_a_code_says_the_same_whatever_stands_in_the_text(source: str, code: str) -> None:
    says = SOURCES[source].MILESTONES[code]
    for text in ("", "客户拒收，快件正在退回", "已签收，签收人：本人"):
        scan = scan_of(source, code, text)
        assert scan.milestone is (says.milestone or Milestone.UNKNOWN)
        assert scan.reasons == says.reasons


@pytest.mark.parametrize("path", ADAPTERS, ids=lambda path: path.stem)
def test_no_adapter_reads_texts_itself(path: Path) -> None:
    assert "carriers.reading" not in path.read_text(encoding="utf-8")


def test_adapters_were_looked_at() -> None:
    assert {"sf", "sf_codes", "zto", "zto_codes", "yunda", "jt_details", "jd_traces", "kuaidi100"} <= {
        path.stem for path in ADAPTERS
    }


# source, code, text -> milestone and reasons once the text is read
BOTH = [
    # a problem of which code and text say different things: both are kept
    ("zto", "问题件/A5", "电话无人接听", PROBLEM, "recipient_unreachable refused"),
    ("zto", "问题件/A1", "客户拒收", PROBLEM, "recipient_unreachable refused"),
    ("zto", "问题件/A2", "外包装破损", PROBLEM, "recipient_unreachable bad_address damaged"),
    ("zto", "问题件/B3", "地址不详", PROBLEM, "bad_address missorted"),
    ("sf", "70", "快件派送不成功(因收方客户拒收快件),待进一步处理", PROBLEM, "failed_attempt refused"),
    ("sf", "33@13", "收件地址不详", PROBLEM, "failed_attempt bad_address"),
    ("sf", "77", "受台风影响", PROBLEM, "delayed_transit weather_or_force_majeure"),
    ("sf", "72", "快件破损", PROBLEM, "damaged held"),
    ("sf", "8000/6", "快件破损", PROBLEM, "damaged lost"),
    ("jt", "问题件扫描/A8", "外包装破损", PROBLEM, "damaged held"),
    ("jt", "@110/A12", "收件人电话号码错误", PROBLEM, "bad_address bad_phone"),
    (
        "jd",
        "200003",
        "因联系不上收件人，配送员将再次为您投递",
        PROBLEM,
        "failed_attempt recipient_unreachable",
    ),
    ("jd", "403", "地址不详", PROBLEM, "bad_address held"),
    ("jd", "10035", "收件人拒收，快件将退回寄件人", RETURNING, "refused return_to_sender"),
    ("jd", "10034", "您的快件已由【客户指定地点】代收", Milestone.DELIVERED_TO_PROXY, ""),
    ("yunda", "SIGNFAIL", "客户拒收", PROBLEM, "failed_attempt refused"),
    ("kuaidi100", "206", "客户拒收", PROBLEM, "recipient_unreachable refused"),
    ("kuaidi100", "207", "电话无人接听", PROBLEM, "recipient_unreachable out_of_area"),
    ("kuaidi100", "13", "快件破损", PROBLEM, "damaged held"),
    # the code only says that there is a problem: the text says why
    ("zto", "问题件", "客户拒收", PROBLEM, "refused"),
    ("zto", "问题件/B16", "客户拒收", PROBLEM, "refused"),
    ("zto", "DEPARTURE", "电话无人接听", PROBLEM, "recipient_unreachable"),
    ("sf", "33", "电话无人接听", PROBLEM, "recipient_unreachable"),
    ("jt", "问题件扫描", "客户拒收", PROBLEM, "refused"),
    ("yunda", "ISSUE", "电话无人接听", PROBLEM, "recipient_unreachable"),
    ("yunda", "OUTBOUND", "客户已取件，已签收", Milestone.DELIVERED, ""),
    ("jt", "其他扫描", "正在派件", Milestone.OUT_FOR_DELIVERY, ""),
    ("kuaidi100", "2", "超出派送范围", PROBLEM, "out_of_area"),
    ("kuaidi100", "201", "电话无人接听", PROBLEM, "recipient_unreachable"),
    # the text says nothing: the code's reasons stand
    ("zto", "问题件/A3", "宜晒被子", PROBLEM, "bad_address bad_phone"),
    ("kuaidi100", "205", "", PROBLEM, "pickup_overdue"),
    # the milestone gives way where `refines` lets it, and nowhere else; reasons are kept either way
    ("zto", "问题件/A5", "快件正在退回", RETURNING, "refused return_to_sender"),
    ("zto", "问题件/A10", "已存放至示范驿站，请及时取件", Milestone.READY_FOR_PICKUP, "pickup_only"),
    ("zto", "问题件/A5", "已签收，签收人：本人", PROBLEM, "refused"),
    ("zto", "退件/5", "正在派件", RETURNING, "refused return_to_sender"),
    ("zto", "退件/3", "客户拒收，快件正在退回", RETURNING, "refused bad_address return_to_sender"),
    ("sf", "70/46", "客户拒收", Milestone.CANCELLED, "refused"),
    ("sf", "70/83", "客户拒收", PROBLEM, "refused"),
    ("sf", "80", "派送不成功，电话无人接听", Milestone.DELIVERED, "failed_attempt recipient_unreachable"),
    ("sf", "99", "快件正在退回", RETURNING, "intercepted return_to_sender"),
    ("kuaidi100", "206", "已签收，签收人：本人", PROBLEM, "recipient_unreachable"),
    ("kuaidi100", "4", "快件正在退回", Milestone.RETURNED, "return_to_sender"),
]


@pytest.mark.parametrize(("source", "code", "text", "milestone", "reasons"), BOTH)
def test_the_text_adds_to_the_code(  # noqa: PLR0917 - a row of the table above
    reader: Reader, source: str, code: str, text: str, milestone: Milestone, reasons: str
) -> None:
    scan = scan_of(source, code, text)
    carrier = next(iter(SOURCES[source].INFO.carriers))
    refined = reader.refine(scan, carrier=carrier)
    assert (refined.milestone, refined.reasons) == (milestone, tuple(map(Reason, reasons.split())))
    assert set(scan.reasons) <= set(refined.reasons)
