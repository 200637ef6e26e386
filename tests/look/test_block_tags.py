"""Empty states and callouts hold their sentences between tags: the words stand, and what was typed stays text."""

from __future__ import annotations

import pytest
from django.template import Context, Template


@pytest.mark.parametrize("tag", ["callout", "empty_state"])
def test_words_and_values_between_the_tags(tag: str) -> None:
    page = Template(f"{{% load onward %}}{{% {tag} title=title %}} See <b>{{{{ name }}}}</b>. {{% end{tag} %}}")
    shown = " ".join(page.render(Context({"title": "A & B", "name": "<i>Robin</i>"})).split())
    assert "See <b>&lt;i&gt;Robin&lt;/i&gt;</b>." in shown
    assert "A &amp; B" in shown
