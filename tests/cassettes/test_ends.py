import httpx
import pytest

from groqtape.cassettes.ends import CLOSED, COMPLETE, ERRORS, is_end


def test_the_names_of_ends_are_the_contract() -> None:
    assert (COMPLETE, CLOSED) == ("complete", "closed")
    assert is_end(COMPLETE)
    assert is_end(CLOSED)


def leaves(error: type[Exception]) -> set[str]:
    """The names of an error's subclasses that have none themselves."""
    below = [name for subclass in error.__subclasses__() for name in leaves(subclass)]
    return set(below) or {error.__name__}


def test_every_error_that_can_cut_a_response_is_an_end() -> None:
    """httpx raises only the errors that nothing is derived from; redirects are no transport's business."""
    assert leaves(httpx.TransportError) | {"DecodingError"} == ERRORS
    assert all(is_end(name) for name in ERRORS)


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_every_error_can_be_raised_again_by_its_name(name: str) -> None:
    error = getattr(httpx, name)("cut", request=httpx.Request("POST", "https://api.groq.com"))
    assert isinstance(error, httpx.RequestError)


@pytest.mark.parametrize(
    "name", ["", "Complete", "TransportError", "Client", "sys", None, 1, ["complete"], {}]
)
def test_nothing_else_is_an_end(name: object) -> None:
    assert not is_end(name)
