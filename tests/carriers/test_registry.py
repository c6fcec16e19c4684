"""The registry finds sources by id and by carrier, and patterns rank the carriers of a number."""

import pytest

from carriers import registry
from carriers.contract import Answer
from carriers.numbers import Candidate, Likelihood, candidates, normal_form, ranked


def test_a_source_is_found_by_its_id() -> None:
    assert registry.source("zto").INFO.name_zh == "中通快递"


def test_a_misspelt_source_gets_the_nearest_id() -> None:
    with pytest.raises(LookupError, match="did you mean 'kuaidi100'"):
        registry.source("kuadi100")


def test_a_source_like_no_other_gets_the_list() -> None:
    with pytest.raises(LookupError, match="there are sf, zto"):
        registry.source("pigeon-post")


def test_only_sources_that_call_back_have_a_push_side() -> None:
    assert registry.pushing("kuaidi100") is not None
    assert registry.subscribing("zto") is registry.pushing("zto") is registry.source("zto")
    assert registry.pushing("sf") is not None
    assert registry.subscribing("sf") is None
    assert registry.pushing("pigeon-post") is None
    assert registry.confirming("dhl") is registry.subscribing("dhl") is registry.source("dhl")
    assert registry.confirming("zto") is None
    assert registry.CONFIRMING.keys() <= registry.SUBSCRIBING.keys()
    assert registry.PUSHING.keys() <= registry.SOURCES.keys()
    assert all(Answer.PUSH in adapter.INFO.answers for adapter in registry.PUSHING.values())


def test_only_sources_that_want_a_token_have_a_side_for_it() -> None:
    assert registry.token_bearing("ups") is not None
    assert registry.token_bearing("zto") is None


def test_a_carrier_s_own_source_comes_before_the_aggregators() -> None:
    assert registry.sources_for("zto") == (
        "zto",
        "kuaidi100",
        "cainiao",
        "kdniao",
        "seventeentrack",
        "aftership",
        "trackingmore",
        "aliyun_market",
    )
    assert registry.sources_for("ems") == (
        "ems",
        "kuaidi100",
        "kdniao",
        "seventeentrack",
        "aftership",
        "trackingmore",
        "aliyun_market",
    )
    assert registry.sources_for("usps")[0] == "usps"
    assert "shippo" in registry.sources_for("usps")
    assert registry.sources_for("fengwang") == ("kuaidi100",)
    assert registry.sources_for("pigeon-post") == ()


@pytest.mark.parametrize(
    ("number", "carriers"),
    [
        ("SF1000000000001", ("sf",)),
        ("sf 1000 0000 00001", ("sf",)),
        ("ＳＦ１０００００００００００１", ("sf",)),
        ("78400000000001", ("zto", "dhl")),
        ("99900000000001", ("zto", "dhl")),
        ("123456789012", ("fedex", "sf", "dhl")),
        ("541234567890", ("sf", "zto", "dhl", "fedex")),
        ("EA123456785CN", ("ems",)),
        ("YT0000000000001", ("yto",)),
        ("800000000000000001", ("yto", "fedex")),
        ("777000000000001", ("sto", "sf", "yunda", "fedex")),
        ("368000000001", ("sf", "sto", "dhl", "fedex")),
        ("DPK000000000001", ("deppon",)),
        ("JDVA00000000001", ("jd",)),
        ("JDX000000000001", ("jd",)),
        ("JD0000000001AB", ("jd",)),
        ("VA00000000001", ("jd",)),
        ("3300000000001", ("sto", "yunda")),
        ("JT0000000000001", ("jt",)),
        ("UT0000000000001", ("jt",)),
        ("310000000000001", ("yunda", "sf", "fedex")),
        ("4300000000001", ("sto", "yunda")),
        ("3100000000001", ("yunda",)),
        ("900000000000001", ("fedex", "sf", "yunda")),
        ("986578788855", ("fedex", "sf", "dhl")),
        ("9611020987654312345672", ("fedex",)),
        ("61292701078443410536", ("fedex", "usps")),
        ("1Z5R89390357567127", ("ups",)),
        ("K1506235620", ("ups",)),
        ("92419900000033499522966220", ("usps", "ups")),
        ("9400111206206406260787", ("usps",)),
        ("420787459400111206206406260787", ("usps",)),
        ("92748931507708513018050063", ("usps", "ups")),
        ("03071790000523483741", ("usps",)),
        ("RB123456785US", ("usps", "ems")),
        ("3318810025", ("dhl",)),
        ("JVGL0999999990", ("dhl",)),
        ("GM2951173225174494", ("dhl",)),
        ("LX123456785CN", ("ems",)),
        ("00340434292135100124", ("usps", "dhl")),
        ("SF100000000000", ()),
        ("", ()),
    ],
)
def test_patterns_rank_the_carriers_of_a_number(number: str, carriers: tuple[str, ...]) -> None:
    assert candidates(number) == carriers


def test_numbers_are_compared_in_one_form() -> None:
    assert normal_form(" sf1000　000000001\t") == "SF1000000000001"


@pytest.mark.parametrize(
    ("number", "carrier", "likelihood"),
    [
        ("SF1000000000001", "sf", Likelihood.SURE),
        ("78400000000001", "zto", Likelihood.LIKELY),
        ("99900000000001", "zto", Likelihood.POSSIBLE),
        ("RR123456785CN", "ems", Likelihood.SURE),
        ("RR123456784CN", "ems", Likelihood.DOUBTFUL),
        ("986578788855", "fedex", Likelihood.LIKELY),
        ("996578788855", "fedex", Likelihood.DOUBTFUL),
        ("1Z5R89390357567127", "ups", Likelihood.SURE),
        ("1Z12345E0205271688", "ups", Likelihood.DOUBTFUL),
        ("92419900000033499522966220", "ups", Likelihood.POSSIBLE),
        ("9400111206206406260787", "usps", Likelihood.LIKELY),
        ("9400111206206406260788", "usps", Likelihood.DOUBTFUL),
        ("3318810025", "dhl", Likelihood.LIKELY),
        ("3318810010", "dhl", Likelihood.DOUBTFUL),
        ("60120172242323", "dhl", Likelihood.POSSIBLE),
    ],
)
def test_form_and_check_digit_say_how_likely_a_carrier_is(
    number: str, carrier: str, likelihood: Likelihood
) -> None:
    assert Candidate(carrier, likelihood) in ranked(number)


def test_the_likeliest_come_first() -> None:
    for number in ("541234567890", "99900000000001", "RR123456784CN"):
        likelihoods = [candidate.likelihood for candidate in ranked(number)]
        assert likelihoods == sorted(likelihoods)
