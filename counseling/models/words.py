"""What is found by a search inside notes, as expressions that the database stores."""

from __future__ import annotations

import re

from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db import models
from django.db.models.expressions import CombinedExpression


class WordsOf(models.Func):
    """The words of a JSON column's strings as a full-text vector. The configuration is fixed, so it can be stored."""

    template = "jsonb_to_tsvector('english'::regconfig, %(expressions)s, '[\"string\"]'::jsonb)"
    output_field = SearchVectorField()


class TextWords(models.Func):
    """The words of a text as a full-text vector. The configuration is fixed, so it can be stored."""

    template = "to_tsvector('english'::regconfig, %(expressions)s)"
    output_field = SearchVectorField()


def words_of_note() -> CombinedExpression:
    """What is looked through in a note: its sections, and what was found about risk."""
    return CombinedExpression(WordsOf("sections"), "||", TextWords("risk_detail"), output_field=SearchVectorField())


def words_asked(words: str) -> SearchQuery:
    """What somebody typed into a search box, as a web search understands it.

    The last word counts from its third letter on, since lists are searched while it is being typed.
    """
    asked = SearchQuery(words, config="english", search_type="websearch")
    before, _, last = words.rpartition(" ")
    if not re.fullmatch(r"[^\W_]{3,}", last):
        return asked
    begun = SearchQuery(f"{last}:*", config="english", search_type="raw")
    if before.strip():
        begun = SearchQuery(before, config="english", search_type="websearch") & begun
    return asked | begun
