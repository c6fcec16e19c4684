"""Addresses as people write them, and the divisions they name."""

import csv
import gzip
from functools import cache
from importlib.resources import files
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.intake.regions import Regions
from watcher.model import Region


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("广东省深圳市南山区粤海街道科技园", "440305007"),
        ("广东深圳南山粤海街道", "440305007"),
        ("广东 深圳，南山 / 粤海街道", "440305007"),
        ("深圳市南山区粤海街道", "440305007"),
        ("深圳南山科技园", "440305"),
        ("内蒙古呼和浩特市新城区", "150102"),
        ("内蒙古自治区锡林郭勒盟锡林浩特市", "152502"),
        ("恩施州利川市", "422802"),
        ("景宁县鹤溪街道", "331127002"),
        ("浙江省丽水市景宁畲族自治县", "331127"),
        ("吉林市船营区", "220204"),
        ("吉林吉林市昌邑区", "220202"),
        ("海南州共和县", "632521"),
        ("浙江义乌北苑街道", "330782004"),
        ("昆山市玉山镇", "320583100"),
        ("四川成都", "5101"),
        ("海南", "46"),
        ("台湾省台北市", "71"),
    ],
)
def test_full_and_short_names_are_followed_as_deep_as_they_go(
    regions: Regions, address: str, code: str
) -> None:
    assert regions.find(address).finest == code


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("北京市朝阳区望京街道", "110105026"),
        ("北京 北京市 海淀区 中关村街道", "110108011"),
        ("北京市市辖区朝阳区建国路", "110105"),
        ("北京朝阳", "110105"),
        ("上海上海市徐汇区", "310104"),
        ("上海浦东张江", "310115125"),
        ("上海", "3101"),
        ("天津河北区", "120105"),
        ("重庆市渝中区", "500103"),
        ("重庆市县奉节县永安街道", "500236001"),
        ("重庆", "50"),
    ],
)
def test_municipalities_need_no_city(regions: Regions, address: str, code: str) -> None:
    assert regions.find(address).finest == code


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("兰州拉面馆 浙江省杭州市西湖区文三路1号", "330106"),
        ("上海大众4S店 合肥市蜀山区", "340104"),
        ("成都小吃 贵阳市南明区", "520102"),
        ("李南京 收 江苏省苏州市", "3205"),
        ("上海南京西路100号", "3101"),
        ("四川成都青羊区", "510105"),
    ],
)
def test_a_city_in_the_name_of_a_shop_is_not_where_it_lies(regions: Regions, address: str, code: str) -> None:
    assert regions.find(address).finest == code


@pytest.mark.parametrize(
    "address",
    [
        "北海镇建设路12号",
        "西安区太平路1号",
        "江门镇1号",
        "河北屯镇1号",
        "内蒙古路5号",
    ],
)
def test_a_name_that_goes_on_is_another_name(regions: Regions, address: str) -> None:
    assert regions.find(address).finest is None


def test_a_county_that_became_a_district_is_still_found(regions: Regions) -> None:
    assert regions.find("杭州余杭县").finest == "330110"
    assert regions.find("信阳县").finest == "4115"


def test_a_municipality_is_its_own_city(regions: Regions) -> None:
    assert regions.find("北京市朝阳区") == Region(
        "11", "1101", "110105", None, "北京市", "北京市", "朝阳区", None
    )


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("广东省东莞市虎门镇1号", "441900121"),
        ("东莞虎门连升路", "441900121"),
        ("东莞市南城区鸿福路", "441900004"),
        ("中山市石岐区", "442000001"),
        ("海南省儋州市那大镇", "460400100"),
        ("湖北省仙桃市沙嘴街道", "429004001"),
        ("湖北省省直辖县级行政区划仙桃市干河街道", "429004002"),
        ("湖北仙桃", "429004"),
        ("河南省济源市", "419001"),
        ("甘肃嘉峪关新城镇", "620201100"),
        ("新疆石河子市", "659001"),
    ],
)
def test_cities_without_districts_go_straight_to_the_town(regions: Regions, address: str, code: str) -> None:
    assert regions.find(address).finest == code


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("江苏省苏州市工业园区唯亭街道", "320576052"),
        ("苏州工业园区金鸡湖大道", "320576"),
        ("合肥市高新区望江西路", "340176"),
        ("合肥市经开区", "340177"),
        ("成都市高新区桂溪街道天府大道", "510107064"),
        ("四川省成都市天府新区华阳街道", "510116003"),
    ],
)
def test_development_zones_are_places_or_lead_to_their_towns(
    regions: Regions, address: str, code: str
) -> None:
    assert regions.find(address).finest == code


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("江苏省南通市海门市三厂镇", "320614"),
        ("海门市", "320614"),
        ("山东省莱芜市", "370116"),
        ("山东省莱芜市莱城区凤城街道", "370116001"),
        ("山东莱芜市钢城区艾山街道", "370117001"),
        ("四川省凉山州会理县", "513402"),
        ("四川凉山会理市", "513402"),
        ("浙江省杭州市余杭区临平街道", "330113001"),
        ("余杭区塘栖镇", "330113100"),
        ("浙江省杭州市余杭区仓前街道", "330110012"),
        ("杭州市江干区下沙街道", "330114001"),
        ("杭州市江干区凯旋街道", "330102011"),
        ("杭州市江干区", "3301"),
        ("四平市公主岭市", "220184"),
        ("安徽省巢湖市庐江县", "340124"),
        ("湖北省襄樊市", "4206"),
        ("温州市苍南县龙港镇", "330383"),
        ("上海市闸北区", "310106"),
        ("邢台市桥东区", "130502"),
        ("石家庄桥东区", "1301"),
    ],
)
def test_former_names_lead_to_what_took_over(regions: Regions, address: str, code: str) -> None:
    assert regions.find(address).finest == code


@pytest.mark.parametrize(
    "address",
    [
        "鼓楼区中山北路",
        "朝阳区建国路88号",
        "西湖区文三路",
        "市中区",
        "城区",
        # once also a district of Huai'an and of Shijiazhuang
        "清河区",
        "桥东区",
        "南山大道1号",
        "南京路100号",
        "上海路12号",
        "北京西路",
        "中山公园",
        "北京大学",
        "No. 5 Nanjing Road",
        "",
    ],
)
def test_what_could_be_several_places_is_none(regions: Regions, address: str) -> None:
    assert regions.find(address) == Region()


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("山西省城区", "14"),
        ("浙江省西湖区文三路", "330106"),
        ("江苏省鼓楼区", "32"),
        ("深圳市南山大道1号", "4403"),
        ("江苏南京路", "32"),
        ("浙江路桥区金清镇", "331004106"),
    ],
)
def test_an_unclear_level_stops_at_the_one_above(regions: Regions, address: str, code: str) -> None:
    assert regions.find(address).finest == code


@pytest.mark.parametrize(
    "address",
    [
        "中国广东省广州市天河区石牌街道",
        "收货地址：广东省 广州市，天河区 石牌街道",
        "510000 广东省广州市天河区石牌街道",
        "张三 广东省广州市天河区石牌街道",
        "广东省广东省广州市广州市天河区天河区石牌街道",
        "广东省广州市天河区 广东省广州市天河区石牌街道",
        "广东\u3000广州\u00a0天河区\t石牌街道",
    ],
)
def test_noise_and_repetition_are_passed_over(regions: Regions, address: str) -> None:
    assert regions.find(address).finest == "440106006"


def _names() -> dict[str, str]:
    packed = files("watcher.intake").joinpath("data", "regions.csv.gz").read_bytes()
    return {line[0]: line[1] for line in csv.reader(gzip.decompress(packed).decode().splitlines()[1:])}


def test_every_district_is_found_by_its_full_address(regions: Regions) -> None:
    names = _names()
    stand_ins = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
    spoken = {code: "" if name in stand_ins else name for code, name in names.items()}
    districts = [code for code in names if len(code) == 6]
    addresses = {code: "".join(spoken[code[:length]] for length in (2, 4, 6)) for code in districts}
    assert [code for code, address in addresses.items() if regions.find(address).district != code] == []


def test_nearly_every_town_is_found_by_its_full_address(regions: Regions) -> None:
    names = _names()
    towns = [code for code in names if len(code) == 9]
    addresses = {code: "".join(names[code[:length]] for length in (2, 4, 6, 9)) for code in towns}
    wrong = [code for code, address in addresses.items() if regions.find(address).town != code]
    # names in brackets, and towns that share a name with their neighbour
    assert len(wrong) < len(towns) * 0.003


def test_every_change_points_to_a_place_that_stands() -> None:
    text = files("watcher.intake").joinpath("data", "changes.csv").read_text(encoding="utf-8")
    changes = list(csv.DictReader(text.splitlines()))
    assert len(changes) > 250
    assert len({(change["under"], change["old_name"]) for change in changes}) == len(changes)
    codes = {code for change in changes for code in [change["under"], *change["codes"].split()]}
    assert codes <= set(_names())


@cache
def _loaded() -> Regions:
    # hypothesis refuses fixtures that live longer than one example
    return Regions.load()


@settings(deadline=None)
@given(st.text(alphabet="广东省深圳市南山区粤海街道北京朝阳县镇路 ,1", max_size=40))
def test_a_found_place_is_one_line_of_descent(address: str) -> None:
    region = _loaded().find(address)
    codes = [code for code in (region.province, region.city, region.district, region.town) if code]
    assert all(deeper.startswith(code) for code, deeper in pairwise(codes))


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_at_all_raises(address: str) -> None:
    assert isinstance(_loaded().find(address), Region)
