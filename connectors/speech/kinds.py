"""What a recording is, told by its bytes and never by its name."""

from __future__ import annotations

import re

SILK = "silk"

KINDS = {
    "amr": re.compile(rb"#!AMR(?:-WB)?\n"),
    SILK: re.compile(rb"\x02?#!SILK_V3"),
    "wav": re.compile(rb"RIFF....WAVE", re.DOTALL),
    "ogg": re.compile(rb"OggS"),  # Opus, Speex, Vorbis
    "matroska": re.compile(rb"\x1aE\xdf\xa3"),  # WebM
    "mov": re.compile(rb"....ftyp", re.DOTALL),  # M4A, MP4, 3GP
    "caf": re.compile(rb"caff"),
    "flac": re.compile(rb"fLaC"),
    "aac": re.compile(rb"\xff[\xf0\xf1\xf8\xf9]"),
    "mp3": re.compile(rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]"),
}
"""ffmpeg's name of the container → how its files begin."""


def kind_of(content: bytes) -> str | None:
    """ffmpeg's name of what the bytes are, or SILK; None: no recording that is known."""
    return next((name for name, magic in KINDS.items() if magic.match(content)), None)
