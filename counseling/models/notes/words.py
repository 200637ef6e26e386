"""Search expressions over note text that the database stores."""

from __future__ import annotations

import re

from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db import models
from django.db.models.expressions import CombinedExpression

from cases.people import names


class WordsOf(models.Func):
    """The words of a JSON column's strings as a full-text vector. The configuration is fixed, so it can be stored."""

    template = "jsonb_to_tsvector('english'::regconfig, %(expressions)s, '[\"string\"]'::jsonb)"
    output_field = SearchVectorField()


class TextWords(models.Func):
    """The words of a text as a full-text vector. The configuration is fixed, so it can be stored."""

    template = "to_tsvector('english'::regconfig, %(expressions)s)"
    output_field = SearchVectorField()


def words_of_note() -> CombinedExpression:
    """The searchable text of a note: its sections and its risk finding."""
    return CombinedExpression(WordsOf("sections"), "||", TextWords("risk_detail"), output_field=SearchVectorField())


def words_asked(words: str) -> SearchQuery:
    """The typed search text as a web search query.

    The last word counts from its third letter on, because lists are searched as the user types.
    """
    asked = SearchQuery(words, config="english", search_type="websearch")
    before, _, last = words.rpartition(" ")
    if not re.fullmatch(r"[^\W_]{3,}", last):
        return asked
    begun = SearchQuery(f"{last}:*", config="english", search_type="raw")
    if before.strip():
        begun = SearchQuery(before, config="english", search_type="websearch") & begun
    return asked | begun


class TextOf(models.Func):
    """The strings of a JSON column, one per line, without its keys."""

    template = "(SELECT string_agg(part.value, E'\\n') FROM jsonb_each_text(%(expressions)s) AS part)"
    output_field = models.TextField()


def letters_asked(words: str) -> list[str]:
    """What to search letter by letter, ignoring accents, in addition to whole words.

    Finds parts of words, names with and without their marks, scripts without spaces, and words inside a link or an
    email address. Empty if the words are in quotation marks or some are excluded: then exactly that is meant. A word of
    fewer than three letters is in too many others to search inside them, unless its script needs no more.
    """
    asked = names.plain(words).split()
    if '"' in words or any(word.startswith("-") for word in asked):
        return []
    if any(len(word) < 3 and not names.is_unspaced(word) for word in asked):
        return []
    return asked
