"""The rule table: family, what inhibits a rule, the function that checks it, and what it says to staff in zh and en.

Urgency and chance of loss are not here: they come from the pack.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from watcher.detection.before_pickup import no_first_scan
from watcher.detection.context import Context
from watcher.detection.data import cannot_watch
from watcher.detection.last_mile import failed_attempt, recipient_unreachable, refused
from watcher.detection.returns import return_to_sender
from watcher.detection.service_area import out_of_area, pickup_only
from watcher.detection.transit import stalled
from watcher.detection.words import Language, Text, spoken
from watcher.model import Family, Finding, History, NotYet, PollSummary, Rule, Shipment

Check = Callable[[Shipment, History, PollSummary, Context, datetime], Finding | NotYet | None]


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """One rule. `reads_silence` marks rules that conclude from nothing being heard: they say nothing on old data.

    `sentence` is filled with the finding's facts; `addition` follows it when the fact named first is there.
    """

    rule: Rule
    family: Family
    check: Check
    name: Text
    sentence: Text
    ends_when: Text
    inhibited_by: frozenset[Rule] = frozenset()
    reads_silence: bool = False
    addition: tuple[str, Text] | None = None


_WAITED = (
    "waited_hours",
    Text(
        "此后 {waited_hours} 小时仍没有新的进展。", " Nothing has come of it for {waited_hours} hours since."
    ),
)
_AT_THE_DOOR = frozenset(
    {
        Rule.FAILED_ATTEMPT,
        Rule.RECIPIENT_UNREACHABLE,
        Rule.REFUSED,
        Rule.OUT_OF_AREA,
        Rule.PICKUP_ONLY,
        Rule.RETURN_TO_SENDER,
    }
)

_ENTRIES = (
    RuleEntry(
        rule=Rule.NO_FIRST_SCAN,
        family=Family.BEFORE_PICKUP,
        check=no_first_scan,
        name=Text("未揽收", "Not picked up"),
        sentence=Text(
            "运单号在 {since} 上传，至今没有揽收记录。上传满 {deadline_hours} 小时，平台可能判虚假发货并罚款，"
            "请核对包裹是否已交给快递，并催网点揽收。",
            "The number was uploaded at {since}, and there is no pickup scan since. {deadline_hours} hours after that"
            " platforms may fine it as a fake shipment: check that the parcel left, and have the branch scan it.",
        ),
        ends_when=Text("出现揽收或之后的轨迹", "A pickup scan or any later one appears"),
        inhibited_by=frozenset({Rule.CANNOT_WATCH}),
        reads_silence=True,
    ),
    RuleEntry(
        rule=Rule.STALLED,
        family=Family.TRANSIT,
        check=stalled,
        name=Text("轨迹停滞", "Not moving"),
        sentence=Text(
            "最后一条轨迹在 {since}{place}，此后没有更新，{lane}不该停 {hours} 小时以上。"
            "可能积压、错分或丢失，请向快递公司催问，并先告诉买家。",
            "The last scan is from {since}{place}, and nothing since; more than {hours} hours is too long for {lane}."
            " It may be jammed, missorted or lost: ask the carrier for a plan, and tell the buyer before they ask.",
        ),
        ends_when=Text("出现新的轨迹", "Any new scan appears"),
        inhibited_by=_AT_THE_DOOR,
        reads_silence=True,
    ),
    RuleEntry(
        rule=Rule.FAILED_ATTEMPT,
        family=Family.LAST_MILE,
        check=failed_attempt,
        name=Text("派送失败", "Delivery attempt failed"),
        sentence=Text(
            "{since} 派送没有成功{place}，这是第 {attempts} 次。没人管的话常常会直接退回，"
            "请马上联系收件人和快递员，约好再派的时间。",
            "Delivery failed at {since}{place}, attempt number {attempts}. Left alone it often goes straight back: call"
            " the recipient and the courier now and agree a time.",
        ),
        ends_when=Text(
            "再次派送、签收、可自提或已退回", "It is out again, handed over, ready to be fetched, or back"
        ),
        inhibited_by=_AT_THE_DOOR - {Rule.FAILED_ATTEMPT},
        addition=_WAITED,
    ),
    RuleEntry(
        rule=Rule.RECIPIENT_UNREACHABLE,
        family=Family.LAST_MILE,
        check=recipient_unreachable,
        name=Text("联系不上收件人", "Recipient not reached"),
        sentence=Text(
            "快递员在 {since} 联系不上收件人{place}，这是第 {attempts} 次。请换其他号码或用平台消息联系，"
            "再把打得通的号码告诉快递员，否则包裹会被退回。",
            "The courier could not reach the recipient at {since}{place}, time number {attempts}. Try the other numbers"
            " and the platform's chat, and give the courier one that works, or the parcel goes back.",
        ),
        ends_when=Text(
            "再次派送、签收、可自提或已退回", "It is out again, handed over, ready to be fetched, or back"
        ),
        inhibited_by=frozenset({Rule.REFUSED, Rule.RETURN_TO_SENDER}),
        addition=_WAITED,
    ),
    RuleEntry(
        rule=Rule.REFUSED,
        family=Family.LAST_MILE,
        check=refused,
        name=Text("拒收", "Refused"),
        sentence=Text(
            "收件人在 {since} 拒收{place}。退回之前还能挽回，请客气地问问原因，看看换个办法行不行。",
            "The recipient refused it at {since}{place}. Until it goes back it can still be saved: ask why, without"
            " blame, and offer what fits.",
        ),
        ends_when=Text("最终签收或已退回", "It is delivered after all, or back"),
        inhibited_by=frozenset({Rule.RETURN_TO_SENDER}),
        addition=_WAITED,
    ),
    RuleEntry(
        rule=Rule.OUT_OF_AREA,
        family=Family.SERVICE_AREA,
        check=out_of_area,
        name=Text("超区", "Outside the service area"),
        sentence=Text(
            "{since} 快递报告地址超出派送范围{place}，不会送上门。请尽快商定怎么办：转给能到的快递、"
            "改到能派送的地址，或者退回重发。",
            "At {since} the carrier said that the address is outside its area{place}; it will not come to the door."
            " Settle it soon: hand over to a carrier that reaches, change the address, or recall and reship.",
        ),
        ends_when=Text("签收或已退回", "It is handed over, or back"),
        inhibited_by=frozenset({Rule.RETURN_TO_SENDER}),
        addition=_WAITED,
    ),
    RuleEntry(
        rule=Rule.PICKUP_ONLY,
        family=Family.SERVICE_AREA,
        check=pickup_only,
        name=Text("需要自提", "Recipient must fetch it"),
        sentence=Text(
            "{since} 快递说明不送上门，要收件人自己去取{place}。请告诉收件人在哪里取、问问方不方便；"
            "不方便就一起想别的办法。",
            "At {since} the carrier said that it will not come to the door, the recipient must fetch it{place}. Tell"
            " them where, ask whether they can, and find another way if they cannot.",
        ),
        ends_when=Text("收件人取走或已退回", "It was fetched, or is back"),
        inhibited_by=frozenset({Rule.RETURN_TO_SENDER}),
        addition=_WAITED,
    ),
    RuleEntry(
        rule=Rule.RETURN_TO_SENDER,
        family=Family.RETURN,
        check=return_to_sender,
        name=Text("退回", "Going back"),
        sentence=Text(
            "{since} 起包裹{under_way}{place}。越早拦截越有机会，请问清买家还要不要，再请快递截回改派。",
            "Since {since} {under_way}{place}. The sooner it is stopped the better: ask the buyer whether they still"
            " want it, then have the carrier turn it round.",
        ),
        ends_when=Text("退回签收或最终签收", "It is back with the shipper, or delivered after all"),
    ),
    RuleEntry(
        rule=Rule.CANNOT_WATCH,
        family=Family.DATA,
        check=cannot_watch,
        name=Text("查不到轨迹", "Cannot be watched"),
        sentence=Text(
            "自 {since} 起查不到这个包裹：{why}。这段时间出了问题我们看不见，请核对运单号和手机尾号，"
            "或到快递公司官网查看。",
            "Since {since} we cannot look: {why}. Trouble would go unseen: check the number and the phone tail, or look"
            " at the carrier's own page.",
        ),
        ends_when=Text("查询来源重新给出轨迹", "The source answers again"),
    ),
)

RULES: Mapping[Rule, RuleEntry] = MappingProxyType({entry.rule: entry for entry in _ENTRIES})


def name(rule: Rule, *, language: Language) -> str:
    """What staff call the rule."""
    return RULES[rule].name.get(language)


def ends_when(rule: Rule, *, language: Language) -> str:
    """What makes a finding of the rule untrue."""
    return RULES[rule].ends_when.get(language)


def sentence(rule: Rule, facts: Mapping[str, str | int], *, language: Literal["zh", "en"]) -> str:
    """What happened, since when, and why it matters. Never fails: a missing fact gets a word for "not known"."""
    entry = RULES[rule]
    said = spoken(entry.sentence, facts, language=language)
    if entry.addition and entry.addition[0] in facts:
        said += spoken(entry.addition[1], facts, language=language)
    return said
