"""Draws a paper of an invented person after its layout in layouts.yml."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from bot.bench.papers.people import BANKS, Inventor, spoken_day

LAYOUTS = Path(__file__).with_name("layouts.yml")
FONTS = (
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
)
DISABILITIES = {"视力": "1", "听力": "2", "言语": "3", "肢体": "4", "智力": "5", "精神": "6", "多重": "7"}
LEVELS = {"一级": "1", "二级": "2", "三级": "3", "四级": "4"}
INK = (35, 35, 40)
RED = (200, 40, 50)


class FontMissing(Exception):
    """There is no font with Chinese characters to draw papers with: scripts/chromium installs one."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A paper as it was drawn: the picture, which paper, and what stands on it by the keys of papers.yml."""

    image: Image.Image
    kind: str
    part: str
    truth: Mapping[str, str]


@cache
def layouts() -> list[dict[str, Any]]:
    """The layouts of layouts.yml."""
    return list(yaml.safe_load(LAYOUTS.read_text(encoding="utf-8")))


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """The font with that height in pixels. Raises FontMissing."""
    for place in FONTS:
        if Path(place).exists():
            return ImageFont.truetype(place, size)
    raise FontMissing(", ".join(FONTS))


def draw(layout: Mapping[str, Any], values: Mapping[str, str]) -> Drawn:
    """A paper with these values. Raises FontMissing, KeyError for a value that the layout asks and nobody gave."""
    image = Image.new("RGB", tuple(layout["size"]), tuple(layout["paper"]))
    pen = ImageDraw.Draw(image)
    _guilloche(pen, image.size)
    for line in layout.get("lines", []):
        pen.line(tuple(line), fill=(90, 90, 90), width=2)
    for left, top, right, bottom, what in layout.get("picture", []):
        PICTURES[what](pen, (left, top, right, bottom))
    for x, y, size, text, *ink in layout["texts"]:
        pen.text((x, y), text.format_map(values), fill=tuple(ink[0]) if ink else INK, font=font(size))
    for x, y, radius, text in layout.get("seals", []):
        _seal(image, (x, y), radius, text)
    truth = {key: text.format_map(values) for key, text in layout["truth"].items()}
    return Drawn(image, layout["kind"], layout.get("part", ""), truth)


def values_of(inventor: Inventor, **told: str) -> dict[str, str]:
    """What may stand on a paper of an invented person and their spouse; `told` takes the place of what is invented.

    Days that are told as ISO dates (birth, valid_until, issued) are split into years, months and days too.
    """
    person, spouse = inventor.person(), inventor.person(oldest=60, youngest=22)
    disability, level = inventor.random.choice(list(DISABILITIES)), inventor.random.choice(list(LEVELS))
    account, begun = inventor.bank_number(), inventor.day(3000, 30)
    values = {
        **person,
        **{f"spouse_{key}": value for key, value in spouse.items()},
        "relation": inventor.random.choice(("户主", "妻", "长子", "女", "父亲", "孙子")),
        "household": inventor.digits(9),
        "bank": inventor.random.choice(BANKS),
        "account": account,
        "disability": disability,
        "level": level,
        "child_name": inventor.name(),
        "child": inventor.day(300, 5).isoformat(),
        "shop": f"{person['county']}{inventor.random.choice(('兴旺', '便民', '利群', '惠家'))}农副产品经营部",
        "credit_code": inventor.credit_code(),
        "six": inventor.digits(6),
        "seven": inventor.digits(7),
        "invoice": inventor.digits(20),
        "telephone": "13" + inventor.digits(9),
        "money": f"{inventor.random.randint(800, 9800)}.00",
        "plot": str(inventor.random.randint(60, 210)),
        "floor": str(inventor.random.randint(90, 400)),
        "card_letters": "A" + inventor.digits(8),
        "issued": inventor.day(80, 3).isoformat(),
        "valid_from": begun.isoformat(),
        "valid_until": begun.replace(year=begun.year + 20, day=min(begun.day, 28)).isoformat(),
        "age": str((inventor.today - timedelta(days=365)).year - int(person["birth"][:4])),
        **told,
    }
    return values | _derived(values)


def _derived(values: Mapping[str, str]) -> dict[str, str]:
    address, account = values["address"], values["account"]
    derived = {f"address_{at + 1}": address[at * 11 : at * 11 + 11] for at in range(3)}
    derived["account_spaced"] = " ".join(account[at : at + 4] for at in range(0, len(account), 4))
    derived["disability_code"] = DISABILITIES[values["disability"]] + LEVELS[values["level"]]
    derived["from_dots"] = values["valid_from"].replace("-", ".")
    derived["until_dots"] = values["valid_until"].replace("-", ".")
    days = {
        "birth": "birth",
        "spouse_birth": "spouse_birth",
        "issued": "issued",
        "child": "child",
        "until": "valid_until",
    }
    for key, value in days.items():
        if values[value] != "长期":
            derived |= {f"{key}_{part}": each for part, each in spoken_day(values[value]).items()}
    return derived | {"until_yy": derived.get("until_y", "2099")[2:]}


def _guilloche(pen: ImageDraw.ImageDraw, size: tuple[int, int]) -> None:
    for wave in range(0, size[1], 16):
        points = [(x, wave + 6 * math.sin(x / 40 + wave)) for x in range(0, size[0], 12)]
        pen.line(points, fill=(206, 216, 220), width=1)


def _face(pen: ImageDraw.ImageDraw, box: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = box
    middle, width = (left + right) // 2, right - left
    pen.rectangle(box, fill=(236, 240, 244))
    pen.pieslice(
        (left + width // 8, bottom - width // 2, right - width // 8, bottom + width // 2), 180, 360, fill=(60, 70, 110)
    )
    pen.ellipse((middle - width // 4, top + width // 5, middle + width // 4, top + width), fill=(224, 190, 164))
    pen.chord(
        (middle - width // 4, top + width // 8, middle + width // 4, top + width // 1.6), 180, 360, fill=(40, 34, 30)
    )


def _emblem(pen: ImageDraw.ImageDraw, box: tuple[int, int, int, int]) -> None:
    pen.ellipse(box, fill=(196, 50, 40), outline=(214, 170, 60), width=8)


def _chip(pen: ImageDraw.ImageDraw, box: tuple[int, int, int, int]) -> None:
    pen.rounded_rectangle(box, 12, fill=(206, 180, 110), outline=(120, 100, 50), width=3)


def _code(pen: ImageDraw.ImageDraw, box: tuple[int, int, int, int]) -> None:
    chance = random.Random(box[0])
    for x in range(box[0], box[2], 7):
        for y in range(box[1], box[3], 7):
            if chance.random() < 0.5:
                pen.rectangle((x, y, x + 6, y + 6), fill=(20, 20, 20))


PICTURES = {"face": _face, "emblem": _emblem, "chip": _chip, "code": _code}


def _seal(image: Image.Image, centre: tuple[int, int], radius: int, text: str) -> None:
    """A round red stamp, its text along the rim, pressed unevenly."""
    layer = Image.new("RGBA", (radius * 2, radius * 2), (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    pen.ellipse((3, 3, radius * 2 - 4, radius * 2 - 4), outline=(*RED, 190), width=5)
    star = [_on_circle(radius, radius * (0.3 if at % 2 == 0 else 0.12), at * 36 - 90) for at in range(10)]
    pen.polygon(star, fill=(*RED, 190))
    for at, character in enumerate(text):
        angle = -210 + 240 * (at + 0.5) / len(text)
        letter = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
        ImageDraw.Draw(letter).text((8, 6), character, fill=(*RED, 190), font=font(max(12, radius // 4)))
        turned = letter.rotate(-angle - 90, resample=Image.Resampling.BICUBIC)
        x, y = _on_circle(radius, radius * 0.76, angle)
        layer.alpha_composite(turned, (max(0, int(x) - 20), max(0, int(y) - 20)))
    soft = layer.filter(ImageFilter.GaussianBlur(0.8))
    image.paste(soft, (centre[0] - radius, centre[1] - radius), soft)


def _on_circle(middle: float, radius: float, degrees: float) -> tuple[float, float]:
    return middle + radius * math.cos(math.radians(degrees)), middle + radius * math.sin(math.radians(degrees))
