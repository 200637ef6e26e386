"""When each danger sign on a call was heard.

A sign recorded with the call was heard when the call was taken. A sign selected later, or again, was heard at that
later moment, and only what someone did after that answers it.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection

from django.db.models import CharField, DateTimeField, F, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Greatest
from django.utils import timezone

from cases.models import Inquiry


def write_down(inquiry: Inquiry, before: Collection[str]) -> None:
    """Store when the signs that are new since `before` were heard; forget signs that are no longer selected.

    On a closed call, they are also stored as heard after it was closed. The caller saves the row.
    """
    ticked = set(inquiry.danger_signs)
    new = ticked - set(before) if inquiry.pk else set()  # a call that begins was heard when it was taken
    now = timezone.now().isoformat()
    known = {sign: at for sign, at in inquiry.signs_heard_at.items() if sign in ticked}
    inquiry.signs_heard_at = known | dict.fromkeys(sorted(new), now)
    late = set(inquiry.signs_after_end) & ticked
    inquiry.signs_after_end = sorted(late | new if inquiry.stage in Inquiry.CLOSED_STAGES else late)


def heard_at(inquiry: Inquiry, sign: str) -> datetime.datetime:
    """When a sign on this call was last heard."""
    known = inquiry.signs_heard_at.get(sign)
    return datetime.datetime.fromisoformat(known) if known else inquiry.taken_at


def last_heard_at(inquiry: Inquiry, signs: Collection[str]) -> datetime.datetime:
    """When the newest of these signs on the call was heard."""
    return max((heard_at(inquiry, sign) for sign in inquiry.danger_signs if sign in signs), default=inquiry.taken_at)


def last_heard(*signs: str) -> Combinable:
    """`last_heard_at` as a query expression on calls."""
    moments = [Cast(KeyTextTransform(sign, "signs_heard_at"), DateTimeField()) for sign in signs]
    return Coalesce(moments[0] if len(moments) == 1 else Greatest(*moments), F("taken_at"))


def heard_later(sign: str) -> Combinable:
    """Query expression: the moment, as text, if the sign was heard after the call was taken; otherwise empty."""
    return Coalesce(KeyTextTransform(sign, "signs_heard_at"), Value(""), output_field=CharField())
