"""Naloxone kits handed to a client: the one owner of whether somebody at risk of an overdose has one.

A kit in the home and somebody who knows how to use it is what stops an opioid overdose from killing (SAMHSA Overdose
Prevention and Response Toolkit, 2024). Giving one tells nobody outside anything, so it needs no consent.
"""

from __future__ import annotations

import datetime

from django.utils import timezone

from cases.models import Client, NaloxoneKit
from cases.possible_days import check_possible
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.reading import Reading, first, query, reads
from staff.refusals import Refusal
from staff.saying import says_something


class SayWhy(Refusal):
    sentence = "Enter why this was entered by mistake."


class AlreadyVoided(Refusal):
    sentence = "This kit was already marked as entered by mistake."


def give(
    *, client: Client, by: StaffMember, given_on: datetime.date | None = None, lot: str = "", trained: bool = False
) -> NaloxoneKit:
    """Record a kit that was handed over. `given_on` is today where the client lives by default.

    Raises NotPermitted, BeforeBirth, StillAhead, LongPast.
    """
    demand(by, Permission.RELAPSE_RECORD, client)
    given_on = given_on or client.today
    check_possible(client, given_on, ahead=0)
    with act("cases.give_naloxone", by=by, client=client) as entry:
        kit = NaloxoneKit.objects.create(
            client=client,
            given_on=given_on,
            lot=lot.strip(),
            trained=trained,
            recorded_at=timezone.now(),
            recorded_by=by,
        )
        entry.about(kit, trained=trained)
    return kit


def void(*, kit: NaloxoneKit, reason: str, by: StaffMember) -> NaloxoneKit:
    """Mark a kit as entered by mistake: it stays on record and doesn't count. Raises SayWhy, AlreadyVoided."""
    demand(by, Permission.RELAPSE_RECORD, kit.client)
    if not says_something(reason):
        raise SayWhy
    with act("cases.void_naloxone", by=by, client=kit.client) as entry:
        kit = NaloxoneKit.objects.select_for_update(no_key=True).get(pk=kit.pk)
        if kit.voided_at is not None:
            raise AlreadyVoided
        kit.voided_at, kit.voided_by, kit.void_reason = timezone.now(), by, reason.strip()[:200]
        kit.save(update_fields=["voided_at", "voided_by", "void_reason"])
        entry.about(kit)
    return kit


@reads
def latest(client: Client, *, staff_member: StaffMember) -> Reading[NaloxoneKit | None]:
    """The kit given last, as far as the reader may know of it."""
    return (
        yield from first(
            query(
                lambda client, by: NaloxoneKit.objects.visible_to(by).filter(client=client).given(),
                client=client,
                by=staff_member,
            )
        )
    )
