"""Private pages whose address a written message may carry (settings.REMINDER_PAGES).

The address is a key: it leaves with the message and is kept nowhere else. What staff see of a message, and what is kept
of a try to send it, has `MARK` in its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.module_loading import import_string

from privacy.models import Channel
from reminders.models import Reminder
from reminders.revealing import revealing_in_address

MARK = "[private page]"
PATH = "q"  # the first part of such an address: short, and it says nothing
_ADDRESS = re.compile(rf"https?://[^\s/]+/{PATH}/[a-z2-7]+/")
WRITTEN = (Channel.EMAIL, Channel.SMS)


@dataclass(frozen=True)
class Leads:
    """What a private page's address ends in (`at`), and which day it asks about: in each language, neutral words."""

    at: str
    about: Mapping[str, str] = field(default_factory=dict)


def root() -> str:
    """Where private pages are; blank without PUBLIC_URL, or with one that reveals anything."""
    site: str = settings.PUBLIC_URL
    return "" if site and revealing_in_address(f"page@{site.partition('://')[2].partition(':')[0]}") else site


def carried(reminders: Sequence[Reminder]) -> dict[int, Leads]:
    """The address that each carries, by id; none for a call, without PUBLIC_URL, or with one that reveals anything."""
    if not (site := root()):
        return {}
    found: dict[int, Leads] = {}
    for kind, path in settings.REMINDER_PAGES.items():
        carrying = [each for each in reminders if each.kind == kind and each.channel in WRITTEN]
        if carrying:
            leads: dict[int, Leads] = import_string(path)(carrying)
            found |= {pk: Leads(f"{site}/{PATH}/{each.at}/", each.about) for pk, each in leads.items()}
    return found


def hidden(text: str) -> str:
    """A text without the address of a private page."""
    return _ADDRESS.sub(MARK, text)


def restored(text: str, like: str) -> str:
    """A kept text as it left, with the address of the page from another text of the same message."""
    address = _ADDRESS.search(like)
    return text.replace(MARK, address[0]) if address else text
