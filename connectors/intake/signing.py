"""The signature of the platform's calls: HMAC-SHA-256 under the shared secret of timestamp, dot, body (openapi.yml)."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime

TIMESTAMP = "X-Bangban-Timestamp"
SIGNATURE = "X-Bangban-Signature"
TOLERANCE = 300
"""Seconds by which a call's clock may differ from ours; a recorded call is of no use afterwards."""


class SignatureRefused(Exception):
    """A call is not signed, by somebody else, for another body, or too old or too new. The reason is for the log."""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The signature in lower-case hex; `timestamp`: Unix seconds in digits."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def signed(secret: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of a call that is made at that time."""
    timestamp = str(int(at.timestamp()))
    return {TIMESTAMP: timestamp, SIGNATURE: signature(secret, timestamp, body)}


def verify(secret: str, timestamp: str, given: str, body: bytes, at: datetime) -> None:
    """Compares in constant time, before anything in the body is looked at. Without a secret nobody is let in.

    Raises SignatureRefused.
    """
    if not secret:
        raise SignatureRefused("no secret is set")
    if not re.fullmatch(r"[0-9]{1,12}", timestamp) or not re.fullmatch(r"[0-9a-f]{64}", given):
        raise SignatureRefused("not signed")
    if not hmac.compare_digest(signature(secret, timestamp, body), given):
        raise SignatureRefused("signed by somebody else")
    if abs(at.timestamp() - int(timestamp)) > TOLERANCE:
        raise SignatureRefused("too old or too new")
