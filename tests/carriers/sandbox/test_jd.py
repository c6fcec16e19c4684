"""JD from the vendor's side: signed addresses, refusals in words, its older platform, pushes event by event."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from carriers.sandbox import jd
from carriers.sandbox.callbacks import Callbacks
from carriers.sandbox.carried import CARRIED
from carriers.sandbox.life import EventKind, Life
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.world import Outcome, World

Ask = Callable[..., Awaitable[Any]]
MakeLife = Callable[..., Life]
NUMBER = "JDVA00000000001"
TIME = "2026-01-15 10:30:00"
TAKEN = {"code": "200", "msg": "success", "success": True}


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Ask:
    """Asks about a number; fields of the address and of the body, and the path can be changed."""

    async def asked(
        number: str = NUMBER, *, path: str = jd.QUERY, body: str | None = None, **changes: Any
    ) -> Any:
        parcel = {
            "waybillCode": number,
            "orderOrigin": 1,
            "customerCode": jd.CUSTOMER_CODE,
            "mobile": "7712",
        }
        parcel |= {name: changes.pop(name) for name in parcel.keys() & changes.keys()}
        said = json.dumps([parcel]) if body is None else body
        address = {
            "LOP-DN": "ECAP",
            "access_token": jd.ACCESS_TOKEN,
            "app_key": jd.APP_KEY,
            "timestamp": TIME,
            "v": "2.0",
            "algorithm": changes.pop("algorithm", "md5-salt"),
        }
        if address["algorithm"] in {"md5-salt", *jd._HMACS}:
            address["sign"] = jd.lop_sign(path, said, address)
        response = await client.post(f"/jd{path}", params=address | changes, content=said)
        assert response.status_code == 200
        return response.json()

    return asked


@pytest.fixture
def ask_jos(client: httpx.AsyncClient) -> Ask:
    """Asks the older platform; fields of the form can be changed."""

    async def asked(number: str = NUMBER, *, param: str | None = None, **changes: str) -> Any:
        asked_for = {"customerCode": jd.CUSTOMER_CODE, "waybillCode": number}
        form = {
            "360buy_param_json": json.dumps(asked_for) if param is None else param,
            "access_token": jd.ACCESS_TOKEN,
            "app_key": jd.APP_KEY,
            "method": jd.METHOD_OF_JOS,
            "timestamp": TIME,
            "v": "2.0",
        }
        form |= {name: value for name, value in changes.items() if name != "sign"}
        form["sign"] = changes.get("sign", jd.jos_sign(form))
        response = await client.post("/jd/routerjson", data=form)
        assert response.status_code == 200
        return response.json()

    return asked


# computed by hand from the vendor's rule, with the sandbox's own keys
@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("md5-salt", "ECF78617DB6267F5E64B2DD98E9B17F2"),
        ("HMacSHA256", "bF0UvPZ8XH2DLuTxI9LaqUuBhEbifQ7ZTpGolR47wUc="),
    ],
)
def test_the_signature_follows_the_vendors_rule(algorithm: str, expected: str) -> None:
    address = {
        "access_token": jd.ACCESS_TOKEN,
        "app_key": jd.APP_KEY,
        "timestamp": TIME,
        "v": "2.0",
        "algorithm": algorithm,
    }
    assert jd.lop_sign(jd.QUERY, '[{"waybillCode":"JDVA00000000001"}]', address) == expected


async def test_a_parcel_prints_its_lines_in_either_order(world: World, a_life: MakeLife, ask: Ask) -> None:
    orders = []
    for number in (NUMBER, "JDVA00000000002", "JDVA00000000003", "JDVA00000000004"):
        world.add(a_life("jd", number, "collected", "departed", "out_for_delivery", "delivered"))
        said = await ask(number)
        assert (said["code"], said["success"], said["msg"]) == (0, True, "成功")
        orders.append([line["state"] for line in said["data"]["traceDetails"]])
    straight = [200001, 10054, 11000, 10034]
    assert straight in orders
    assert straight[::-1] in orders
    assert all(told in (straight, straight[::-1]) for told in orders)


async def test_a_line_is_printed_as_the_vendor_does(world: World, a_life: MakeLife, ask: Ask) -> None:
    life = a_life("jd", NUMBER, "out_for_delivery")
    out = replace(life.events[0], courier_name="李四", courier_phone="13800000002", facility="示例营业部")
    world.add(replace(life, events=(out,)))
    [line] = (await ask())["data"]["traceDetails"]
    assert line.pop("operateSiteId").isdecimal()
    assert line == {
        "waybillCode": NUMBER,
        "category": 440,
        "categoryName": "派送中",
        "state": 11000,
        "operationTitle": "派件",
        "operationRemark": "out_for_delivery 于网点",
        "operationTime": "2026-03-01 12:00:00",
        "operatorName": "李四",
        "operatorPhone": "13800000002",
    }


@pytest.mark.parametrize("kind", EventKind)
async def test_everything_that_can_happen_has_a_code_or_a_stage(
    world: World, a_life: MakeLife, ask: Ask, kind: EventKind
) -> None:
    world.add(a_life("jd", NUMBER, kind))
    [line] = (await ask())["data"]["traceDetails"]
    assert line["category"]
    assert line["categoryName"]
    assert line["state"] or kind is EventKind.HELD


async def test_a_code_of_the_event_s_own_is_printed(world: World, a_life: MakeLife, ask: Ask) -> None:
    life = a_life("jd", NUMBER, "note", "note")
    events = (replace(life.events[0], code="200036"), replace(life.events[1], code="X"))
    world.add(replace(life, events=events))
    assert {line["state"] for line in (await ask())["data"]["traceDetails"]} == {200036, "X"}


async def test_a_number_without_lines_has_no_list_and_an_unknown_one_is_refused(
    world: World, a_life: MakeLife, ask: Ask
) -> None:
    assert (await ask())["msg"] == "运单不存在"
    world.add(a_life("jd", NUMBER))
    said = await ask()
    assert (said["success"], said["data"]) == (True, {"traceDetails": None})
    assert world.counts["jd", Outcome.NOTHING_YET] == 2


@pytest.mark.parametrize(
    ("changes", "words", "outcome"),
    [
        ({"sign": "x"}, "签名校验失败", Outcome.SIGNATURE_REFUSED),
        ({"timestamp": "2026-01-15 10:30:01"}, "签名校验失败", Outcome.SIGNATURE_REFUSED),
        ({"algorithm": "crc"}, "缺少必要参数", Outcome.CALL_REFUSED),
        ({"algorithm": "crc", "sign": "x"}, "签名校验失败", Outcome.SIGNATURE_REFUSED),
        ({"app_key": "x"}, "app_key未授权", Outcome.SIGNATURE_REFUSED),
        ({"access_token": ""}, "access_token无效或已过期", Outcome.SIGNATURE_REFUSED),
        ({"timestamp": "soon"}, "缺少必要参数", Outcome.CALL_REFUSED),
        ({"LOP-DN": "jdecap"}, "接口不存在", Outcome.CALL_REFUSED),
        ({"v": "1.0"}, "接口不存在", Outcome.CALL_REFUSED),
        ({"body": "{"}, "参数格式错误", Outcome.CALL_REFUSED),
        ({"body": "[]"}, "参数格式错误", Outcome.CALL_REFUSED),
        ({"orderOrigin": 7}, "参数格式错误", Outcome.CALL_REFUSED),
        ({"customerCode": "x"}, "没有权限使用该customerCode", Outcome.CALL_REFUSED),
        ({"number": "SF1000000000001"}, "运单不存在", Outcome.NUMBER_REFUSED),
        ({"number": "JDVA00000000001-1-1-"}, "运单不存在", Outcome.NUMBER_REFUSED),
    ],
)
async def test_a_question_is_refused_in_words(
    world: World, ask: Ask, *, changes: dict[str, Any], words: str, outcome: Outcome
) -> None:
    said = await ask(**changes)
    assert (said["code"], said["success"], said["msg"], said["data"]) == (1, False, words, None)
    assert world.counts["jd", outcome] == 1


@pytest.mark.parametrize("algorithm", jd._HMACS)
async def test_every_algorithm_is_let_in(world: World, a_life: MakeLife, ask: Ask, *, algorithm: str) -> None:
    world.add(a_life("jd", NUMBER, "collected"))
    assert (await ask(algorithm=algorithm))["success"] is True


async def test_a_person_needs_no_merchant_code(world: World, a_life: MakeLife, ask: Ask) -> None:
    world.add(a_life("jd", NUMBER, "collected"))
    assert (await ask(orderOrigin=0, customerCode=""))["success"] is True


async def test_too_many_calls_are_refused_in_words(world: World, ask: Ask) -> None:
    world.limits = {"jd": Limit(1)}
    assert [(await ask())["msg"] for _ in range(2)] == ["运单不存在", "请求频率超过限制"]


def test_the_numbers_of_its_parcels_are_well_formed() -> None:
    for number in (NUMBER, "JDX000000000001", "VA00000000001"):
        assert jd.well_formed(number)
    assert (CARRIED["jd"].heads, CARRIED["jd"].digits) == (("JDVA", "JDVC", "JDVE"), 11)


# --- the older platform


async def test_the_older_platform_prints_names_and_slashes(
    world: World, a_life: MakeLife, ask_jos: Ask
) -> None:
    world.add(a_life("jd", NUMBER, "collected", "arrived", "at_station"))
    answer = (await ask_jos())["jingdong_ldop_receive_trace_get_responce"]
    result = answer["querytrace_result"]
    assert (answer["code"], result["code"], result["messsage"]) == ("0", 100, "成功")
    assert [line["opeTitle"] for line in result["data"]] == ["揽收", "分拣中心验货", "自提上架"]
    assert result["data"][0]["opeTime"] == "2026/03/01 12:00:00"
    other = await ask_jos("JDVA00000000002")
    assert other["jingdong_ldop_receive_trace_get_responce"]["querytrace_result"]["data"] == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"v": "1.0"}, "5"),
        ({"timestamp": ""}, "7"),
        ({"timestamp": "soon"}, "8"),
        ({"sign": "x"}, "12"),
        ({"app_key": "x"}, "12"),
        ({"method": "jingdong.etms.trace.get"}, "15"),
        ({"access_token": "x"}, "19"),
    ],
)
async def test_the_older_gateway_refuses_by_number(ask_jos: Ask, changes: dict[str, str], code: str) -> None:
    assert (await ask_jos(**changes))["error_response"]["code"] == code


@pytest.mark.parametrize(("param", "code"), [("{", 101), ('{"customerCode":"x"}', 102)])
async def test_the_older_platform_refuses_inside_an_answer(ask_jos: Ask, param: str, code: int) -> None:
    answer = (await ask_jos(param=param))["jingdong_ldop_receive_trace_get_responce"]
    assert answer["querytrace_result"]["code"] == code


# --- pushes


@pytest.fixture
def subscribe(ask: Ask) -> Ask:
    async def asked(**changes: Any) -> Any:
        return await ask(path=jd.SUBSCRIBE, **changes)

    return asked


class Webhook:
    """Somebody's webhook: writes down what came, and answers as the test wants."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.reply = httpx.Response(200, json=TAKEN)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(json.loads(request.content))
        return self.reply


@pytest.fixture
def webhook() -> Webhook:
    return Webhook()


@pytest.fixture
def pushing(world: World, webhook: Webhook) -> Callbacks:
    world.consoles["jd"] = "http://us.test/push"
    made = jd.PLAYS.calls_back
    assert made is not None
    calls = made(world, httpx.AsyncClient(transport=httpx.MockTransport(webhook)))
    assert isinstance(calls, Callbacks)
    return calls


async def test_whoever_subscribed_is_told_event_by_event(
    world: World, hands: Any, a_life: MakeLife, subscribe: Ask, *, webhook: Webhook, pushing: Callbacks
) -> None:
    life = a_life("jd", NUMBER, "collected", "out_for_delivery", "delivered", birth=hands.now)
    world.add(replace(life, events=tuple(replace(event, facility="示例营业部") for event in life.events)))
    said = await subscribe()
    assert (said["code"], said["success"], said["data"]) == (0, True, "订阅成功")
    hands.advance(hours=5)
    await pushing.push_due()
    assert [call["state"] for call in webhook.calls] == ["200001", "11000"]
    first = webhook.calls[0]
    assert (first["scanType"], first["category"], first["operateSite"]) == ("-640", 420, "示例营业部")
    assert (first["routeCityName"], first["waybillCode"]) == ("上海市", NUMBER)
    assert "operatorPhone" not in first
    hands.advance(hours=2)
    await pushing.push_due()
    assert [call["state"] for call in webhook.calls[2:]] == ["10034"]


@pytest.mark.parametrize("mobile", ["0001", "", "77"])
async def test_only_the_recipient_s_phone_opens_a_subscription(
    world: World, a_life: MakeLife, subscribe: Ask, mobile: str
) -> None:
    world.add(a_life("jd", NUMBER, "collected"))
    assert (await subscribe(mobile=mobile))["msg"] == "手机号后四位与运单不匹配"
    assert world.counts["jd", Outcome.TAIL_REFUSED] == 1


async def test_an_unknown_number_cannot_be_subscribed(subscribe: Ask) -> None:
    assert (await subscribe())["msg"] == "运单不存在"
    assert (await subscribe(body="x"))["msg"] == "参数格式错误"


async def test_a_push_is_repeated_until_the_vendor_hears_what_it_wants(
    world: World, hands: Any, a_life: MakeLife, subscribe: Ask, *, webhook: Webhook, pushing: Callbacks
) -> None:
    world.add(a_life("jd", NUMBER, "collected"))
    await subscribe()
    for reply in (
        httpx.Response(200, text="ok"),
        httpx.Response(200, json={"code": "500"}),
        httpx.Response(500, json=TAKEN),
        httpx.Response(200, json=TAKEN),
    ):
        webhook.reply = reply
        await pushing.push_due()
        hands.advance(hours=1)
    assert len(webhook.calls) == 4
    assert (pushing.outcomes[PushOutcome.NOT_TAKEN], pushing.outcomes[PushOutcome.TAKEN]) == (3, 1)
