"""Decodes one Silk file to PCM, 16 kHz, mono, 16 bits, on standard output: `unsilk.py FILE`. A process of its own."""

import io
import sys
from pathlib import Path

import pysilk

RATE = 16_000


def main(path: str) -> int:
    """0, or 1 where the file is no Silk."""
    decoded = io.BytesIO()
    try:
        pysilk.decode(io.BytesIO(Path(path).read_bytes()), decoded, RATE)
    except (pysilk.SilkError, ValueError):
        return 1
    sys.stdout.buffer.write(decoded.getvalue())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
