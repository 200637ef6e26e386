"""Whether typed words say something: a dot, an “x” or “n/a” in a field that the law asks for is no answer."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
# Typed to get past a field.
_FILLERS = frozenset(
    (
        "na", "none", "nil", "null", "nothing", "tbd", "todo", "test", "testing", "asdf", "asd", "qwerty", "qwertz",
        "blah", "foo", "bar", "abc", "xyz", "dummy", "same", "ditto", "etc", "unknown", "anything", "whatever",
        "sample",
    )
)  # fmt: skip


def words(text: str) -> list[str]:
    """The different words in it that mean something by themselves, in lower case and in order.

    Single letters, one letter repeated and fillers such as “n/a” and “test” don't count; a number does.
    """
    found: dict[str, None] = {}
    for each in _WORD.findall(text.casefold()):
        repeated = len(set(each)) == 1 and not each.isdigit()
        if each.isdigit() or (len(each) > 1 and not repeated and each not in _FILLERS):
            found[each] = None
    return list(found)


def says_something(text: str, *, least: int = 1, length: int = 2) -> bool:
    """Whether it has at least so many different words, one of them no number, and so many characters."""
    said = words(text)
    return len(said) >= least and len(text.strip()) >= length and not all(each.isdigit() for each in said)
