from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groqtape.errors import GroqtapeError
from groqtape.recorder import hosts
from groqtape.recorder.hosts import GROQ_HOST, GroqHosts, is_loopback


@pytest.fixture(autouse=True)
def no_base_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GROQ_BASE_URL", raising=False)
    monkeypatch.setattr(hosts, "_base_urls", deque(maxlen=16))


@pytest.mark.parametrize(
    ("scheme", "host", "port", "covered"),
    [
        ("https", "api.groq.com", None, True),
        ("https", "API.Groq.com", None, True),
        ("https", "api.groq.com.", None, True),
        ("https", "api.groq.com", 443, True),
        ("http", "api.groq.com", 8080, True),
        ("https", "groq.com", None, False),
        ("https", "api.groq.com.evil.example", None, False),
        ("https", "notapi.groq.com", None, False),
        ("https", "example.com", None, False),
        ("https", "", None, False),
        ("", "", None, False),
    ],
)
def test_groqs_own_host(scheme: str, host: str, port: int | None, *, covered: bool) -> None:
    assert GroqHosts().cover(scheme, host, port) is covered
    assert GROQ_HOST == "api.groq.com"


@pytest.mark.parametrize(
    ("other", "scheme", "host", "port", "covered"),
    [
        ("gateway.example", "https", "gateway.example", None, True),
        ("gateway.example", "http", "gateway.example", 8080, True),
        ("Gateway.Example", "http", "gateway.example", None, True),
        ("gateway.example:8443", "https", "gateway.example", 8443, True),
        ("gateway.example:8443", "https", "gateway.example", None, False),
        ("gateway.example:443", "https", "gateway.example", None, True),
        ("gateway.example:443", "http", "gateway.example", None, False),
        ("https://gateway.example", "https", "gateway.example", None, True),
        ("https://gateway.example", "https", "gateway.example", 443, True),
        ("https://gateway.example", "http", "gateway.example", None, False),
        ("https://gateway.example:8443/groq/v1", "https", "gateway.example", 8443, True),
        ("http://127.0.0.1:5000/openai/v1", "http", "127.0.0.1", 5000, True),
        ("http://127.0.0.1:5000/openai/v1", "http", "127.0.0.1", 5001, False),
        ("http://[::1]:5000", "http", "::1", 5000, True),
        ("[::1]:5000", "http", "::1", 5000, True),
        ("//gateway.example/v1", "https", "gateway.example", 1, True),
        ("gateway.example/v1", "https", "gateway.example", 1, True),
        ("https://user:secret@gateway.example", "https", "gateway.example", None, True),
        ("gateway.example", "https", "other.example", None, False),
        ("*.gateway.example", "https", "eu.gateway.example", None, True),
        ("*.gateway.example", "https", "a.eu.gateway.example", None, True),
        ("*.Gateway.Example.", "https", "EU.gateway.example.", None, True),
        ("*.gateway.example", "https", "gateway.example", None, False),
        ("*.gateway.example", "https", "notgateway.example", None, False),
        ("https://*.gateway.example/v1", "https", "eu.gateway.example", None, True),
        ("*.gateway.example:8443", "https", "eu.gateway.example", None, False),
        ("groq_gateway", "http", "groq_gateway", 80, True),
        ("localhost", "http", "localhost", 80, True),
        ("xn--bcher-kva.example", "https", "bücher.example", None, True),
        ("bücher.example", "https", "xn--bcher-kva.example", None, True),
    ],
)
def test_other_hosts(other: str, scheme: str, host: str, port: int | None, *, covered: bool) -> None:
    known = GroqHosts(["unrelated.example", other])
    assert known.cover(scheme, host, port) is covered
    assert known.cover("https", "api.groq.com", None)


@pytest.mark.parametrize(
    "other",
    [
        *(
            "",
            ":8080",
            "https://",
            "gateway.example:port",
            "gateway.example:99999",
            "::1",
            "[::1",
            "https:///v1",
        ),
        *(
            "127.0.0.1,",
            "127.0.0.1,gateway.example",
            "gateway.example;",
            "gateway.example;other.example",
            "a b",
        ),
        *(
            "127.0.0.*",
            "gateway.*",
            "*",
            "*.",
            "*gateway.example",
            "gate*.example",
            "*.*.example",
            "?.example",
        ),
        *("ftp://gateway.example", "unix:///run/groq", "1.2.3", "300.1.1.1", "1.2.3.4.5", "-gateway.example"),
        *("gateway..example", "gateway-.example.", "@gateway.example:x", "${GATEWAY}", "<host>", "[gateway]"),
    ],
)
def test_what_is_no_host_is_refused_with_the_way_out(other: str) -> None:
    with pytest.raises(GroqtapeError) as caught:
        GroqHosts([other])
    assert str(caught.value) == (
        "expected a host (gateway.example, gateway.example:8443, *.gateway.example) or a URL, "
        f"got {other!r}\n"
        "Correct the ini option groq_hosts (entries are separated by spaces) or use_cassette(hosts=…)."
    )


@given(st.text())
def test_any_text_is_a_host_or_refused(text: str) -> None:
    try:
        known = GroqHosts([text])
    except GroqtapeError:
        return
    assert known.cover("https", "api.groq.com", None)


def test_every_base_url_that_was_seen_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    known = GroqHosts(["other.example"])
    assert not known.cover("http", "127.0.0.1", 5000)
    monkeypatch.setenv("GROQ_BASE_URL", "http://127.0.0.1:5000")
    assert known.cover("http", "127.0.0.1", 5000)
    assert not known.cover("http", "127.0.0.1", 5001)
    monkeypatch.setenv("GROQ_BASE_URL", "http://127.0.0.1:5001")
    assert known.cover("http", "127.0.0.1", 5001)
    monkeypatch.delenv("GROQ_BASE_URL")
    # Clients that were made before go on calling where they did.
    assert known.cover("http", "127.0.0.1", 5000)
    assert known.cover("http", "127.0.0.1", 5001)
    assert not known.cover("http", "127.0.0.1", 5002)
    assert GroqHosts().cover("http", "127.0.0.1", 5000)
    assert known.cover("https", "api.groq.com", None)
    assert known.cover("https", "other.example", None)


@pytest.mark.parametrize("base_url", ["", "nonsense:port", "http://", "http://[::1"])
def test_a_base_url_that_is_none_covers_nothing_and_breaks_nothing(
    monkeypatch: pytest.MonkeyPatch, base_url: str
) -> None:
    known = GroqHosts()
    monkeypatch.setenv("GROQ_BASE_URL", base_url)
    assert not known.cover("https", "example.com", None)
    assert not known.cover("https", "", None)
    assert known.cover("https", "api.groq.com", None)


@pytest.mark.parametrize("port", ["", ":8080"])
@pytest.mark.parametrize("labels", [["a"], ["a", "b"], ["a-1", "b_2", "c"], ["127", "0", "0", "1"]])
@pytest.mark.parametrize("path", ["", "/", "/openai/v1"])
@pytest.mark.parametrize("scheme", ["", "http://", "https://", "//"])
def test_every_entry_that_is_accepted_can_match(scheme: str, labels: list[str], port: str, path: str) -> None:
    host = ".".join(labels)
    known = GroqHosts([f"{scheme}{host}{port}{path}"])
    called = scheme.removesuffix("://") if scheme.endswith("://") else "http"
    assert known.cover(called, host, 8080 if port else None)
    assert known.name(called, host, 8080 if port else None)
    assert not known.name("https", "api.groq.com", None)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        *(
            (host, True)
            for host in ("localhost", "LOCALHOST.", "api.localhost", "127.0.0.1", "127.9.8.7", "::1")
        ),
        *((host, True) for host in ("::1", "[::1]", "::ffff:127.0.0.1", "[::FFFF:7f00:1]")),
        *(
            (host, False)
            for host in ("api.groq.com", "localhost.example", "notlocalhost", "10.0.0.1", "0.0.0.0")
        ),
        *(
            (host, False)
            for host in ("127.0.0.1.example", "0.0.0.0", "::2", "::ffff:10.0.0.1", "", "192.168.0.1")
        ),
    ],
)
def test_what_stays_on_this_machine(host: str, *, loopback: bool) -> None:
    assert is_loopback(host) is loopback
