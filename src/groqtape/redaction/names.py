"""Names of secrets: of environment variables, headers, cookies, query parameters and fields."""

from __future__ import annotations

import functools
import re

__all__ = ["is_credential", "is_organization", "is_parameter", "is_strong", "is_url", "is_variable"]

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A name with one of these among its parts (`X-Amz-Signature`, `clientSecret`, `DB_PASSWORD`) is a secret's.
_STRONG = _words(
    "apikey apikeys apitoken accesskey accesstoken authkey authtoken authorization bearer credential"
    " credentials creds dpop hmac idtoken jwt pass passphrase passwd password passwords pat pw pwd privatekey"
    " refreshtoken sas secret secrets secretkey sig signature signingkey subscriptionkey token"
)
_ENDINGS = ("password", "passwd", "secret", "apikey", "token", "signature")
# These are a secret's if the value looks like one.
_WEAK = _words(
    "access assertion auth authentication cookie csrf dsn key keys otp pin session sessionid sid totp xsrf"
)
# Next to `key`, these make a name a strong one: `api_key`, `x-functions-key`.
_OF_A_KEY = _words(
    "access account admin api app auth client encryption function functions host license master portkey"
    " private project secret server service shared signing ssh storage subscription user webhook"
)
# The name of something about a secret.
_ABOUT = _words(
    "algorithm alg count counts dir directory endpoint enabled expires expiry file folder header host length"
    " limit max min name path port prefix region size sock ttl type url version"
)
_ACCOUNTS = _words("org organisation organization project tenant workspace")
_IN_URLS = _words("code hash login nonce oauth saml state ticket verifier")
_IN_VARIABLES = _words("auth cookie key keys")
_URLS = _words("dsn string uri url")


@functools.lru_cache(maxsize=4096)
def is_credential(name: str) -> bool:
    """Whether a name (of a header, a field) can be that of a secret."""
    parts = _parts_of(name)
    return not _is_about(parts) and (_is_strong(parts) or not _WEAK.isdisjoint(parts))


@functools.lru_cache(maxsize=4096)
def is_organization(name: str) -> bool:
    """Whether a header (`openai-organization`, `x-org-id`) names an account by its name."""
    parts = _parts_of(name)
    return not _is_about(parts) and not _ACCOUNTS.isdisjoint(parts)


def is_parameter(name: str) -> bool:
    """Whether a name of a parameter in a URL can be that of a secret."""
    return is_credential(name) or not _IN_URLS.isdisjoint(_parts_of(name))


@functools.lru_cache(maxsize=4096)
def is_strong(name: str) -> bool:
    """Whether a name is that of a secret, whatever the value looks like."""
    parts = _parts_of(name)
    return not _is_about(parts) and _is_strong(parts)


@functools.lru_cache(maxsize=4096)
def is_variable(name: str) -> bool:
    """Whether an environment variable is a secret by its name, or a URL. Each call looks at all of them."""
    parts = _parts_of(name)
    return is_url(name) or (
        name != "PWD"  # a shell's working folder
        and not _is_about(parts)
        and (_is_strong(parts) or not _IN_VARIABLES.isdisjoint(parts))
    )


def is_url(name: str) -> bool:
    """Whether an environment variable is a URL by its name. It may have a password in it."""
    return not _URLS.isdisjoint(_parts_of(name)[-1:])


def _parts_of(name: str) -> list[str]:
    return [part.lower() for part in _PARTS.findall(name)]


def _is_strong(parts: list[str]) -> bool:
    return (
        not _STRONG.isdisjoint(parts)
        or any(part.endswith(_ENDINGS) or part.removesuffix("key") in _OF_A_KEY - {part} for part in parts)
        or ("key" in parts and not _OF_A_KEY.isdisjoint(parts))
    )


def _is_about(parts: list[str]) -> bool:
    return not parts or parts[-1] in _ABOUT
