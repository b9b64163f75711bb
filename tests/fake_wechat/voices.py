"""What the platforms take as a voice message: AMR or MP3 of 60 seconds and 2 MB at most."""

from __future__ import annotations

from collections.abc import Collection

MOST_BYTES, MOST_SECONDS = 2 * 1024 * 1024, 60
AMR_BEGINS, AMR_FRAME, AMR_FRAME_SECONDS = b"#!AMR\n", 32, 0.02
"""At 12.2 kbit/s."""
MP3_BYTES_A_SECOND = 6_000
"""At 48 kbit/s."""


def check_voice(content: bytes, kinds: Collection[str]) -> float:
    """Its seconds. Raises AssertionError with what the platform would refuse."""
    assert 0 < len(content) <= MOST_BYTES, "45001: too large"
    kind = "amr" if content.startswith(AMR_BEGINS) else "mp3" if content[:3] == b"ID3" or content[0] == 0xFF else "?"
    assert kind in kinds, f"40005: {kind} is no kind of voice here"
    frames = (len(content) - len(AMR_BEGINS)) / AMR_FRAME
    seconds = frames * AMR_FRAME_SECONDS if kind == "amr" else len(content) / MP3_BYTES_A_SECOND
    assert seconds <= MOST_SECONDS, "45007: too long"
    return seconds
