"""Whether a text could be a secret, or is rather a word that prompts and answers contain as well."""

from __future__ import annotations

import functools
import re

__all__ = ["could_be_secret", "is_random"]

_SHORTEST = 6
_SHORTEST_MIXED = 8
_LONGEST_WORD = 15
# Words in a row of this length are in a prompt on purpose, not by chance.
_LONG = 24
_PHRASE, _WORDS_OF_A_PHRASE = 15, 3

_LETTERS = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_WITHIN = re.compile(r"[a-z]\S*[A-Z]|[#$%^&*+=~|<>{}\"\\\[\]`\t\n@]|[\udc80-\udcff]")
# Pairs of letters that no English word has, and runs of consonants that only few have.
_NO_WORD = (
    r"b[qxz]|c[bfgjpvwx]|d[x]|f[bcdghjkmpqvwxz]|g[cjqvxz]|h[fgjkvxz]|j[^aeiou]|k[jqvxz]|l[jqxz]|m[jqxz]"
    r"|p[jqvxz]|q[^u]|r[jqxz]|s[jxz]|t[jqx]|v[^aeiouy]|w[jquvx]|x[bdgjkmnrvwz]|y[jqy]|z[^aeiouyzl]"
    r"|[bcdfghjklmnpqrstvwxz]{5}|(.)\1\1"
)


def could_be_secret(text: str) -> bool:
    """Whether a text that is named as a secret (by a variable, a header, a cookie) is taken for one.

    `secret`, `changeme` and `dark-mode` are not: prompts contain such words as well, and would be changed.
    """
    if len(text) < _SHORTEST or len(set(text)) == 1:
        return False
    words = text.split()
    if len(text) >= _LONG or (len(text) >= _PHRASE and len(words) >= _WORDS_OF_A_PHRASE) or _is_mixed(text):
        return True
    return len(words) == 1 and not _is_words(text)


def _is_mixed(text: str) -> bool:
    """Whether a text has a digit, or is long and has a capital or a symbol within, as words have not."""
    return any(map(str.isdigit, text)) or (len(text) >= _SHORTEST_MIXED and _WITHIN.search(text) is not None)


def is_random(text: str) -> bool:
    """Whether a text that follows a prefix such as `sk-` or `Bearer ` is no word of a sentence or example."""
    if len(set(text)) == 1:
        return False  # xxxxxxxx
    return any(map(str.isdigit, text)) or not _is_words(text)


@functools.cache
def _no_word() -> re.Pattern[str]:
    return re.compile(_NO_WORD)


def _is_words(text: str) -> bool:
    """Whether the letters of a text are all words, as far as one can see."""
    return all(map(_is_word, _LETTERS.findall(text)))


def _is_word(letters: str) -> bool:
    if not letters.isascii():
        return len(letters) <= _LONGEST_WORD and letters in (
            letters.lower(),
            letters.upper(),
            letters.title(),
        )
    parts = _CAMEL.findall(letters)
    # `JavaScript` and `yourApiKey` are words, `aBcDeF` and `AhaAlWbAeilAus` are none.
    if len(parts) > 1 and len(letters) < (3 if len(parts) < 4 else 4) * len(parts):
        return False
    return all(len(part) <= _LONGEST_WORD and not _no_word().search(part.lower()) for part in parts)
