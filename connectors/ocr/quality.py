"""What makes a photo hard to read: blur, glare, darkness, a paper too far away or cut off. Runs in the worker."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from knowledge.paper import Defect

Pixels = NDArray[np.uint8]
Boxes = NDArray[np.float32]
"""n × 4 × 2: the corners of each text, from the upper left clockwise, in pixels."""

FAR = 0.3
FEW = 3
"""Texts: so few may be none at all, a pattern that looks like letters."""

SMALL_TEXT = 13
"""Pixels of height; what is smaller is guessed rather than read."""

DARK = 62
"""Median of the paper's brightness, 0–255."""

SOFT = 0.035
"""Sharpness of the texts below which a photo is blurred (see `sharpness`): of sharp ones it is 0.06–0.2."""

SOFT_PICTURE = 0.3
"""The same for a whole picture without texts, seen at 640 pixels."""

WHITE = 249
GLARE_SHARE = 0.012
GLARE_CONTRAST = 14
"""How much darker the paper is than the glare; a white page in good light has no glare."""

FADE = 10
"""How little darker it is right beside the glare, which fades; the edge of a white table cloth doesn't."""

EDGE = 10

ROWS = ("上", "", "下")
COLUMNS = ("左", "", "右")


def defects(picture: Pixels, boxes: Boxes) -> tuple[Defect, ...]:
    """The defects of an upright picture (RGB) with its texts, the gravest first."""
    if not len(boxes):
        return tuple(_without_text(picture))
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    paper = _paper(grey, boxes)
    return tuple(_found(picture, grey, paper, boxes))


def _without_text(picture: Pixels) -> Iterator[Defect]:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    if np.median(grey) < DARK:
        yield Defect("dark")
    if _is_blurred(grey):
        yield Defect("blurred")
    yield Defect("no_text")


def _is_blurred(grey: Pixels) -> bool:
    """Whether nothing in the whole picture has a sharp edge."""
    small = cv2.resize(grey, None, fx=640 / max(grey.shape), fy=640 / max(grey.shape), interpolation=cv2.INTER_AREA)
    low, high = np.percentile(small, (2, 98))
    steep = np.percentile(np.abs(cv2.Laplacian(small, cv2.CV_32F)), 99.9) / max(high - low, 12)
    return bool(high - low > 40 and steep < SOFT_PICTURE)


def _found(picture: Pixels, grey: Pixels, paper: tuple[int, int, int, int], boxes: Boxes) -> Iterator[Defect]:
    left, top, right, bottom = paper
    if np.median(grey[top:bottom, left:right]) < DARK:
        yield Defect("dark")
    if np.median(heights(boxes)) < SMALL_TEXT or _is_far(grey, boxes):
        yield Defect("small")
    elif _is_blurred(grey) if len(boxes) < FEW else sharpness(grey, boxes) < SOFT:
        yield Defect("blurred")
    yield from _glare(picture, paper)
    yield from _cut_off(grey, boxes)


def _is_far(grey: Pixels, boxes: Boxes) -> bool:
    """Whether all texts together take less than a third of the picture's width and of its height."""
    width, height = boxes.reshape(-1, 2).max(axis=0) - boxes.reshape(-1, 2).min(axis=0)
    return bool(width < FAR * grey.shape[1] and height < FAR * grey.shape[0])


def heights(boxes: Boxes) -> NDArray[np.float32]:
    """The height of each text, in pixels."""
    tall: NDArray[np.float32] = np.linalg.norm(boxes[:, 3] - boxes[:, 0], axis=1)
    return tall


def sharpness(grey: Pixels, boxes: Boxes) -> float:
    """How steep the edges of the largest texts are, at one size: change from pixel to pixel by the contrast."""
    widths = np.linalg.norm(boxes[:, 1] - boxes[:, 0], axis=1)
    steep = [_steepness(grey, boxes[at]) for at in np.argsort(-widths)[:8]]
    return float(np.median(steep))


def _steepness(grey: Pixels, box: NDArray[np.float32]) -> float:
    left, top = np.maximum(box.min(axis=0).astype(int), 0)
    right, bottom = box.max(axis=0).astype(int)
    text = grey[top:bottom, left:right]
    if text.shape[0] < 4 or text.shape[1] < 8:
        return 1.0
    low, high = np.percentile(text, (2, 98))
    edges = np.abs(cv2.Laplacian(cv2.GaussianBlur(text, (3, 3), 0), cv2.CV_32F))
    return float(np.percentile(edges, 90) / max(high - low, 12) / 2)


def _paper(grey: Pixels, boxes: Boxes) -> tuple[int, int, int, int]:
    """Where the paper is: around all its texts, with a wide margin, for glare hides texts too."""
    height, width = grey.shape
    left, top = boxes.reshape(-1, 2).min(axis=0)
    right, bottom = boxes.reshape(-1, 2).max(axis=0)
    across, down = (right - left) * 0.7, (bottom - top) * 0.5
    return (
        int(max(left - across, 0)),
        int(max(top - down, 0)),
        int(min(right + across, width)),
        int(min(bottom + down, height)),
    )


def _glare(picture: Pixels, paper: tuple[int, int, int, int]) -> Iterator[Defect]:
    left, top, right, bottom = paper
    part = cv2.medianBlur(picture[top:bottom, left:right].min(axis=2), 7)
    white = cv2.morphologyEx((part >= WHITE).astype(np.uint8), cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    rest = part[white == 0]
    if not white.any() or not rest.size or np.median(rest) > WHITE - GLARE_CONTRAST:
        return
    _, labels, figures, centres = cv2.connectedComponentsWithStats(white)
    largest = 1 + int(np.argmax(figures[1:, cv2.CC_STAT_AREA]))
    if figures[largest, cv2.CC_STAT_AREA] > GLARE_SHARE * white.size and _fades(part, labels == largest):
        x, y = centres[largest]
        yield Defect("glare", place((left + x) / picture.shape[1], (top + y) / picture.shape[0]))


def _fades(part: Pixels, spot: NDArray[np.bool_]) -> bool:
    """Whether it gets darker slowly around a spot: around a third of it, for it may end where the paper does."""
    near = cv2.dilate(spot.astype(np.uint8), np.ones((9, 9), np.uint8))
    ring = cv2.dilate(near, np.ones((5, 5), np.uint8)) - near
    return bool(np.mean(part[ring == 1] > WHITE - FADE) > 1 / 3)


def _cut_off(grey: Pixels, boxes: Boxes) -> Iterator[Defect]:
    """Texts that run into the picture's edge."""
    height, width = grey.shape
    sides = {
        "左边": boxes[..., 0].min(axis=1) <= EDGE,
        "右边": boxes[..., 0].max(axis=1) >= width - 1 - EDGE,
        "上边": boxes[..., 1].min(axis=1) <= EDGE,
        "下边": boxes[..., 1].max(axis=1) >= height - 1 - EDGE,
    }
    side, count = max(((name, int(touching.sum())) for name, touching in sides.items()), key=lambda each: each[1])
    if count:
        yield Defect("cut_off", side)


def place(x: float, y: float) -> str:
    """Where in the picture, in words: 右下角, 左边, 中间."""
    row, column = ROWS[min(int(y * 3), 2)], COLUMNS[min(int(x * 3), 2)]
    if row and column:
        return f"{column}{row}角"
    return f"{row or column}边" if row or column else "中间"
