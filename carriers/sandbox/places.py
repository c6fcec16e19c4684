"""Where parcels come from and go to: a few warehouses, and real places from big cities to far towns."""

from dataclasses import dataclass

from carriers.sandbox.life import Place


@dataclass(frozen=True, slots=True)
class Warehouse:
    """Where a merchant ships from. `phone` is printed as the sender's on every label."""

    name: str
    place: Place
    street: str
    phone: str

    @property
    def address(self) -> str:
        """The whole address in one line."""
        return self.place.address + self.street


WAREHOUSES: tuple[Warehouse, ...] = (
    Warehouse("义乌仓", Place("浙江省", "金华市", "义乌市", "北苑街道"), "拥军路88号3栋", "13900007712"),
    Warehouse("广州仓", Place("广东省", "广州市", "白云区", "太和镇"), "大源南路16号", "13900003358"),
    Warehouse("郑州仓", Place("河南省", "郑州市", "中牟县", "官渡镇"), "物流大道5号B库", "13900009046"),
)

PLACES: tuple[Place, ...] = (
    Place("浙江省", "杭州市", "余杭区", "良渚街道"),
    Place("浙江省", "温州市", "苍南县", "灵溪镇"),
    Place("浙江省", "丽水市", "景宁畲族自治县", "红星街道", rural=True),
    Place("江苏省", "苏州市", "昆山市", "花桥镇"),
    Place("江苏省", "徐州市", "沛县", "龙固镇", rural=True),
    Place("江苏省", "盐城市", "射阳县", "合德镇"),
    Place("上海市", "", "浦东新区", "川沙新镇"),
    Place("上海市", "", "青浦区", "华新镇"),
    Place("北京市", "", "通州区", "马驹桥镇"),
    Place("北京市", "", "昌平区", "小汤山镇"),
    Place("天津市", "", "武清区", "王庆坨镇"),
    Place("广东省", "东莞市", "", "长安镇"),
    Place("广东省", "深圳市", "龙岗区", "坂田街道"),
    Place("广东省", "湛江市", "徐闻县", "曲界镇", rural=True),
    Place("广东省", "梅州市", "五华县", "水寨镇"),
    Place("福建省", "泉州市", "安溪县", "凤城镇"),
    Place("福建省", "宁德市", "霞浦县", "三沙镇", rural=True),
    Place("江西省", "赣州市", "于都县", "贡江镇"),
    Place("湖南省", "长沙市", "浏阳市", "大瑶镇"),
    Place("湖南省", "湘西土家族苗族自治州", "花垣县", "花垣镇", rural=True),
    Place("湖北省", "武汉市", "江夏区", "五里界街道"),
    Place("湖北省", "恩施土家族苗族自治州", "利川市", "汪营镇", rural=True),
    Place("河南省", "洛阳市", "栾川县", "潭头镇", rural=True),
    Place("河南省", "周口市", "太康县", "逊母口镇", rural=True),
    Place("河南省", "南阳市", "镇平县", "石佛寺镇"),
    Place("山东省", "菏泽市", "曹县", "大集镇", rural=True),
    Place("山东省", "青岛市", "胶州市", "李哥庄镇"),
    Place("河北省", "石家庄市", "正定县", "正定镇"),
    Place("山西省", "吕梁市", "临县", "碛口镇", rural=True),
    Place("陕西省", "西安市", "长安区", "子午街道"),
    Place("陕西省", "安康市", "汉阴县", "漩涡镇", rural=True),
    Place("安徽省", "黄山市", "黟县", "宏村镇", rural=True),
    Place("安徽省", "阜阳市", "临泉县", "城关街道"),
    Place("四川省", "成都市", "双流区", "黄龙溪镇"),
    Place("四川省", "甘孜藏族自治州", "康定市", "新都桥镇", rural=True),
    Place("重庆市", "", "合川区", "钓鱼城街道"),
    Place("重庆市", "", "彭水苗族土家族自治县", "郁山镇", rural=True),
    Place("贵州省", "黔东南苗族侗族自治州", "雷山县", "西江镇", rural=True),
    Place("广西壮族自治区", "桂林市", "阳朔县", "兴坪镇", rural=True),
    Place("黑龙江省", "哈尔滨市", "五常市", "五常镇"),
    Place("吉林省", "延边朝鲜族自治州", "安图县", "二道白河镇", rural=True),
    Place("辽宁省", "丹东市", "东港市", "前阳镇"),
    Place("云南省", "大理白族自治州", "剑川县", "沙溪镇", remote=True, rural=True),
    Place("海南省", "", "文昌市", "龙楼镇", remote=True, rural=True),
    Place("甘肃省", "酒泉市", "敦煌市", "月牙泉镇", remote=True, rural=True),
    Place("青海省", "海西蒙古族藏族自治州", "格尔木市", "郭勒木德镇", remote=True, rural=True),
    Place("宁夏回族自治区", "中卫市", "沙坡头区", "迎水桥镇", remote=True),
    Place("内蒙古自治区", "赤峰市", "克什克腾旗", "经棚镇", remote=True, rural=True),
    Place("新疆维吾尔自治区", "喀什地区", "莎车县", "莎车镇", remote=True, rural=True),
    Place("新疆维吾尔自治区", "伊犁哈萨克自治州", "霍城县", "清水河镇", remote=True, rural=True),
    Place("西藏自治区", "林芝市", "巴宜区", "鲁朗镇", remote=True, rural=True),
)
