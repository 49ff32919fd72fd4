"""Secrets whose text is known, from the environment and from what calls carry."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest

from groqtape.redaction.redactor import Redactor

_NAMES = (
    "API_KEY TOKEN SECRET AWS_SECRET_ACCESS_KEY GROQ_API_KEY_2 DB_PASSWORD PGPASSWORD MYSQL_PWD "
    "REDIS_AUTH GITHUB_PAT SIGNING_KEY ENCRYPTION_KEY PRIVATE_KEY JWT SECRET_KEY DJANGO_SECRET_KEY "
    "AWS_SESSION_TOKEN AWS_ACCESS_KEY_ID STRIPE_KEY OPENAI_KEY API_KEYS CREDENTIALS PASSPHRASE "
    "KEY_PASSPHRASE SSH_KEY NPM_AUTH TWILIO_AUTH_TOKEN client_secret MY_API_KEY_OLD APIKEY AUTHTOKEN "
    "AZURE_CLIENT_SECRET DB_PASS ADMIN_PASSWD SMTP_PASSWORD LOGIN_TOKEN d_api_key A_COOKIE "
)
VARIABLES = _NAMES.split()
VALUE = "k3y-of-No-particular.Kind"


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_with_the_name_of_a_secret(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, VALUE)
    assert Redactor().text(f"It is {VALUE}.") == "It is REDACTED."


@pytest.mark.parametrize(
    "name",
    [
        "TOKEN_COUNT",
        "SECRETARY",
        "MAX_TOKENS",
        "KEYBOARD",
        "SSH_AUTH_SOCK",
        "KEY_FILE",
        "TOKEN_URL",
        "PATH",
        "PWD",
    ],
)
def test_a_variable_with_another_name(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, VALUE)
    assert Redactor().text(f"It is {VALUE}.") == f"It is {VALUE}."


def test_the_key_in_a_connection_string(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_CONNECTION_STRING", "AccountName=me;AccountKey=s3cr3t-Pa55==;EndpointSuffix=x")
    monkeypatch.setenv("OTHER_CONNECTION_STRING", "Server=an-ordinary-host-1")
    monkeypatch.setenv("SECRET_STRING", "an-0dd-0ne")
    text = "me, s3cr3t-Pa55==, an-ordinary-host-1, an-0dd-0ne"
    assert Redactor().text(text) == "me, REDACTED, an-ordinary-host-1, REDACTED"


def test_the_password_in_a_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://me:s3cr3t-Pa55@host/db")
    assert Redactor().text("me, s3cr3t-Pa55, host") == "me, REDACTED, host"


@pytest.mark.parametrize(
    "word",
    [
        *(
            "secret",
            "changeme",
            "password",
            "production",
            "development",
            "hello world",
            "true",
            "none",
            "default",
        ),
        *(
            "Penguins",
            "local",
            "staging",
            "dark-mode",
            "test",
            "testing",
            "test-token",
            "my-secret",
            "Straße",
        ),
        *("super secret", "placeholder", "xxxxxxxx", "assistant", "content", "", "short", "JS"),
    ],
)
@pytest.mark.parametrize("name", ["JWT_SECRET", "API_KEY", "DB_PASSWORD"])
def test_a_value_that_is_a_word_stays(monkeypatch: pytest.MonkeyPatch, name: str, word: str) -> None:
    monkeypatch.setenv(name, word)
    prompt = f"Can you keep a {word}? It is a {word}."
    assert Redactor().text(prompt) == prompt
    assert Redactor().text(json.dumps([prompt])) == json.dumps([prompt])


@pytest.mark.parametrize(
    "value",
    [
        *(
            "hunter2",
            "s3cr3t",
            "correct horse battery staple",
            "p@ssw#rd",
            "kjhgfdsa",
            "aBcDeFgHiJ",
            "/slash/ed7",
        ),
        *(
            "ends with 1 \\",
            'quo"ted 1',
            "two\nlines 2",
            "Müller-7",
            "a 1 b+c%d",
            "123456",
            "qwrtzpsdfgh",
            "DYIQéDYIQ.é",
        ),
    ],
)
def test_a_value_that_could_be_a_secret(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MY_SECRET", value)
    redactor = Redactor()
    for encoded in (
        value,
        json.dumps(value),
        json.dumps(json.dumps(value)),
        quote(value, ""),
        quote_plus(value),
    ):
        text = redactor.text(f"<{encoded}>")
        assert "REDACTED" in text
        assert len(text) <= len("<REDACTED>") + 10


@pytest.mark.parametrize(("value", "redacted"), [("'hunter-2x'", "'REDACTED'"), ("'hunter-2x", "REDACTED")])
def test_quotes_around_a_value_are_not_part_of_it(
    monkeypatch: pytest.MonkeyPatch, value: str, redacted: str
) -> None:
    monkeypatch.setenv("MY_SECRET", value)
    assert Redactor().text(f"({value})") == f"({redacted})"


def test_a_short_value_is_found_as_a_word_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_SECRET", "abc123")
    assert Redactor().text("abc123 xabc123 abc1234 (abc123)") == "REDACTED xabc123 abc1234 (REDACTED)"


def test_the_password_of_basic_credentials() -> None:
    redactor = Redactor()
    credentials = base64.b64encode(b"me:open4Sesame").decode()
    redactor.learn_from([("Authorization", f"Basic {credentials}")])
    assert redactor.text(f"{credentials} is open4Sesame") == "REDACTED is REDACTED"


def test_credentials_that_are_no_base64_are_redacted_as_they_are() -> None:
    redactor = Redactor()
    redactor.learn_from([("Authorization", "Basic abcDEF123")])
    assert redactor.text("You sent abcDEF123") == "You sent REDACTED"


def test_credentials_in_several_parts() -> None:
    redactor = Redactor()
    redactor.learn_from([("authorization", "AWS4-HMAC-SHA256 Credential=AK7/x/y, Signature=9f8e7d6c5b4a")])
    assert redactor.text("expected 9f8e7d6c5b4a") == "expected REDACTED"


class TestCookies:
    @pytest.mark.parametrize(
        "value", ["QwErTyUiOp", "kjhgfdsa", "a1b2c3", "bcdfghjklmnp", "v4lUe-0f.a_session"]
    )
    def test_a_value_that_could_be_a_secret(self, value: str) -> None:
        for header in (
            ("cookie", f"a=b; sid={value}; c=d"),
            ("set-cookie", f"sid={value}; Path=/; HttpOnly"),
        ):
            redactor = Redactor()
            redactor.learn_from([header])
            assert redactor.text(f"Session {value} is over, HttpOnly") == "Session REDACTED is over, HttpOnly"

    @pytest.mark.parametrize("name", ["__cf_bm", "_cfuvid", "cf_clearance"])
    def test_cloudflares_are_found_by_their_names(self, name: str) -> None:
        assert Redactor().text(f"{name}=abc; x") == f"{name}=REDACTED; x"


@pytest.mark.parametrize("name", ["openai-organization", "OpenAI-Project", "x-org-id", "x-tenant"])
def test_accounts_that_headers_name(name: str) -> None:
    redactor = Redactor()
    redactor.learn_from([(name, "acme-7f3k9"), ("x-project-version", "1.2.3-beta"), ("x-org", "default")])
    assert redactor.text("acme-7f3k9 1.2.3-beta default") == "REDACTED 1.2.3-beta default"


class TestWordsInErrors:
    """A key that is a word is redacted from errors, which repeat it, but not from prompts and answers."""

    KEY = "anything"

    def response(self, body: str, code: int) -> str:
        redactor = Redactor()
        redactor.learn_from([("authorization", f"Bearer {self.KEY}")])
        response = {"status": {"code": code}, "headers": {}, "body": {"string": body.encode()}}
        redacted: bytes = redactor.response(response)["body"]["string"]
        return redacted.decode()

    def test_an_error(self) -> None:
        error = json.dumps({"error": {"message": 'Invalid API Key: "anything"', "anything": 1}})
        assert json.loads(self.response(error, 401)) == {
            "error": {"message": 'Invalid API Key: "REDACTED"', "anything": 1}
        }

    def test_headers_that_are_no_credentials(self) -> None:
        redactor = Redactor()
        headers = [("x-ratelimit-limit-tokens", "6000"), ("x-ratelimit-reset-tokens", "7.66s")]
        assert not redactor.learn_from([*headers, ("x-stainless-lang", "js"), ("keep-alive", "timeout")])
        body = json.dumps({"error": {"message": "Limit 6000, 7.66s, js, timeout"}}).encode()
        response = {"status": {"code": 429}, "headers": {}, "body": {"string": body}}
        assert redactor.response(response)["body"]["string"] == body

    def test_an_answer(self) -> None:
        answer = json.dumps({"choices": [{"message": {"content": "Is there anything else?"}}]})
        assert self.response(answer, 200) == answer
