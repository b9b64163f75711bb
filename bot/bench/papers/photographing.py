"""Photographs a drawn paper: clean like a scan, as a telephone does it, or badly."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Manner = Literal["clean", "phone", "blurred", "glare", "dark", "cut_off", "small"]
Pixels = NDArray[np.uint8]
BAD: tuple[Manner, ...] = ("blurred", "glare", "dark", "cut_off", "small")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the glare lies, as shares of the paper's width and height, and how wide it is."""

    x: float
    y: float
    width: float = 0.3


def photograph(
    paper: Image.Image, manner: Manner, chance: random.Random, turned: int = 0, spot: Spot | None = None
) -> bytes:
    """A JPEG of the paper. `turned`: degrees clockwise, 0, 90, 180 or 270; `spot`: where the glare is."""
    pixels = _clean(paper) if manner == "clean" else _by_telephone(paper, manner, chance, spot)
    turned_pixels = np.rot90(pixels, -turned // 90 % 4)
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(turned_pixels)).save(out, "JPEG", quality=92 if manner == "clean" else 80)
    return out.getvalue()


def _clean(paper: Image.Image) -> Pixels:
    width, height = paper.size
    page = Image.new("RGB", (width + 120, height + 120), (252, 252, 252))
    page.paste(paper, (60, 60))
    return np.asarray(page)


def _by_telephone(paper: Image.Image, manner: Manner, chance: random.Random, spot: Spot | None) -> Pixels:
    source = np.asarray(paper)
    height, width = source.shape[:2]
    frame = (1600, 1200) if width >= height else (1200, 1600)
    matrix = _perspective(width, height, frame, manner, chance)
    table = _table(*frame, chance)
    shot = cv2.warpPerspective(source, matrix, frame, dst=table, borderMode=cv2.BORDER_TRANSPARENT)
    shot = _shade(shot, chance, 0.16 if manner == "dark" else 1.0)
    if manner == "glare":
        lamp = _lamp(width, height, spot or Spot(chance.uniform(0.3, 0.7), chance.uniform(0.7, 0.9)))
        strength = cv2.warpPerspective(lamp, matrix, frame)[..., None]
        shot = (shot * (1 - strength) + 255 * strength).astype(np.uint8)
    blur = chance.uniform(6, 8) if manner == "blurred" else chance.uniform(0.3, 1.1)
    shot = cv2.GaussianBlur(shot, (0, 0), blur)
    noise = np.random.default_rng(chance.randrange(2**32)).normal(0, 9 if manner == "dark" else 4, shot.shape)
    grainy: Pixels = np.clip(shot + noise, 0, 255).astype(np.uint8)
    return grainy


def _perspective(
    width: int, height: int, frame: tuple[int, int], manner: Manner, chance: random.Random
) -> NDArray[np.float64]:
    """The matrix that lays the paper into the frame: a little turned, leaning, near or far."""
    share = chance.uniform(0.13, 0.16) if manner == "small" else chance.uniform(0.72, 0.9)
    scale = min(frame[0] / width, frame[1] / height) * share
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    angle = np.radians(chance.uniform(-7, 7))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    placed = (corners - [width / 2, height / 2]) * scale @ turn
    lean = 0.03 * scale * min(width, height)
    placed += np.array([[chance.uniform(-lean, lean) for _ in range(2)] for _ in range(4)])
    placed += [frame[0] / 2, frame[1] / 2]
    if manner == "cut_off":
        placed += [chance.choice((-1, 1)) * scale * width * 0.32, 0]
    matrix: NDArray[np.float64] = cv2.getPerspectiveTransform(corners, placed.astype(np.float32))
    return matrix


def _table(width: int, height: int, chance: random.Random) -> Pixels:
    """A wooden table top: streaks of one of a few browns."""
    colour = chance.choice(((150, 110, 74), (96, 80, 70), (176, 150, 118), (70, 74, 80)))
    grain = np.random.default_rng(chance.randrange(2**32)).normal(0, 10, (height, 8))
    streaks = cv2.resize(grain.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    table: Pixels = np.clip(np.array(colour) + streaks[..., None], 0, 255).astype(np.uint8)
    return table


def _shade(shot: Pixels, chance: random.Random, light: float) -> Pixels:
    height, width = shot.shape[:2]
    across = np.linspace(chance.uniform(0.72, 1.0), chance.uniform(0.72, 1.0), width)
    down = np.linspace(chance.uniform(0.8, 1.0), chance.uniform(0.8, 1.0), height)
    shaded: Pixels = np.clip(shot * (down[:, None] * across[None, :])[..., None] * light, 0, 255).astype(np.uint8)
    return shaded


def _lamp(width: int, height: int, spot: Spot) -> NDArray[np.float32]:
    """How strongly a lamp is mirrored in the plastic at each place: 1 where it is, fading around."""
    y, x = np.mgrid[0:height, 0:width]
    far = ((x - spot.x * width) / (spot.width * width)) ** 2 + ((y - spot.y * height) / (0.16 * height)) ** 2
    strength: NDArray[np.float32] = np.clip(1.6 - far, 0, 1).astype(np.float32)
    return strength
