"""Unsubmitted panels of the note editor: what was typed there when another button was pressed.

Their fields are part of the note's form, so “Save draft” or “Go on to sign” sends them along, and the next page would
show them blank.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from counseling.forms.plans.homework import HomeworkForm
from staff import outside

TOLD = "half_done"  # the field in which a page says that its writer was warned
_REVIEW = re.compile(r"review-(\d{1,18})-(outcome|learned)")


def sentence(post: QueryDict) -> str:
    """What is not submitted yet, for the writer to finish or drop; empty if nothing, or if they were told once."""
    left = []
    # The sentence is filled in as soon as the panel opens: alone it is no one's work.
    if post.get("mention_about") or post.get("mention_new", "").strip():
        left.append("a sentence not linked yet")
    if post.get("give-text", "").strip():
        left.append("homework not assigned yet")
    if _reviewed(post):
        left.append("a homework review not saved yet")
    if not left or post.get(TOLD):
        return ""
    return f"Draft saved. Not saved below: {' and '.join(left)}. Use its own button, or continue without it."


def as_typed(known: Mapping[str, Any], typed: QueryDict | None) -> dict[str, Any]:
    """Context for the editor's panels, with text typed in them but not submitted with their own buttons."""
    if not typed:
        return {}
    found: dict[str, Any] = {"half_done": TOLD}
    if typed.get("give-text", "").strip():
        found["homework_form"] = HomeworkForm(typed, prefix="give", use_required_attribute=False)
        found["homework_open"] = True
    reviewed = _reviewed(typed)
    for line in known["homework"]:
        if line.row.pk in reviewed:
            line.review.initial = {name: typed.get(line.review.add_prefix(name), "") for name in line.review.fields}
            found["homework_open"] = True
    return found


def _reviewed(post: Mapping[str, Any]) -> set[int]:
    names = (name for name, value in post.items() if str(value).strip())
    return {key for found in map(_REVIEW.fullmatch, names) if found for key in outside.keys(found[1])}
