"""Which kinds of message go out: what the clinic switched off, and what a client does not want."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from cases.models import Client
from reminders.kinds import KINDS
from reminders.models import ClientChoice, KindSwitch, Reminder
from staff.access import Permission, demand
from staff.acts import act
from staff.models import Clinic, StaffMember
from staff.prepared import IsOneOf
from staff.reading import Reading, reads, rows, together
from staff.refusals import NotPermitted, Refusal

BY_CLINIC = "the clinic switched off this kind of message"
BY_CLIENT = "the client doesn’t want this kind of message"


class WhyNeeded(Refusal):
    """A promise is not switched off by accident."""

    def __init__(self, guarded: str) -> None:
        super().__init__(f"{guarded} Enter a reason to switch it off all the same.")


class NotForClients(Refusal):
    """Clients choose among what is sent to them."""

    sentence = "Choose a kind of message from the list."


@reads
def why_off(reminders: Sequence[Reminder]) -> Reading[dict[int, str]]:
    """Which of these are switched off by the clinic or not wanted by the client, with the reason; in two queries."""
    if not reminders:
        return {}
    clinics, unwanted = yield from together(
        off.part(sorted({each.clinic_id for each in reminders})),
        unwanted_by.part(sorted({each.client_id for each in reminders if each.client_id is not None})),
    )
    found = {}
    for each in reminders:
        if (each.clinic_id, each.kind) in clinics:
            found[each.pk] = BY_CLINIC
        elif (each.client_id, each.kind) in unwanted:
            found[each.pk] = BY_CLIENT
    return found


@reads
def off(clinics: Sequence[int]) -> Reading[set[tuple[int, str]]]:
    """Clinic and kind of what is switched off."""
    latest = KindSwitch.objects.filter(clinic__in=clinics).that_count().values_list("clinic", "kind", "is_on")
    return {(clinic, kind) for clinic, kind, is_on in (yield from rows(latest)) if not is_on}


@reads
def unwanted_by(clients: Sequence[int]) -> Reading[set[tuple[int | None, str]]]:
    """Client and kind of what clients do not want."""
    if not clients:
        return set()
    theirs = ClientChoice.objects.filter(IsOneOf("client", clients)).that_count()
    latest = theirs.values_list("client", "kind", "is_wanted")
    return {(client, kind) for client, kind, is_wanted in (yield from rows(latest)) if not is_wanted}


def switch(*, clinic: Clinic, kind: str, is_on: bool, reason: str = "", by: StaffMember) -> KindSwitch | None:
    """Send a kind of message at this clinic, or not. Returns None if it is so already.

    What is scheduled stays, and is held when it is due. A kind that someone relies on wants a reason. Raises
    NotPermitted, WhyNeeded, NotForClients for an unknown kind.
    """
    demand(by, Permission.CLINIC_MANAGE)
    if clinic.pk != by.clinic_id:
        raise NotPermitted
    row = KINDS.get(kind)
    if row is None:
        raise NotForClients
    reason = " ".join(reason.split())[:200]
    if row.guarded and not is_on and not reason:
        raise WhyNeeded(row.guarded)
    with act("reminders.switch_kind", by=by, clinic=clinic) as entry:
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        if ((clinic.pk, kind) not in off([clinic.pk])) == is_on:
            entry.nothing_changed()
            return None
        made = KindSwitch.objects.create(clinic=clinic, kind=kind, is_on=is_on, reason=reason, at=timezone.now(), by=by)
        entry.about(made, kind=kind, is_on=is_on)
    return made


def choose(*, client: Client, kind: str, is_wanted: bool, by: StaffMember) -> ClientChoice | None:
    """Record whether a client wants a kind of message. Returns None if it is so already. Consent is another matter.

    Raises NotPermitted, NotForClients.
    """
    demand(by, Permission.REMINDER_VIEW, client)
    row = KINDS.get(kind)
    if row is None or not row.for_clients:
        raise NotForClients
    with act("reminders.choose_kind", by=by, client=client) as entry:
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        if ((client.pk, kind) not in unwanted_by([client.pk])) == is_wanted:
            entry.nothing_changed()
            return None
        made = ClientChoice.objects.create(client=client, kind=kind, is_wanted=is_wanted, at=timezone.now(), by=by)
        entry.about(made, kind=kind, is_wanted=is_wanted)
    return made
