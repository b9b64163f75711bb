"""Invented people of the pilot villages: names, ID numbers with valid check digits, numbers of their papers."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta

FAMILY_NAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
GIVEN = (
    "桂香秀英玉兰春梅国强建军志明德福长生金莲冬娥满秀运来少华立新海波小红丽娟文斌晓燕佳怡子轩梓涵浩然雨桐"
    "芳芝连云新秋菊爱国社会光荣友良清泉水生"
)
PLACES = {
    "430423": ("湖南省衡山县白果镇岳北村", "衡山县公安局", "衡山县"),
    "430406": ("湖南省衡阳市雁峰区岳屏镇前进村", "衡阳市公安局雁峰分局", "雁峰区"),
    "510811": ("四川省广元市昭化区元坝镇石井铺村", "广元市公安局昭化分局", "昭化区"),
}
BANKS = ("中国农业银行", "中国邮政储蓄银行", "湖南省农村信用社", "中国建设银行", "中国工商银行")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


class Inventor:
    """Invents people and numbers, the same for the same seed."""

    def __init__(self, seed: int, today: date) -> None:
        self.random = random.Random(seed)
        self.today = today

    def person(self, oldest: int = 95, youngest: int = 18) -> dict[str, str]:
        """Name, gender, birth (ISO), ID number, address, issuing body and county of an invented person."""
        area = self.random.choice(sorted(PLACES))
        village, police, county = PLACES[area]
        born = self.today - timedelta(days=self.random.randint(youngest * 366, oldest * 365))
        gender = self.random.choice("男女")
        return {
            "name": self.name(),
            "gender": gender,
            "birth": born.isoformat(),
            "id_number": self.id_number(area, born, gender),
            "ethnicity": self.random.choice(("汉", "汉", "汉", "苗", "土家", "侗")),
            "address": f"{village}第{self.random.choice('一二三四五六七八九')}村民小组{self.random.randint(1, 160)}号",
            "police": police,
            "county": county,
        }

    def name(self) -> str:
        """A family name and one or two characters."""
        given = "".join(self.random.choices(GIVEN, k=self.random.choice((1, 2, 2, 2))))
        return self.random.choice(FAMILY_NAMES) + given

    def id_number(self, area: str, born: date, gender: str) -> str:
        """An ID number (GB 11643) with its check digit."""
        order = self.random.randrange(1, 998, 2) if gender == "男" else self.random.randrange(2, 998, 2)
        body = f"{area}{born:%Y%m%d}{order:03d}"
        return body + "10X98765432"[sum(int(a) * b for a, b in zip(body, WEIGHTS, strict=True)) % 11]

    def digits(self, count: int) -> str:
        """That many digits, the first not 0."""
        return str(self.random.randint(1, 9)) + "".join(self.random.choices("0123456789", k=count - 1))

    def bank_number(self) -> str:
        """A card number of 19 digits that keeps Luhn's rule."""
        body = "62" + self.digits(16)
        doubled = [int(each) * (1 + (at % 2 == 0)) for at, each in enumerate(reversed(body))]
        return body + str(-sum(each - 9 if each > 9 else each for each in doubled) % 10)

    def credit_code(self) -> str:
        """A unified social credit code (GB 32100) with its check character."""
        body = "92430423MA" + "".join(self.random.choices(USCC, k=7))
        return body + USCC[-sum(USCC.index(each) * pow(3, at, 31) for at, each in enumerate(body)) % 31]

    def day(self, earliest: int, latest: int) -> date:
        """A day between so many days before today."""
        return self.today - timedelta(days=self.random.randint(latest, earliest))


def spoken_day(day: date | str) -> Mapping[str, str]:
    """Year, month and day of a date, as they stand on papers."""
    year, month, of_month = str(day).split("-")
    return {"y": year, "m": str(int(month)), "d": str(int(of_month))}
