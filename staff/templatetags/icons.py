"""The library's icon tag, under its own name. Each icon is drawn once: a page shows a hundred, of a few kinds."""

from __future__ import annotations

import functools

from django import template
from lucide.templatetags.lucide import lucide as draw

register = template.Library()
register.simple_tag(functools.lru_cache(maxsize=2_000)(draw), name="lucide")
