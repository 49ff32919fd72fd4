"""What the rules find in a text, whichever way it is encoded, and what they leave alone."""

from __future__ import annotations

import json
import random
import string
from urllib.parse import quote

import pytest

from groqtape.redaction.catalogue import PATTERNS, PREFIXES, may_have_key
from groqtape.redaction.redactor import Redactor

CHANCE = random.Random(11)
LETTERS = string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits
HEX = "0123456789abcdef"


def words(text: str) -> list[str]:
    return text.split()


def some(length: int, alphabet: str = LETTERS) -> str:
    """Random characters, with a digit where the alphabet has digits."""
    digit = "7" if "7" in alphabet else ""
    return "".join(CHANCE.choices(alphabet, k=length - len(digit))) + digit


KEYS = {
    "Groq": "gsk_" + some(52),
    "Groq, short": "gsk_" + some(10),
    "Groq, with dashes": "gsk_ab-" + some(20) + "_x9",
    "organisation": "org_" + some(26, LOWER),
    "organisation, short": "org_" + some(9, LOWER),
    "organisation, long": "org_01" + some(38, LOWER),
    "organisation, letters": "org_" + some(26, string.ascii_lowercase),
    "OpenAI": "sk-" + some(48),
    "OpenAI, project": "sk-proj-" + some(120, LETTERS + "_-"),
    "Anthropic": "sk-ant-api03-" + some(90),
    "OpenRouter": "sk-or-v1-" + some(64, HEX),
    "Hugging Face": "hf_" + some(34, string.ascii_letters),
    "Google": "AIza" + some(35),
    "AWS": "AKIA" + some(16, string.ascii_uppercase + "234567"),
    "GitHub": "ghp_" + some(36),
    "GitHub, fine-grained": f"github_pat_{some(22)}_{some(59)}",
    "GitLab": "glpat-" + some(20),
    "Slack": f"xoxb-123456789012-1234567890123-{some(24)}",
    "Stripe": "sk_live_" + some(24),
    "xAI": "xai-" + some(80),
    "Perplexity": "pplx-" + some(48),
    "Replicate": "r8_" + some(37),
    "Cerebras": "csk-" + some(48, LOWER),
    "NVIDIA": "nvapi-" + some(60),
    "Tavily": "tvly-dev-" + some(32),
    "npm": "npm_" + some(36),
    "PyPI": "pypi-AgEIcHlwaS5vcmc" + some(100),
    "SendGrid": f"SG.{some(22)}.{some(43)}",
    "JSON web token": f"eyJ{some(30)}.eyJ{some(50)}.{some(43)}",
    "Telegram": "123456789:AA" + some(33),
    "Databricks": "dapi" + some(32, HEX),
    "Twilio": "SK" + some(32, HEX),
    "Mailchimp": f"{some(32, HEX)}-us12",
    "Notion": "secret_" + some(43),
    "Vault": "hvs." + some(90),
}
PEM = "\n".join(
    [
        "-----BEGIN RSA PRIVATE KEY-----",
        *(some(64, LETTERS + "+/") for _ in range(5)),
        "-----END RSA PRIVATE KEY-----",
    ]
)


def shown(text: str) -> str:
    return Redactor().text(text)


@pytest.mark.parametrize("kind", KEYS)
class TestIssuedKeys:
    @pytest.mark.parametrize(
        "around", ["It is %s.", "KEY=%s", "'%s'", "x %s\n", "https://host/%s/y", "(%s)", "%s", "[%s](url)"]
    )
    def test_in_a_text(self, kind: str, around: str) -> None:
        assert shown(around % KEYS[kind]) == around % "REDACTED"

    def test_encoded(self, kind: str) -> None:
        key = KEYS[kind]
        escaped = "".join(f"\\u{ord(character):04x}" for character in key)
        percent = "".join(f"%{ord(character):02X}" for character in key)
        for text in (escaped, percent, quote(quote(key, ""), ""), quote(percent, "")):
            assert shown(f"x {text} y") == "x REDACTED y"
        nested = json.dumps({"a": f'{{"b":"{escaped}"}}'})
        assert shown(nested) == json.dumps({"a": '{"b":"REDACTED"}'})


def test_a_private_key() -> None:
    assert shown(f"Use {PEM} now") == "Use REDACTED now"
    assert json.loads(shown(json.dumps({"key": PEM, "next": "x"}))) == {"key": "REDACTED", "next": "x"}
    cut = PEM[:200]
    assert json.loads(shown(json.dumps([cut, "next"]))) == ["REDACTED", "next"]


@pytest.mark.parametrize(
    "separator", [" ", "  ", "\t", "\n", ": ", ":", '"', " '", '": "', "=", "+", "%20", "\\n", ' \\"']
)
@pytest.mark.parametrize(
    "token", [some(20), some(20, string.ascii_letters), some(20, string.ascii_lowercase)]
)
@pytest.mark.parametrize("word", ["Bearer", "bearer", "BEARER"])
def test_bearer_tokens(word: str, separator: str, token: str) -> None:
    assert token not in shown(f"Authorization was {word}{separator}{token}, I think")


def test_a_bearer_token_that_is_a_word_in_its_header() -> None:
    assert shown("Authorization: Bearer letmeinnow") == "Authorization: Bearer REDACTED"


QUERY = words(
    "api_key apikey api-key access_token refresh_token id_token token auth_token client_secret "
    "secret password passwd pwd pass sig signature X-Amz-Signature X-Amz-Credential "
    "X-Amz-Security-Token X-Goog-Signature jwt subscription-key Ocp-Apim-Subscription-Key sas hmac "
    "credentials private_key access_key AWSAccessKeyId app_key appkey appsecret authorization bearer "
    "oauth_token oauth_signature x-api-key license_key webhook_secret passphrase csrf_token "
    "clientSecret apiToken"
)


@pytest.mark.parametrize(
    "name", [*QUERY, "auth", "key", "session_id", "sid", "code", "otp", "oauth_verifier"]
)
def test_query_parameters(name: str) -> None:
    for value in (some(20), "hunter2x", "kwjxqzvb"):
        url = f"https://host/path?a=1&{name}={value}&b=2"
        assert Redactor().url(url) == f"https://host/path?a=1&{name}=REDACTED&b=2"
        body = json.dumps({"image_url": {"url": url}})
        assert json.loads(shown(body)) == {"image_url": {"url": f"https://host/path?a=1&{name}=REDACTED&b=2"}}


@pytest.mark.parametrize("user", ["user:password", "user:p@ss:w", ":token", some(20)])
def test_user_and_password_in_a_url(user: str) -> None:
    assert Redactor().url(f"https://{user}@host/x") == "https://REDACTED@host/x"
    assert shown(f"see postgres://{user}@host/db, please") == "see postgres://REDACTED@host/db, please"


HEADERS = words(
    "x-portkey-api-key helicone-auth cf-aig-authorization x-goog-api-key ocp-apim-subscription-key "
    "x-auth-token x-amz-security-token x-vault-token x-litellm-api-key private-token x-functions-key "
    "x-access-token x-csrf-token x-client-secret x-hasura-admin-secret x-shopify-access-token apikey "
    "x-signature x-password authorization proxy-authorization api-key x-api-key x-session-token "
    "x-secret-key openai-key"
)


@pytest.mark.parametrize("name", HEADERS)
class TestCredentialHeaders:
    def test_are_learned(self, name: str) -> None:
        redactor, value = Redactor(), some(24)
        assert redactor.learn_from([(name, value)])
        assert not redactor.learn_from([(name, value)])
        assert redactor.text(f"You sent {value}!") == "You sent REDACTED!"

    def test_are_found_by_their_names(self, name: str) -> None:
        value = some(24)
        echoes = [
            f"{name}: {value}",
            json.dumps({name: value}),
            json.dumps({"error": {"message": json.dumps({name: value})}}),
            repr({name: value}),
            f"{name} => {value}",
            json.dumps({name: [value]}),
            repr({name: [value]}),
            repr([(name, value)]),
            repr([(name.encode(), value.encode())]),
            json.dumps({"error": {"message": json.dumps([[name, value]])}}),
        ]
        assert [echo for echo in echoes if value in shown(echo)] == []


@pytest.mark.parametrize(
    "text",
    [
        *("The bearer of bad news arrives", "Bearer authentication is a scheme", "Use Bearer tokens"),
        *("bearer instruments and securities", "bearer xxxxxxxxxxxx", "a token economy: tokens are cheap"),
        *("the key: practice", "key=value pairs", "password: please choose one", "the secret: love"),
        *("Risk-based, task-oriented", "https://example.com/a?page=2&sort=name", "ada@example.com wrote"),
        *("http://localhost:8000/x", "org_structure and org_name", "sk-learn is scikit", "max_tokens=100"),
        *("prompt_tokens: 1234567", "signature: def f(x)", "authorization: required", "token: Hello"),
        *("author: J. K. Rowling", "code: model_decommissioned", "ssh://git@github.com/x/y", "?a=b"),
        *('["password", "user_id_2"]', "['api_key', 'max_tokens_1']", "('token', 12345678)"),
        *("key = os.environ['X']", "password = getpass()", "api_key = None", "token_type: bearer"),
        *("the pin: 4711", "gsk_your_api_key", "sk-your-openai-key-here", "x://@", "asphalt-roads: AC/DC"),
        *("https://console.groq.com/keys", "Password must have 8 characters", "xoxb-", "SK", "eyJ.eyJ."),
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert shown(text) == text
    assert shown(json.dumps([text])) == json.dumps([text])


def test_a_key_of_letters_alone_that_could_nearly_be_words() -> None:
    assert shown("It is gsk_GIIAHAlWbAeilAus.") == "It is REDACTED."


def test_a_letter_that_has_another_length_in_small_letters() -> None:
    assert shown(f"\u0130\u0130 bearer {KEYS['Groq']}x9") == "\u0130\u0130 bearer REDACTED"


@pytest.mark.parametrize("hint", [*(kind.prefix for kind in PREFIXES), *(kind.hint for kind in PATTERNS)])
def test_where_a_key_of_the_catalogue_begins_is_looked_at(hint: str) -> None:
    for before in ("", "a", "_", "-", ".", "one two\n"):
        assert may_have_key(f"{before}{hint}")
        assert may_have_key(f"{before}{hint}_-.{some(40)}")


def test_ordinary_texts_are_passed_over_at_one_look() -> None:
    for text in (
        "",
        "test_it",
        "gpt-oss-20b",
        "e.g. a follow-up_question.",
        "chat.completions",
        "_-.",
        "sk",
        "gsk",
    ):
        assert not may_have_key(text)
