"""How a client may be reached now: each contact and channel, and why it may not be used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cases.models import ContactPoint
from privacy.models import Channel
from reminders.contacts import WayThere
from reminders.models import NumberFact


@dataclass(frozen=True)
class Way:
    """One contact: per channel, empty if open, otherwise why not."""

    point: ContactPoint
    channels: list[tuple[str, str]]
    opted_out: bool
    facts: list[NumberFact] = field(default_factory=list)


def by_contact(all_ways: Iterable[WayThere], facts: Iterable[NumberFact] = ()) -> list[Way]:
    """Contacts in use in the client's own order, with what may be sent to each and what was learned about it."""
    found: dict[int, list[WayThere]] = {}
    for way in all_ways:
        found.setdefault(way.point.pk, []).append(way)
    return [
        Way(
            point=own[0].point,
            channels=[(each.channel.label, each.why_not) for each in sorted(own, key=lambda way: _PLACE[way.channel])],
            opted_out=any(each.why_not == "opt-out" for each in own),
            facts=[fact for fact in facts if fact.contact_value == own[0].point.normalized],
        )
        for own in found.values()
    ]


_PLACE = {channel: place for place, channel in enumerate(Channel)}
