"""Opting out: anyone who clearly says stop, in any words, gets no more messages at that number or address.

47 CFR 64.1200(a)(10): stop, quit, end, revoke, opt out, cancel, unsubscribe, or any other reasonable wording counts;
one confirmation within five minutes is allowed. Here it takes effect at once. reminders.meaning reads what a reply asks
for; START cancels an opt-out, and a person reads unclear replies the same day.
"""

from __future__ import annotations

import dataclasses
import datetime
import logging

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from cases.models import Client
from privacy import consents
from privacy.models import Consent
from reminders import channels, crisis, help_line, languages, meaning, staff_tasks, wording
from reminders.languages import Language
from reminders.meaning import Asks, Besides
from reminders.models import MessageTemplate, OptOut, Reminder, StaffTask
from reminders.standing import died
from staff import outside
from staff.access import Permission, demand
from staff.acts import act
from staff.models import Clinic, StaffMember
from staff.refusals import Refusal

log = logging.getLogger("onward.reminders")

CONFIRM_WITHIN = datetime.timedelta(minutes=5)


class NotOptedOut(Refusal):
    """There is nothing to take back."""

    sentence = "This number or address isn’t opted out."


def receive(
    *,
    clinic: Clinic,
    contact_value: str,
    words: str,
    at: datetime.datetime,
    source_key: str = "",
    reminder_id: int | None = None,
    answer_danger: bool = True,
) -> OptOut | None:
    """Process a reply: danger first, then stop and start, which take effect immediately.

    Only the answer to someone in danger leaves from here. Within a transaction (`answer_danger=False`) nothing does:
    what was sent can't be rolled back, so the caller has it answered afterwards (`crisis.answer_due`).

    `contact_value` is normalized, as in the client's contacts; `words` may still hold quotes and a signature;
    `source_key` identifies the message, so a duplicate counts once; `reminder_id` is the message that it answers, if
    its own reply address says so. A person reads everything but bare keywords, and
    also those that may say more (`Besides`). Returns the active opt-out that it made, or None.
    """
    words, contact_value, source_key = outside.text(words), outside.text(contact_value), outside.text(source_key)
    ours = MessageTemplate.objects.filter(clinic=clinic).values_list("body", flat=True)
    reading = meaning.read(words, ours)
    client = _of_reminder(clinic, reminder_id)
    if reading.asks == Asks.HELP and (danger := crisis.said_lately(clinic=clinic, contact_value=contact_value, at=at)):
        reading = dataclasses.replace(reading, asks=Asks.OTHER, danger=danger)
    if reading.danger is not None:
        crisis.record(
            clinic=clinic, contact_value=contact_value, reading=reading, at=at, source_key=source_key, client=client
        )
        if answer_danger:
            crisis.answer_due(at)
    opt_out, taken_back = None, False
    if reading.asks == Asks.STOP:
        opt_out = _opt_out(clinic=clinic, contact_value=contact_value, words=reading.words, at=at, by=None)
    elif reading.asks == Asks.START:
        taken_back = _lift_by_reply(clinic=clinic, contact_value=contact_value, words=reading.words, at=at)
    elif reading.asks == Asks.HELP and not _has_died(clinic, contact_value):
        language = _language(clinic, contact_value, reading.words, client)
        help_line.ask(clinic=clinic, contact_value=contact_value, language=language, at=at)
    answered = reading.answer is not None and _answer_to_a_message(
        clinic, contact_value, reading.answer, at, reminder_id
    )
    settled = answered or (reading.bare and reading.besides is None and (opt_out or taken_back))
    # A reply of danger is on the crisis page with all its words; only what it may ask about messages goes beside it.
    if reading.asks == Asks.UNCLEAR or (reading.danger is None and not settled):
        _ask_a_person(clinic, reading, at, client or _whose(clinic, contact_value))
    return opt_out


def _has_died(clinic: Clinic, contact_value: str) -> bool:
    """Whether the one client whom this value reaches has died: nothing goes there, whoever has it now."""
    client = _whose(clinic, contact_value)
    return client is not None and died(client)


def _answer_to_a_message(
    clinic: Clinic, contact_value: str, answer: meaning.Answer, at: datetime.datetime, reminder_id: int | None
) -> bool:
    """Hand an answer to the app that the message was about (settings.REPLY_ANSWERS); whether it knew the message."""
    return any(
        import_string(path)(clinic=clinic, contact_value=contact_value, answer=answer, at=at, reminder_id=reminder_id)
        for path in settings.REPLY_ANSWERS
    )


_BESIDES = {
    Besides.WRONG_NUMBER: (
        "Wrong number or address: it may belong to someone else. Messages there have stopped. Get the right one"
    ),
    Besides.VISIT: "Messages there have stopped. The reply says cancel and may mean the visit. Ask the client",
}


def _ask_a_person(clinic: Clinic, reading: meaning.Reading, at: datetime.datetime, client: Client | None) -> None:
    kind, asked = StaffTask.Kind.REPLY, "Reply to a reminder. Read it and see whether the client needs something"
    if reading.asks == Asks.UNCLEAR:
        kind = StaffTask.Kind.UNCLEAR
        asked = "The reply may ask to stop messages. Ask the client today. Messages continue until then"
    elif reading.asks == Asks.START:
        asked = "The reply asks for messages, but there is no consent. Ask the client to sign one"
    elif reading.asks == Asks.HELP:
        asked = "The keyword for the number to call, which is sent once a day. See whether the client needs something"
    elif reading.besides is not None:
        asked = _BESIDES[reading.besides]
    elif not reading.words:
        asked = "Blank reply"
    with act("reminders.receive_reply", by=None, clinic=clinic, client=client) as entry:
        said = reading.words if len(reading.words) <= 180 else f"{reading.words[:179]}…"
        sentence = f"{asked}: “{said}”" if said else f"{asked}."
        entry.about(staff_tasks.add(clinic=clinic, client=client, at=at, sentence=sentence, kind=kind))


def record(*, client: Client, contact_value: str, words: str, by: StaffMember) -> OptOut:
    """Record that the client told staff to stop writing to a number or address."""
    demand(by, Permission.REMINDER_VIEW, client)
    return _opt_out(clinic=client.clinic, contact_value=contact_value, words=words, at=timezone.now(), by=by)


def lift(*, client: Client, contact_value: str, by: StaffMember) -> OptOut:
    """The client asks for messages again. Raises NotOptedOut. Sending still needs an active consent."""
    demand(by, Permission.CONSENT_MANAGE, client)
    with act("reminders.lift_opt_out", by=by, client=client) as entry:
        opt_out = (
            OptOut.objects.in_force()
            .filter(clinic=client.clinic, contact_value=contact_value)
            .select_for_update()
            .first()
        )
        if opt_out is None:
            raise NotOptedOut
        opt_out.lifted_at, opt_out.lifted_by = timezone.now(), by
        opt_out.save(update_fields=["lifted_at", "lifted_by"])
        entry.about(opt_out)
    return opt_out


def confirm_due(now: datetime.datetime) -> int:
    """Confirm each opt-out and opt-in by reply once, within five minutes or never.

    Returns how many were sent. Each is marked before it is sent: a crash costs the confirmation but never sends a
    second one. None goes to the number of a client who died, whoever has it now.
    """
    recent = {"gt": now - CONFIRM_WITHIN, "lte": now}
    stopped = OptOut.objects.in_force().filter(
        recorded_by=None, confirmed_at=None, **{f"received_at__{how}": moment for how, moment in recent.items()}
    )
    started = OptOut.objects.exclude(lifted_words="").filter(
        lift_confirmed_at=None, **{f"lifted_at__{how}": moment for how, moment in recent.items()}
    )
    sent = 0
    for opt_out in stopped.select_related("clinic"):
        sent += _confirm(opt_out, "confirmed_at", wording.OPTED_OUT, opt_out.words, now)
    for opt_out in started.select_related("clinic"):
        if _may_be_written_to(opt_out, now):
            sent += _confirm(opt_out, "lift_confirmed_at", wording.OPTED_IN, opt_out.lifted_words, now)
    return sent


def _confirm(opt_out: OptOut, mark: str, said: wording.Said, words: str, now: datetime.datetime) -> bool:
    if _has_died(opt_out.clinic, opt_out.contact_value):
        return False
    if not OptOut.objects.filter(pk=opt_out.pk, **{mark: None}).update(**{mark: now}):
        return False
    key = f"opt-{'out' if mark == 'confirmed_at' else 'in'}-{opt_out.pk}"
    language = _language(opt_out.clinic, opt_out.contact_value, words)
    try:
        channels.answer(
            to=opt_out.contact_value, body=said.within(language), clinic=opt_out.clinic, key=key, language=language
        )
    except SoftTimeLimitExceeded:
        raise  # the task is to end
    except Exception as error:  # the opt-out counts whatever happens to its confirmation
        log.warning("Opt-out %s: no confirmation (%s)", opt_out.pk, type(error).__name__)
        return False
    return True


def _language(clinic: Clinic, contact_value: str, words: str, client: Client | None = None) -> str:
    """In which language to answer: Spanish if they wrote it, else that of the client whom this value reaches.

    “STOP” and “HELP” are said in any language: our Spanish messages ask for them.
    """
    if meaning.is_spanish(words):
        return Language.SPANISH
    return languages.of(client or _whose(clinic, contact_value))


def _lift_by_reply(*, clinic: Clinic, contact_value: str, words: str, at: datetime.datetime) -> bool:
    """START from someone who had said stop. Returns whether messages may go there again, including consent."""
    client = _whose(clinic, contact_value)
    with act("reminders.lift_opt_out_by_reply", by=None, clinic=clinic, client=client) as entry:
        opt_out = OptOut.objects.in_force().filter(clinic=clinic, contact_value=contact_value).first()
        if opt_out is not None:
            OptOut.objects.in_force().filter(pk=opt_out.pk).update(lifted_at=at, lifted_words=words.strip()[:300])
            opt_out.refresh_from_db()
            entry.about(opt_out)
    return opt_out is not None and _may_be_written_to(opt_out, at)


def _may_be_written_to(opt_out: OptOut, on: datetime.datetime) -> bool:
    """Whether someone at this number has an active consent, and has not said stop again since."""
    value = opt_out.contact_value
    if OptOut.objects.in_force().filter(clinic=opt_out.clinic_id, contact_value=value).exists():
        return False
    recipient = consents.contact(channels.of(value), value)
    clients = Client.objects.filter(pk__in=crisis.whose(opt_out.clinic, value)).select_related("clinic")
    return any(consents.permits(client, Consent.Type.REMINDER_CONTACT, recipient, on) for client in clients)


def _opt_out(
    *, clinic: Clinic, contact_value: str, words: str, at: datetime.datetime, by: StaffMember | None
) -> OptOut:
    client = _whose(clinic, contact_value)
    with act("reminders.opt_out", by=by, clinic=clinic, client=client) as entry:
        opt_out, created = OptOut.objects.get_or_create(
            clinic=clinic,
            contact_value=contact_value,
            lifted_at=None,
            defaults={"words": words.strip()[:300], "received_at": at, "recorded_by": by},
        )
        entry.about(opt_out, created=created)
    return opt_out


def _of_reminder(clinic: Clinic, reminder_id: int | None) -> Client | None:
    """Who got the message that is answered."""
    if reminder_id is None:
        return None
    rows = Reminder.objects.filter(pk=reminder_id, clinic=clinic, client__merged_into=None)
    reminder = rows.select_related("client__clinic").first()
    return reminder.client if reminder else None


def _whose(clinic: Clinic, contact_value: str) -> Client | None:
    """The one client this value reaches; None if there is none, or several share it."""
    ids = crisis.whose(clinic, contact_value)
    return Client.objects.get(pk=ids.pop()) if len(ids) == 1 else None
