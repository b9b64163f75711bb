"""Looks at one picture: finds the texts, turns it upright, reads them. Runs in the worker, around rapidocr."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import rapidocr
from numpy.typing import NDArray
from PIL import Image
from rapidocr import RapidOCR
from rapidocr.ch_ppocr_rec import TextRecInput

from connectors.ocr.quality import Boxes, Pixels, defects, heights
from knowledge.paper import Line, Sheet

LONGEST = 1600
"""Pixels of the longer side at which a picture is looked at: a page's smallest print is 18 high there."""

DETECTED = 960
"""Pixels of the longer side at which texts are looked for; where none are found it is done again at full size."""

LEAST_SCORE = 0.5
SEAL_LEAST = 0.045
"""Of the picture's longer side: what is red and smaller is no seal."""

NEARER = 20
"""Pixels of height: smaller text of a large photo is looked at again, larger."""

SURELY_UPRIGHT = 0.9
MODELS = Path(rapidocr.__file__).with_name("models")
PARAMETERS = {
    "Global.log_level": "error",
    # one thread: with two, threads that wait for each other spin and starve the rest (DECISIONS 24)
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    # paths, so that nothing ever looks whether a newer model could be downloaded
    "Det.model_path": str(MODELS / "PP-OCRv6_det_small.onnx"),
    "Rec.model_path": str(MODELS / "PP-OCRv6_rec_small.onnx"),
    "Det.limit_type": "max",
    "Det.limit_side_len": DETECTED,
}


class Eye:
    """The models, loaded once (1 s); they lie in rapidocr's wheel."""

    def __init__(self) -> None:
        engine = RapidOCR(params=PARAMETERS)
        self._find = engine._load_det_model()
        self._recognise = engine._load_rec_model()

    def look(self, picture: Image.Image) -> Sheet:
        """A sheet with its lines, defects, seal; which kind it is, is for others to say."""
        pixels = _scaled(picture)
        boxes = self._texts(pixels)
        if not len(boxes):
            boxes = self._texts(pixels, LONGEST)
        if len(boxes) and np.median(heights(boxes)) < NEARER and max(picture.size) > LONGEST * 1.3:
            pixels = _nearer(picture, pixels, boxes)
            boxes = self._texts(pixels)
        pixels, boxes, turned = self._upright(pixels, boxes)
        read = [(*each, box) for each, box in zip(self._read(pixels, boxes), boxes, strict=True)]
        sure = [(text, score, box) for text, score, box in read if score >= LEAST_SCORE and text.strip()]
        return _sheet(pixels, sure, turned)

    def _texts(self, pixels: Pixels, longest: int = DETECTED) -> Boxes:
        self._find.limit_side_len = longest
        found = self._find(_bgr(pixels)).boxes
        return np.zeros((0, 4, 2), np.float32) if found is None else np.asarray(found, np.float32)

    def _upright(self, pixels: Pixels, boxes: Boxes) -> tuple[Pixels, Boxes, int]:
        """The picture turned so that its texts can be read, and by how many degrees clockwise."""
        if not len(boxes):
            return pixels, boxes, 0
        turned = 0
        sizes = boxes.max(axis=1) - boxes.min(axis=1)
        tall = sizes[:, 1] > 1.5 * sizes[:, 0]
        if sizes[tall].sum() > sizes[~tall].sum():
            pixels, boxes, turned = _turn(pixels, boxes)
        boxes = _from_upper_left(boxes)
        if self._upside_down(pixels, boxes):
            for _ in range(2):
                pixels, boxes, _degrees = _turn(pixels, boxes)
            turned += 180
        return pixels, boxes, turned

    def _upside_down(self, pixels: Pixels, boxes: Boxes) -> bool:
        """Whether the longest texts are read better the other way round."""
        widths = np.linalg.norm(boxes[:, 1] - boxes[:, 0], axis=1)
        crops = [_crop(pixels, box) for box in boxes[np.argsort(-widths)[:3]]]
        as_is = [score for _, score in self._read_crops(crops)]
        if min(as_is) > SURELY_UPRIGHT:
            return False
        flipped = self._read_crops([np.ascontiguousarray(crop[::-1, ::-1]) for crop in crops])
        return sum(score for _, score in flipped) > sum(as_is)

    def _read(self, pixels: Pixels, boxes: Boxes) -> Sequence[tuple[str, float]]:
        return self._read_crops([_crop(pixels, box) for box in boxes])

    def _read_crops(self, crops: list[Pixels]) -> Sequence[tuple[str, float]]:
        if not crops:
            return []
        read = self._recognise(TextRecInput(img=[_bgr(crop) for crop in crops]))
        return [(str(text), float(score)) for text, score in zip(read.txts or (), read.scores or (), strict=True)]


def _sheet(pixels: Pixels, read: Sequence[tuple[str, float, NDArray[np.float32]]], turned: int) -> Sheet:
    boxes = np.array([box for _, _, box in read], np.float32).reshape(-1, 4, 2)
    places = _shares(boxes, pixels.shape)
    lines = (Line(text, round(score, 3), place) for (text, score, _), place in zip(read, places, strict=True))
    return Sheet(defects=defects(pixels, boxes), lines=tuple(lines), seal=has_seal(pixels), turned=turned)


def has_seal(pixels: Pixels) -> bool:
    """Whether something red and about round is there, ring or disc, as large as a seal."""
    small = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    red, green, blue = (small[..., at].astype(np.int16) for at in range(3))
    mask = ((red - green > 38) & (red - blue > 30) & (red > 90)).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    _, _, figures, _ = cv2.connectedComponentsWithStats(mask)
    least = SEAL_LEAST * max(small.shape)
    return any(
        width >= least and height >= least and 0.6 < width / height < 1.7 and area > 0.12 * width * height
        for _, _, width, height, area in figures[1:]
    )


def _scaled(picture: Image.Image) -> Pixels:
    share = LONGEST / max(picture.size)
    if share < 1:
        size = (round(picture.width * share), round(picture.height * share))
        picture = picture.resize((max(size[0], 1), max(size[1], 1)), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return np.asarray(picture)


def _nearer(picture: Image.Image, pixels: Pixels, boxes: Boxes) -> Pixels:
    """The part of a large picture where the texts are, looked at more closely."""
    scale = picture.width / pixels.shape[1]
    low, high = boxes.reshape(-1, 2).min(axis=0), boxes.reshape(-1, 2).max(axis=0)
    margin = (high - low) * 0.15 + 20
    left, top = np.maximum((low - margin) * scale, 0)
    right, bottom = np.minimum((high + margin) * scale, picture.size)
    return _scaled(picture.crop((int(left), int(top), int(right), int(bottom))))


def _turn(pixels: Pixels, boxes: Boxes) -> tuple[Pixels, Boxes, int]:
    """A quarter clockwise."""
    height = pixels.shape[0]
    moved = np.stack([height - 1 - boxes[..., 1], boxes[..., 0]], axis=-1)
    return np.ascontiguousarray(np.rot90(pixels, -1)), np.roll(moved, 1, axis=1), 90


def _from_upper_left(boxes: Boxes) -> Boxes:
    """The same corners, clockwise from where the text begins: of a long slanted one the detector errs in that."""
    along = np.roll(boxes, -1, axis=1) - boxes
    first = np.argmax(along[..., 0], axis=1)
    return np.stack([np.roll(box, -at, axis=0) for box, at in zip(boxes, first, strict=True)])


def _crop(pixels: Pixels, box: NDArray[np.float32]) -> Pixels:
    """A text cut out and straightened."""
    upper, lower = np.linalg.norm(box[1] - box[0]), np.linalg.norm(box[2] - box[3])
    left, right = np.linalg.norm(box[3] - box[0]), np.linalg.norm(box[2] - box[1])
    width, height = max(int(max(upper, lower)), 1), max(int(max(left, right)), 1)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(box.astype(np.float32), corners)
    straight: Pixels = cv2.warpPerspective(
        pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return straight


def _shares(boxes: Boxes, shape: tuple[int, ...]) -> list[tuple[float, float, float, float]]:
    """Upright boxes as shares of the picture, after the paper's slant was taken out."""
    if not len(boxes):
        return []
    along = boxes[:, 1] - boxes[:, 0]
    slant = float(np.median(np.arctan2(along[:, 1], along[:, 0])))
    turn: NDArray[Any] = np.array([[np.cos(slant), -np.sin(slant)], [np.sin(slant), np.cos(slant)]])
    size = np.array([shape[1], shape[0]])
    level = ((boxes - size / 2) @ turn + size / 2) / size
    low, high = level.min(axis=1), level.max(axis=1)
    return [
        (round(float(a[0]), 4), round(float(a[1]), 4), round(float(b[0]), 4), round(float(b[1]), 4))
        for a, b in zip(low, high, strict=True)
    ]


def _bgr(pixels: Pixels) -> Pixels:
    return np.ascontiguousarray(pixels[..., ::-1])
