"""China Post's pushes: sealed with our key, one line each. All are made; people and numbers are invented."""

import json
from typing import Any

import pytest
from ems_answers import ACCOUNT, KEY, a_line

from carriers.china import ems
from carriers.china.ems_cipher import sealed
from carriers.china.ems_codes import UNDOES
from carriers.contract import Milestone, PushRequest, Track
from carriers.errors import UnreadableResponse

PUSHED_LINE = (
    '{"waybillNo":"1000000000001","orderNo":"TEST-ORDER-1","opTime":"2026-01-15 18:03:21","opCode":"704",'
    '"opName":"投递结果反馈-妥投","opDesc":"您的邮件已签收，收件人：张三，投递员：李四，电话：13800000000",'
    '"opOrgCode":"00000001","opOrgName":"测试揽投部","opOrgProvName":"广东省","opOrgCity":"深圳市",'
    '"operatorNo":"00000001001","operatorName":"李四"}'
)
SEALED_PUSH = (
    "|$4|oCMMjsWs2FIVEK1WBI01YHLWIsmzfx7uyvSc7SpVaygq7TRkqZxnvyYlct8qeUraKFGHRbwjvb3rrw7uX3b0Hyjw8sc2VbyNxumYqzv0Cn1e"
    "+3VeoR3VZxJUFZUeOz4oXQ7ZGET33/FIuULA0OZ9RubBLdZyx+EBot3NDtxzU0RILglNrGPGR/2IdV8EfZjY7sbzF/x/asx1brOFAv5lnEP+4kca"
    "omFI48rAKF2fIiedhiyb05wYuGDxN/g4kgDhjEwtY3WKG5TzTuzPIu7/25gLgTK6PEzAzUqhrwtEgeDZOMzaRnXVyPeumEtBGri0h3F2UYEsXygO"
    "s+kWsbL5wRyAN8LVrN50sWo5oFpuvbCmQ4ZmhNLXdYzyZY6iCfGvMhYztaT16/REjNCH6VLx7YQjSkkKl/ERkrmvMDCRUVTIgDBoB+wQkvBLcYez"
    "pSBpQpMvq342kNG5C04rr6+sVnwLlE9D4DFu1/pCFIQmfFj9VDqzwkTuE9KtWQmmB4hhdxgb16YItwkfW0qba9dFSw=="
)


def a_push(line: Any = PUSHED_LINE, *, key: str = KEY, behind: str = "", **message: Any) -> PushRequest:
    text = line if isinstance(line, str) else json.dumps(line, ensure_ascii=False)
    said = {
        "method": "040002",
        "serialNo": "AB01",
        "senderNo": "",
        "logitcsInterface": sealed(text + behind, key),
    }
    return PushRequest({}, {}, json.dumps(said | message).encode())


def test_a_push_is_opened_and_read() -> None:
    assert sealed(PUSHED_LINE, KEY) == SEALED_PUSH
    push = a_push(logitcsInterface=SEALED_PUSH)
    assert ems.verify(push, ACCOUNT, "")
    (pushed,) = ems.read_push(push, ACCOUNT)
    assert (pushed.carrier, pushed.tracking_number, pushed.ended) == ("ems", "1000000000001", None)
    assert isinstance(pushed.answer, Track)
    assert not pushed.answer.complete
    (scan,) = pushed.answer.scans
    assert (scan.milestone, scan.local_time) == (Milestone.DELIVERED, "2026-01-15 18:03:21")
    assert (scan.facility, scan.courier_name) == ("测试揽投部", "李四")


def test_the_key_s_text_may_stand_behind_the_pushed_line_and_nothing_else() -> None:
    assert ems.read_push(a_push(behind=KEY), ACCOUNT) == ems.read_push(a_push(), ACCOUNT)
    assert not ems.verify(a_push(behind="RkFLRS1TTTQtS0VZLTAwMg=="), ACCOUNT, "")


def test_a_push_is_proved_by_the_key_that_it_was_sealed_with() -> None:
    assert not ems.verify(a_push(key="RkFLRS1TTTQtS0VZLTAwMg=="), ACCOUNT, "")
    assert not ems.verify(a_push(logitcsInterface=PUSHED_LINE), ACCOUNT, "")
    for body in (b"", b"\xff", b"a=1", b"{}", b"[]", a_push().body[:-1] + b"!"):
        push = PushRequest({}, {}, body)
        assert not ems.verify(push, ACCOUNT, "")
        with pytest.raises(UnreadableResponse):
            ems.read_push(push, ACCOUNT)


@pytest.mark.parametrize("code", UNDOES)
def test_a_push_that_undoes_is_a_hint_to_ask(code: str) -> None:
    (pushed,) = ems.read_push(a_push(a_line(code)), ACCOUNT)
    assert (pushed.tracking_number, pushed.answer, pushed.ended) == ("1000000000001", None, None)


@pytest.mark.parametrize(
    "changes", [{"waybillNo": ""}, {"waybillNo": None}, {"opTime": ""}, {"opTime": "soon"}]
)
def test_a_push_without_number_or_time_is_unreadable(changes: dict[str, Any]) -> None:
    with pytest.raises(UnreadableResponse):
        ems.read_push(a_push(a_line() | changes), ACCOUNT)


def test_the_reply_names_the_push_and_the_customer() -> None:
    taken = ems.acknowledge(a_push(), ACCOUNT, accepted=True)
    assert taken.body == b'{"serialNo":"AB01","code":"00000","codeMessage":"","senderNo":"1100000000000"}'
    refused = ems.acknowledge(a_push(), ACCOUNT, accepted=False)
    assert json.loads(refused.body)["code"] == "S00001"
    unreadable = ems.acknowledge(PushRequest({}, {}, b"\xff"), ACCOUNT, accepted=False)
    assert json.loads(unreadable.body)["serialNo"] == ""
