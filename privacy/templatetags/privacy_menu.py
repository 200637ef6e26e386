"""The menus of the privacy officer's pages (privacy/menu.py)."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from privacy import menu

register = template.Library()


@register.simple_tag(takes_context=True)
def privacy_pages(context: Context) -> list[tuple[str, list[menu.Page]]]:
    """The menu for this reader, with the page they are on: {% privacy_pages as groups %}."""
    request = context.get("request")
    if request is None or not request.user.is_authenticated:
        return []
    return menu.groups(request.user, path=request.path)


@register.simple_tag(takes_context=True)
def chart_privacy_pages(context: Context, client: Any) -> list[tuple[str, list[menu.Page]]]:
    """The menu behind a chart's tab “Privacy”: {% chart_privacy_pages client as groups %}."""
    request = context.get("request")
    if request is None or not request.user.is_authenticated:
        return []
    return menu.of_chart(request.user, client_id=client.pk, path=request.path)
