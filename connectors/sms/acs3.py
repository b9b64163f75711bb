"""Alibaba Cloud's signature V3 (ACS3-HMAC-SHA256), for its APIs of RPC style: all parameters in the query.

Source: help.aliyun.com, "V3版本请求体&签名机制"; its worked example is in the tests.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote

ALGORITHM = "ACS3-HMAC-SHA256"
EMPTY = hashlib.sha256(b"").hexdigest()


def canonical_query(parameters: Mapping[str, str]) -> str:
    """The query as it is signed, and as it must be sent: sorted, RFC 3986."""
    return "&".join(f"{_encoded(name)}={_encoded(parameters[name])}" for name in sorted(parameters))


def canonical_request(method: str, parameters: Mapping[str, str], headers: Mapping[str, str]) -> str:
    """What is hashed. `headers`: host and all x-acs-…, the SHA-256 of the (empty) body among them."""
    signed = sorted(headers)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in signed)
    hashed = headers["x-acs-content-sha256"]
    return "\n".join([method, "/", canonical_query(parameters), lines, ";".join(signed), hashed])


def signature(secret: str, request: str) -> str:
    """Of a canonical request, in hex."""
    told = f"{ALGORITHM}\n{hashlib.sha256(request.encode()).hexdigest()}"
    return hmac.new(secret.encode(), told.encode(), hashlib.sha256).hexdigest()


def authorization(key: str, secret: str, method: str, parameters: Mapping[str, str], headers: Mapping[str, str]) -> str:
    """The header `Authorization` of a request with these headers (names in small letters)."""
    made = signature(secret, canonical_request(method, parameters, headers))
    return f"{ALGORITHM} Credential={key},SignedHeaders={';'.join(sorted(headers))},Signature={made}"


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")
