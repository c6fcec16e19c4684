"""JD's refusals, which words tell, and its subscriptions. All are made; people, numbers and keys are invented."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from carriers.china import jd
from carriers.contract import Account, Query, Stamp, Subscription
from carriers.errors import (
    AccessDenied,
    AuthenticationFailed,
    CarrierError,
    NotFoundYet,
    OwnershipRefused,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)

ACCOUNT = Account("jd-1", "jd", {"app_key": "key", "app_secret": "secret", "customer_code": "010K000001"})
STAMP = Stamp(at=datetime(2026, 1, 15, 2, 30, tzinfo=UTC), nonce="n")
QUERY = Query("jd", "JDVA00000000001")
WISH = Subscription("https://us.test/push", "salt")


def answer(document: object) -> object:
    return jd.read(httpx.Response(200, json=document), [QUERY])[QUERY]


# --- refusals


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("签名校验失败", AuthenticationFailed),
        ("invalid Sign", AuthenticationFailed),
        ("access_token无效", AuthenticationFailed),
        ("应用未授权", AuthenticationFailed),
        ("运单归属校验失败", OwnershipRefused),
        ("商家编码与运单不匹配", OwnershipRefused),
        ("无权限查询该运单", OwnershipRefused),
        ("该订单不属于customerCode", OwnershipRefused),
        ("没有接口权限", AccessDenied),
        ("customerCode不存在", AccessDenied),
        ("customercode error", AccessDenied),
        ("触发限流", RateLimited),
        ("请求频率过高", RateLimited),
        ("超过限制", RateLimited),
        ("运单不存在", NotFoundYet),
        ("订单不存在", NotFoundYet),
        ("未查询到数据", NotFoundYet),
        ("系统异常", SourceUnavailable),
        ("请求超时", SourceUnavailable),
        ("其他", UnreadableResponse),
        ("", UnreadableResponse),
    ],
)
@pytest.mark.parametrize("field", ["msg", "subMsg"])
def test_a_refusal_is_told_by_its_words(words: str, error: type[CarrierError], field: str) -> None:
    try:
        found = answer({"code": 1, "success": False, field: words})
    except CarrierError as raised:
        found = raised
    assert type(found) is error
    assert not words or words not in repr(found)


def test_a_code_of_a_server_is_a_moment_s_trouble() -> None:
    with pytest.raises(SourceUnavailable):
        answer({"code": 503, "success": False, "msg": ""})
    with pytest.raises(UnreadableResponse):
        answer({"code": 5003, "success": False, "msg": ""})


def test_a_gateway_refuses_by_number_and_else_by_words() -> None:
    with pytest.raises(AuthenticationFailed) as caught:
        answer({"error_response": {"code": "19", "zh_desc": "系统异常", "en_desc": ""}})
    assert caught.value.code == "19"
    with pytest.raises(RateLimited):
        answer({"error_response": {"code": 999, "zh_desc": "触发限流", "en_desc": ""}})
    with pytest.raises(UnreadableResponse):
        answer({"error_response": {"code": 999}})


# --- subscriptions


def test_a_subscription_names_the_tail_of_a_phone() -> None:
    request = jd.subscribe([replace(QUERY, phone_tail="0047")], ACCOUNT, STAMP, WISH)
    assert request.content == (
        b'[{"waybillCode":"JDVA00000000001","orderOrigin":1,"customerCode":"010K000001","mobile":"0047"}]'
    )
    assert request.url.path == "/ecap/v1/orders/trace/subscribe"
    assert b"mobile" not in jd.subscribe([QUERY], ACCOUNT, STAMP, WISH).content


def test_the_older_platform_cannot_be_asked_for_pushes() -> None:
    with pytest.raises(AccessDenied):
        jd.subscribe([QUERY], replace(ACCOUNT, options={"api": "jos"}), STAMP, WISH)


def subscribed(**fields: Any) -> object:
    return jd.read_subscription(httpx.Response(200, json=fields), [QUERY])[QUERY]


def test_a_refused_subscription_is_the_number_s_own_trouble_or_the_account_s() -> None:
    assert subscribed(code=0, data="订阅成功", msg="成功", success=True) is None
    assert subscribed(code=0, data="订阅成功", msg="成功") is None
    assert type(subscribed(code=1, msg="手机号与运单不匹配", success=False)) is OwnershipRefused
    assert type(subscribed(code=1, msg="运单不存在", success=False)) is NotFoundYet
    with pytest.raises(AccessDenied):
        subscribed(code=1, msg="没有权限", success=False)
    with pytest.raises(RateLimited):
        subscribed(code=1, msg="触发限流", success=False)
