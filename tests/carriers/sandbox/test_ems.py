"""China Post from the vendor's side: one address, sealed questions, words for failures, pushes line by line."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from carriers.sandbox import ems
from carriers.sandbox.callbacks import Callbacks
from carriers.sandbox.life import Life
from carriers.sandbox.limits import Limit
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.world import Outcome, World

Ask = Callable[..., Awaitable[tuple[dict[str, Any], Any]]]
MakeLife = Callable[..., Life]
NUMBER = "9400000000001"
OURS = "http://us.test/push"
SAMPLE_KEY = "TvaBgrhE46sft3nZlfe7xw=="
SAMPLE = '{"language":"zh-CN","orderId":"QIAO-20200618-004"}' + SAMPLE_KEY
SEALED_SAMPLE = (
    "|$4|efB6PnjDpgHG4xfrvYlXonyBuMJoGTynkfasopHvbl2u3nmNeP+rznA3DyRwb/2GeZL7I3rL6HKD5+Tv3Uy6x8jIDISbYG8Bg14caH2f"
    "lYE="
)


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Ask:
    """Asks for a number; form fields and the sealed text can be changed. Gives the envelope and what is in its body."""

    async def asked(
        number: str = NUMBER, *, plain: str | None = None, **form: Any
    ) -> tuple[dict[str, Any], Any]:
        question = f'{{"waybillNo":"{number}","direction":"0"}}{ems.SIGN_KEY}'
        fields = {
            "apiCode": "040001",
            "senderNo": ems.SENDER_NO,
            "authorization": ems.AUTHORIZATION,
            "timeStamp": "2026-03-02 10:00:00",
            "logitcsInterface": ems.seal(question if plain is None else plain, ems.SIGN_KEY),
        }
        response = await client.post("/ems", data=fields | form)
        assert response.status_code == 200
        envelope = response.json()
        return envelope, json.loads(envelope["retBody"]) if envelope["retBody"] else None

    return asked


def test_sealing_follows_the_vendors_rule() -> None:
    assert ems.seal(SAMPLE, SAMPLE_KEY) == SEALED_SAMPLE
    assert ems.unseal(SEALED_SAMPLE, SAMPLE_KEY) == SAMPLE
    assert ems.unseal(SEALED_SAMPLE[4:], SAMPLE_KEY) is None


async def test_a_parcel_prints_its_operations(world: World, a_life: MakeLife, ask: Ask) -> None:
    world.add(a_life("ems", NUMBER, "ordered", "collected", "refused", "delivered_to_proxy"))
    envelope, body = await ask()
    assert envelope["retCode"] == "00000"
    items = body["responseItems"]
    assert [(one["opCode"], one["deliverCode"], one["attemptDeliveryCode"]) for one in items] == [
        ("203", "", ""),
        ("705", "", "7"),
        ("704", "20", ""),
    ]
    assert items[0]["opTime"] == "2026-03-01 14:00:00"
    assert (items[0]["opName"], items[0]["opDesc"], items[0]["opOrgCity"]) == (
        "收寄计费信息",
        "collected 于网点",
        "上海市",
    )
    assert world.counts["ems", Outcome.ANSWERED] == 1


async def test_a_life_can_tell_of_an_operation_that_undoes(world: World, a_life: MakeLife, ask: Ask) -> None:
    life = a_life("ems", NUMBER, "delivered", "note")
    world.add(replace(life, events=(life.events[0], replace(life.events[1], code="743"))))
    _, body = await ask()
    assert [(one["opCode"], one["opName"]) for one in body["responseItems"]][-1] == ("743", "投递妥投撤销")


@pytest.mark.parametrize("number", [NUMBER, "RR123456785CN"])
async def test_a_number_without_a_record_is_not_linked_to_the_customer(
    world: World, ask: Ask, number: str
) -> None:
    envelope, body = await ask(number)
    assert (envelope["retCode"], envelope["retMsg"]) == ("00000", "当前邮件无客户信息！")
    assert body == {"responseItems": []}
    assert world.counts["ems", Outcome.NOTHING_YET] == 1


@pytest.mark.parametrize(
    ("changes", "words", "outcome"),
    [
        ({"senderNo": "1"}, "客户号不存在", Outcome.SIGNATURE_REFUSED),
        ({"authorization": "x"}, "授权码错误", Outcome.SIGNATURE_REFUSED),
        ({"logitcsInterface": "|$4|AAAA"}, "报文解密失败", Outcome.SIGNATURE_REFUSED),
        ({"logitcsInterface": ""}, "报文解密失败", Outcome.SIGNATURE_REFUSED),
        (
            {"plain": '{"waybillNo":"9400000000001","direction":"0"}'},
            "报文解密失败",
            Outcome.SIGNATURE_REFUSED,
        ),
        ({"apiCode": "040009"}, "该接口未开通", Outcome.CALL_REFUSED),
        ({"timeStamp": ""}, "报文格式错误", Outcome.CALL_REFUSED),
        ({"plain": "{" + ems.SIGN_KEY}, "报文格式错误", Outcome.CALL_REFUSED),
        (
            {"plain": '{"waybillNo":"9400000000001","direction":"7"}' + ems.SIGN_KEY},
            "报文格式错误",
            Outcome.CALL_REFUSED,
        ),
        ({"number": "SF1000000000001"}, "报文格式错误", Outcome.NUMBER_REFUSED),
        ({"number": "RR123456789CN"}, "报文格式错误", Outcome.NUMBER_REFUSED),
    ],
)
async def test_a_question_is_refused(
    world: World, ask: Ask, changes: dict[str, Any], words: str, outcome: Outcome
) -> None:
    envelope, body = await ask(**changes)
    assert (envelope["retCode"], envelope["retMsg"], body) == ("S00001", f"{words}！", None)
    assert world.counts["ems", outcome] == 1


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("9400000000001", True),
        ("940000000001", False),
        ("RR123456785CN", True),
        ("RR123456784CN", False),
        ("EA000000005CN", True),
        ("rr123456785CN", False),
    ],
)
def test_numbers_have_thirteen_digits_or_a_check_digit(number: str, *, right: bool) -> None:
    assert ems.well_formed(number) is right


async def test_too_many_in_a_second_are_refused(hands: Any, world: World, ask: Ask) -> None:
    world.limits = {"ems": Limit(2)}
    assert [(await ask())[0]["retMsg"] for _ in range(3)][-1] == "访问频率过高！"
    hands.real += 1
    assert (await ask())[0]["retCode"] == "00000"


class Webhook:
    """Writes down what was told, and answers as the test wants."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.reply: httpx.Response = httpx.Response(200, json={"code": "00000"})

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.told.append(json.loads(request.content))
        return self.reply


@pytest.fixture
def webhook() -> Webhook:
    return Webhook()


@pytest.fixture
def calls(world: World, webhook: Webhook) -> Callbacks:
    world.consoles["ems"] = OURS
    assert ems.PLAYS.calls_back is not None
    made = ems.PLAYS.calls_back(world, httpx.AsyncClient(transport=httpx.MockTransport(webhook)))
    assert isinstance(made, Callbacks)
    return made


async def test_each_operation_of_the_customer_s_parcels_is_told_sealed(
    world: World, a_life: MakeLife, webhook: Webhook, calls: Callbacks
) -> None:
    world.add(a_life("ems", NUMBER, "ordered", "collected", "out_for_delivery"))
    world.add(a_life("zto", "Z1", "collected"))
    assert await calls.push_due() == 1
    assert [message["method"] for message in webhook.told] == ["040002", "040002"]
    opened = [json.loads(ems.unseal(one["logitcsInterface"], ems.SIGN_KEY) or "") for one in webhook.told]
    assert [(one["waybillNo"], one["opCode"]) for one in opened] == [(NUMBER, "203"), (NUMBER, "702")]
    assert len({message["serialNo"] for message in webhook.told}) == 2
    assert calls.outcomes[PushOutcome.TAKEN] == 1


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(200, json={"code": "S00001"}),
        httpx.Response(500, json={"code": "00000"}),
        httpx.Response(200, text="ok"),
        httpx.Response(200, json=["00000"]),
    ],
    ids=["refused", "500", "no json", "a list"],
)
async def test_a_call_that_is_not_taken_is_repeated(
    world: World, hands: Any, a_life: MakeLife, *, webhook: Webhook, calls: Callbacks, reply: httpx.Response
) -> None:
    world.add(a_life("ems", NUMBER, "collected"))
    webhook.reply = reply
    assert await calls.push_due() == 1
    assert calls.outcomes[PushOutcome.NOT_TAKEN] == 1
    webhook.reply = httpx.Response(200, json={"code": "00000"})
    hands.now += timedelta(minutes=30)
    assert await calls.push_due() == 1
    assert calls.outcomes[PushOutcome.TAKEN] == 1
