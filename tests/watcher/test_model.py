import pytest

from watcher.model import place_in_words


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("广东省", "深圳市", "南山区", "粤海街道"), "广东省 深圳市 南山区 粤海街道"),
        (("北京市", "北京市"), "北京市"),
        (("北京市", "市辖区", "朝阳区", None), "北京市 朝阳区"),
        (("海南省", "省直辖县级行政区划", "文昌市", "龙楼镇"), "海南省 文昌市 龙楼镇"),
        (("广东省", "东莞市", "东莞市", "长安镇"), "广东省 东莞市 长安镇"),
        (("湖北省", "省直辖县级行政区划"), "湖北省 省直辖县级行政区划"),
        ((None, None), ""),
    ],
)
def test_a_place_is_said_as_people_say_it(names, words):
    assert place_in_words(names) == words
