import pytest
from hypothesis import given
from hypothesis import strategies as st

from groqtape.errors import GroqtapeError
from groqtape.recorder.hosts import GROQ_HOST, GroqHosts


@pytest.fixture(autouse=True)
def no_base_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GROQ_BASE_URL", raising=False)


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
    ],
)
def test_other_hosts(other: str, scheme: str, host: str, port: int | None, *, covered: bool) -> None:
    hosts = GroqHosts(["unrelated.example", other])
    assert hosts.cover(scheme, host, port) is covered
    assert hosts.cover("https", "api.groq.com", None)


@pytest.mark.parametrize(
    "other",
    ["", ":8080", "https://", "gateway.example:port", "gateway.example:99999", "::1", "[::1", "https:///v1"],
)
def test_what_is_no_host_is_refused_with_the_way_out(other: str) -> None:
    with pytest.raises(GroqtapeError) as caught:
        GroqHosts([other])
    assert str(caught.value) == (
        f"expected a host (gateway.example, gateway.example:8443) or a URL, got {other!r}\n"
        "Correct the ini option groq_hosts or use_cassette(hosts=…)."
    )


@given(st.text())
def test_any_text_is_a_host_or_refused(text: str) -> None:
    try:
        hosts = GroqHosts([text])
    except GroqtapeError:
        return
    assert hosts.cover("https", "api.groq.com", None)


def test_the_base_url_counts_as_it_is_at_the_time_of_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = GroqHosts(["other.example"])
    assert not hosts.cover("http", "127.0.0.1", 5000)
    monkeypatch.setenv("GROQ_BASE_URL", "http://127.0.0.1:5000")
    assert hosts.cover("http", "127.0.0.1", 5000)
    assert not hosts.cover("http", "127.0.0.1", 5001)
    monkeypatch.setenv("GROQ_BASE_URL", "http://127.0.0.1:5001")
    assert not hosts.cover("http", "127.0.0.1", 5000)
    assert hosts.cover("http", "127.0.0.1", 5001)
    monkeypatch.delenv("GROQ_BASE_URL")
    assert not hosts.cover("http", "127.0.0.1", 5001)
    assert hosts.cover("https", "api.groq.com", None)
    assert hosts.cover("https", "other.example", None)


@pytest.mark.parametrize("base_url", ["", "nonsense:port", "http://", "http://[::1"])
def test_a_base_url_that_is_none_covers_nothing_and_breaks_nothing(
    monkeypatch: pytest.MonkeyPatch, base_url: str
) -> None:
    hosts = GroqHosts()
    monkeypatch.setenv("GROQ_BASE_URL", base_url)
    assert not hosts.cover("https", "example.com", None)
    assert not hosts.cover("https", "", None)
    assert hosts.cover("https", "api.groq.com", None)
