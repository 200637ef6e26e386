"""What the provider's answers teach about a number: kept with source and time, and lifted by a person with a reason."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from reminders import staff_tasks
from reminders.models import NumberFact, OptOut, StaffTask
from reminders.phone_codes import NOT_SENT
from staff.access import Permission, demand
from staff.acts import act
from staff.models import Clinic, StaffMember
from staff.refusals import Refusal


class LiftReasonNeeded(Refusal):
    """The next reader has to know."""

    sentence = "Enter why this no longer holds."


class AlreadyLifted(Refusal):
    """A colleague was faster."""

    sentence = "Someone already changed this. Reload the page."


def learn(*, sender_number: str, value: str, code: str) -> NumberFact | OptOut | None:
    """Write down what a provider's code says about a number, for the clinic that sends from `sender_number`.

    None if it teaches nothing, or is known. A person who has replied STOP to the provider has opted out here, too.
    """
    refusal, clinic = NOT_SENT.get(code), _clinic(sender_number)
    if refusal is None or clinic is None:
        return None
    source = f"phone provider, code {code}"
    if refusal.opted_out:
        return _learn_opt_out(clinic, value, source)
    if refusal.fact is None:
        return None
    with act("reminders.learn_number", by=None, clinic=clinic) as entry:
        fact, created = NumberFact.objects.get_or_create(
            clinic=clinic,
            contact_value=value,
            kind=refusal.fact,
            lifted_at=None,
            defaults={"source": source, "learned_at": timezone.now()},
        )
        entry.about(fact, code=code)
        if not created:
            entry.nothing_changed()
    return fact if created else None


def lift(*, fact: NumberFact, why: str, by: StaffMember) -> NumberFact:
    """It no longer holds: the number was moved to a cell phone, say. Raises LiftReasonNeeded, AlreadyLifted."""
    demand(by, Permission.CLIENT_EDIT)
    if not why.strip():
        raise LiftReasonNeeded
    with act("reminders.lift_number_fact", by=by, clinic=by.clinic) as entry:
        changed = (
            NumberFact.objects.visible_to(by)
            .in_force()
            .filter(pk=fact.pk)
            .update(lifted_at=timezone.now(), lifted_by=by, lifted_why=why.strip()[:200])
        )
        if not changed:
            raise AlreadyLifted
        entry.about(fact)
    fact.refresh_from_db()
    return fact


def tell_administrators(sender_number: str, why: str) -> None:
    """Leave one task for those who keep the product running, however many messages fail."""
    with transaction.atomic():
        clinic = Clinic.objects.select_for_update(no_key=True).filter(text_number=sender_number).first()
        open_tasks = StaffTask.objects.open().filter(clinic=clinic, kind=StaffTask.Kind.PROVIDER)
        if clinic is None or open_tasks.exists():
            return
        staff_tasks.add(
            clinic=clinic,
            kind=StaffTask.Kind.PROVIDER,
            at=timezone.now(),
            sentence=f"Texts and calls can’t be sent: {why}. Check the account and the number with the provider. "
            "Messages wait meanwhile.",
        )


def mended(sender_number: str) -> None:
    """The provider takes messages again: the task closes itself."""
    StaffTask.objects.open().filter(kind=StaffTask.Kind.PROVIDER, clinic__text_number=sender_number).update(
        done_at=timezone.now(), done_because="texts and calls can be sent again"
    )


def _learn_opt_out(clinic: Clinic, value: str, source: str) -> OptOut | None:
    """The provider has confirmed it to the person already, so we don't."""
    now = timezone.now()
    with act("reminders.opt_out", by=None, clinic=clinic) as entry:
        opt_out, created = OptOut.objects.get_or_create(
            clinic=clinic,
            contact_value=value,
            lifted_at=None,
            defaults={"words": f"STOP ({source})", "received_at": now, "confirmed_at": now},
        )
        entry.about(opt_out, created=created)
        if not created:
            entry.nothing_changed()
    return opt_out if created else None


def _clinic(sender_number: str) -> Clinic | None:
    return Clinic.objects.filter(text_number=sender_number).first() if sender_number else None
