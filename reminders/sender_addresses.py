"""Whether the addresses that clients see give away what the clinic does: the sender's, and the one they reply to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register

from reminders.revealing import revealing_in_address

# Names of settings, with what they are to a client.
SEEN = {"DEFAULT_FROM_EMAIL": "sender address", "REMINDER_REPLY_TO": "reply address"}


@dataclass(frozen=True)
class Revealing:
    """An address that gives something away."""

    setting: str
    what: str
    address: str
    words: str


def revealing() -> list[Revealing]:
    """The addresses with a word that names the field, in the local part or the domain."""
    found = []
    for name, what in SEEN.items():
        address = str(getattr(settings, name, "") or "")
        if words := revealing_in_address(address):
            found.append(Revealing(name, what, address, ", ".join(f"“{word}”" for word in dict.fromkeys(words))))
    return found


@register(Tags.security, deploy=True)
def neutral_addresses(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001  # as Django calls it
    """Say at deployment which address a message would be given away by."""
    return [
        Warning(
            f"{each.setting} ({each.address}) contains {each.words}, which shows anyone who sees a reminder what it "
            "is about.",
            hint="Send from a domain that names neither the field nor the kind of care (docs/reminders.md).",
            id="reminders.W001",
        )
        for each in revealing()
    ]
