"""Filters for dates that may be known to the month or the year only."""

from __future__ import annotations

from django import template

from cases.recovery import dates_in_words

register = template.Library()
register.filter(dates_in_words.known_to)
register.filter(dates_in_words.span_in_words)
register.filter(dates_in_words.kind_in_a_word)
