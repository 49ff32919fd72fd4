"""The names Groq invents for every answer: ids, fingerprints, cookies, keys. All random, in Groq's shapes."""

from __future__ import annotations

import string
import time
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's, lower case: the alphabet of Groq's request ids
_ALNUM = string.ascii_letters + string.digits


def _pick(rng: random.Random, alphabet: str, length: int) -> str:
    return "".join(rng.choices(alphabet, k=length))


def api_key(rng: random.Random) -> str:
    """Like `gsk_` and 52 letters and digits."""
    return "gsk_" + _pick(rng, _ALNUM, 52)


def completion_id(rng: random.Random) -> str:
    """Like `chatcmpl-3f0c…`: a version 4 UUID."""
    return f"chatcmpl-{uuid.UUID(int=rng.getrandbits(128), version=4)}"


def request_id(rng: random.Random) -> str:
    """Like `req_01k…`: 26 characters of base 32."""
    return "req_01k" + _pick(rng, _BASE32, 23)


def organization_id(rng: random.Random) -> str:
    """Like `org_01k…`: 26 characters of base 32."""
    return "org_01k" + _pick(rng, _BASE32, 23)


def fingerprint(rng: random.Random) -> str:
    """Like `fp_` and ten hexadecimal digits."""
    return "fp_" + _pick(rng, "0123456789abcdef", 10)


def tool_call_id(rng: random.Random) -> str:
    """Nine letters and digits, as the llama models have them."""
    return _pick(rng, string.ascii_lowercase + string.digits, 9)


def cf_ray(rng: random.Random) -> str:
    """Cloudflare's ray id, with the airport its answer came from."""
    return f"{_pick(rng, '0123456789abcdef', 16)}-{rng.choice(['FRA', 'AMS', 'IAD', 'SJC'])}"


def bot_cookie(rng: random.Random) -> str:
    """Cloudflare's `__cf_bm` cookie.

    Groq's own has `domain=.groq.com; Secure` too. Both are omitted, so that a client really keeps the
    cookie of a plain HTTP server on 127.0.0.1 and sends it back with its next request, as it does to Groq.
    """
    now = time.time()
    expires = time.strftime("%a, %d-%b-%y %H:%M:%S GMT", time.gmtime(now + 1800))
    value = f"{_pick(rng, _ALNUM + '_', 43)}-{int(now)}-1.0.1.1-{_pick(rng, _ALNUM + '_.', 86)}"
    return f"__cf_bm={value}; path=/; expires={expires}; HttpOnly; SameSite=None"


def groq_headers(rng: random.Random) -> list[tuple[str, str]]:
    """The response headers Groq and Cloudflare put on every answer, in their spelling."""
    return [
        ("Date", time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())),
        ("Server", "cloudflare"),
        ("Cache-Control", "private, max-age=0, no-store, no-cache, must-revalidate"),
        ("Vary", "Origin, Accept-Encoding"),
        ("Via", "1.1 google"),
        ("alt-svc", 'h3=":443"; ma=86400'),
        ("CF-Cache-Status", "DYNAMIC"),
        ("CF-Ray", cf_ray(rng)),
        ("Set-Cookie", bot_cookie(rng)),
        ("x-groq-region", rng.choice(["dls", "fra", "us-west-1"])),
        ("x-ratelimit-limit-requests", "14400"),
        ("x-ratelimit-limit-tokens", "6000"),
        ("x-ratelimit-remaining-requests", str(rng.randrange(14000, 14400))),
        ("x-ratelimit-remaining-tokens", str(rng.randrange(5000, 6000))),
        ("x-ratelimit-reset-requests", rng.choice(["6s", "1m26.4s", "12s"])),
        ("x-ratelimit-reset-tokens", f"{rng.randrange(10_000, 999_999_999) / 1_000_000}ms"),
        ("x-request-id", request_id(rng)),
    ]
