"""The flags in the head of every page of a chart (cases/panels/chart_head.py)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone

from cases.models import Client
from cases.panels import chart_head

register = template.Library()


@register.simple_tag(takes_context=True)
def chart_flags(context: Context, client: Any) -> Sequence[Any]:
    """Flags this reader may know about: {% chart_flags client as flags %}. The style guide's sample brings its own.

    A page that read them with its own facts hands them on as `head_flags`; one that read the open safety concerns of
    its client hands those on as `open_concerns`.
    """
    if "head_flags" in context:
        return context["head_flags"]
    request = context.get("request")
    if not isinstance(client, Client):
        return getattr(client, "flags", ())
    if request is None or not request.user.is_authenticated:
        return ()
    return chart_head.flags(
        client=client, staff_member=request.user, now=timezone.now(), concerns=context.get("open_concerns")
    )
