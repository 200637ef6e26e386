"""The flags in the head of every page of a chart (cases/panels/chart_head.py)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone

from cases.models import Client
from cases.panels import chart_head
from cases.people import chart_page

register = template.Library()


@register.simple_tag(takes_context=True)
def chart_flags(context: Context, client: Any) -> Sequence[Any]:
    """Flags this reader may know about: {% chart_flags client as flags %}. The style guide's sample brings its own.

    A page that read the open safety concerns of its client hands them on as `open_concerns`.
    """
    request = context.get("request")
    if not isinstance(client, Client):
        return getattr(client, "flags", ())
    if request is None or not request.user.is_authenticated:
        return ()
    about: dict[str, Any] = {
        "client": client,
        "staff_member": request.user,
        "now": timezone.now(),
        "concerns": context.get("open_concerns"),
    }
    if request.method in ("GET", "HEAD") and "client_id" in request.resolver_match.kwargs:
        return chart_head.flags_from(chart_page.read(request, client.pk).added["head"], **about)
    return chart_head.flags(**about)
