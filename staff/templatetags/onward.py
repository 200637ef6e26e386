"""Tags for every page: what this person may do, and the tabs of a chart."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.forms import BaseForm
from django.template import Context
from django.template.loader import render_to_string

from staff import navigation, phones
from staff.access import Permission, can
from staff.needs import Urgency

register = template.Library()

# The icon of a tone: it and the word beside it say the same as the color. Messages have Django's own names of tones.
PILL_ICONS = {"good": "check", "attention": "clock", "danger": "triangle-alert", "info": "info"}
CALLOUT_ICONS = {
    "good": "circle-check",
    "attention": "clock-alert",
    "danger": "triangle-alert",
    "success": "circle-check",
    "warning": "triangle-alert",
    "error": "octagon-alert",
}
URGENCY_TONES = {Urgency.NOW: "danger", Urgency.TODAY: "attention"}


@register.simple_tag(takes_context=True)
def may(context: Context, permission: str, obj: Any = None) -> bool:
    """Whether the reader's role has a permission, by its name in the enum: {% may "NOTE_SIGN" as may_sign %}."""
    user = context.get("user")
    return user is not None and can(user, Permission[permission], obj)


@register.simple_tag(takes_context=True)
def chart_tabs(context: Context, client: Any) -> list[dict[str, object]]:
    """The tabs of a client's chart that the reader may open, with the one they are on."""
    request = context.get("request")
    if request is None or not request.user.is_authenticated:
        return []
    return navigation.chart_tabs(request.user, client_id=client.pk, path=request.path)


@register.simple_tag(takes_context=True)
def at_hand(context: Context, client: Any) -> list[dict[str, object]]:
    """Links that are one click away on every chart page, for this reader."""
    request = context.get("request")
    if request is None or not request.user.is_authenticated:
        return []
    return navigation.at_hand(request.user, client_id=client.pk, path=request.path)


@register.simple_tag
def session_seconds() -> int:
    """Seconds without a request after which the session ends."""
    return settings.SESSION_COOKIE_AGE


@register.simple_tag(takes_context=True)
def session_left(context: Context) -> int:
    """Seconds after which the session ends, however much is done in it; empty if nobody is signed in."""
    return getattr(context["request"].session, "seconds_left", 0)


@register.filter
def pill_icon(tone: str) -> str:
    """The icon of a pill's tone."""
    return PILL_ICONS.get(tone, "circle")


@register.filter
def callout_icon(tone: str) -> str:
    """The icon of a callout's or a message's tone."""
    return CALLOUT_ICONS.get(tone, "info")


@register.filter
def urgency_tone(urgency: Urgency) -> str:
    """The tone of a line of Today."""
    return URGENCY_TONES.get(urgency, "neutral")


@register.filter
def phone(value: str) -> str:
    """Formats a phone number: {{ point.value|phone }} gives (518) 555-0130. An email address does not change."""
    return phones.spoken(str(value or ""))


@register.filter
def dialed(value: str) -> str:
    """A phone number for a tel: link: {{ point.value|dialed }} gives +15185550130."""
    return phones.dialed(str(value or ""))


@register.filter
def plainly(form: BaseForm) -> BaseForm:
    """A form of the sign-in library without placeholders: its labels say the same and do not vanish."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
    if "code" in form.fields:
        form.fields["code"].widget.attrs |= {"inputmode": "numeric", "class": "ow-code"}
    return form


@register.simple_block_tag
def empty_state(content: str, *, icon: str = "inbox", title: str, url: str = "", button: str = "") -> str:
    """The text of an empty list, with a sentence on what to do next between the tags.

    {% empty_state icon="target" title="No goals yet" %}Review the carry-over first.{% endempty_state %}
    """
    given = {"icon": icon, "title": title, "next": content, "url": url, "button": button}
    return render_to_string("components/empty.html", given)


@register.simple_block_tag
def callout(content: str, *, tone: str = "info", title: str = "", icon: str = "") -> str:
    """A short notice in the page, with its text between the tags: {% callout tone="danger" %}…{% endcallout %}."""
    given = {"tone": tone, "title": title, "icon": icon, "text": content}
    return render_to_string("components/callout.html", given)
