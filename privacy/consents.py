"""Consents: drafted, activated once complete, revoked immediately; and what they allow (42 CFR 2.31)."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Sequence
from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from cases.models import Client
from cases.possible_days import check_possible, latest_today
from privacy import minors, tpo
from privacy.models import Channel, Consent, ConsentStatus, Stands
from privacy.models.consent import ConsentQuerySet
from privacy.named import named_on
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.prepared import IsOneOf
from staff.refusals import Refusal
from staff.saying import says_something
from staff.typed_days import LONG_TERM, StillAhead, check_days

Status = ConsentStatus.Status


class ConsentIncomplete(Refusal):
    """The form lacks elements required by law; `missing` lists them in words."""

    def __init__(self, missing: list[str]) -> None:
        self.missing = missing
        super().__init__(f"This consent isn’t complete. Missing: {'; '.join(missing)} (42 CFR 2.31).")


class ConsentAlreadyActive(Refusal):
    """An active consent is sealed."""

    sentence = "This consent is already active. To change it, revoke it and record a new one."


class ConsentRevoked(Refusal):
    """A revoked consent stays revoked."""

    sentence = "This consent was revoked. Record a new one if the client signs again."


class NotSignedThen(Refusal):
    """The signature day is impossible; `field` is the form's field that is wrong."""

    def __init__(self, sentence: str, field: str = "signed_on") -> None:
        self.field = field
        super().__init__(sentence)


class ConsentElements(TypedDict, total=False):
    """A form's elements (42 CFR 2.31), as `draft`, `amend` and `record` take them."""

    discloser: str
    recipients: str
    description: str
    purpose: str
    contact_channel: str
    contact_value: str
    right_to_revoke_stated: bool
    expires_on: datetime.date | None
    expiry_event: str
    expiry_event_on: datetime.date | None
    never_expires: bool
    redisclosure_stated: bool
    refusal_stated: bool
    signed_on: datetime.date | None
    signed_by_name: str
    signed_as: str


def signing_day(client: Client) -> datetime.date:
    """The latest day a form can have been signed: today at the clinic or where the client lives."""
    return latest_today(client)


def check_signature_days(client: Client, *, signed_on: datetime.date | None, expires_on: datetime.date | None) -> None:
    """Refuse a signature before 1900 or the client's birth, after today, or after the consent's own end.

    Today is `signing_day`. Raises NotSignedThen.
    """
    try:
        check_possible(client, signed_on)
        check_days(signed_on, ahead=0, today=signing_day(client))
    except StillAhead as refusal:
        raise NotSignedThen(f"{refusal.sentence} Record the consent when it is signed.") from refusal
    except Refusal as refusal:
        raise NotSignedThen(refusal.sentence) from refusal
    try:
        check_possible(client, expires_on, ahead=LONG_TERM)
    except Refusal as refusal:
        raise NotSignedThen(refusal.sentence, "expires_on") from refusal
    if signed_on is not None and expires_on is not None and expires_on < signed_on:
        raise NotSignedThen("This date is before the signature. Check both dates.", "expires_on")


def contact(channel: str, value: str) -> str:
    """The recipient of a reminder as `permits` takes it: channel and normalized value, e.g. `sms:+15550100123`."""
    return f"{channel}:{value}"


def missing_elements(consent: Consent) -> list[str]:
    """What a form still lacks before it can become active (42 CFR 2.31(a)(1) to (9)), in words.

    An element that says nothing, such as a dot, is lacking (`staff.saying`).
    """
    contact_only = consent.type == Consent.Type.REMINDER_CONTACT
    tpo = consent.type == Consent.Type.TPO
    sud_notes = consent.type == Consent.Type.SUD_NOTES
    checks = [
        (says_something(consent.discloser), "who may disclose"),
        (says_something(consent.description), "a specific description of what may be disclosed"),
        (
            (consent.recipient_list and all(says_something(each) for each in consent.recipient_list)) or contact_only,
            "to whom",
        ),
        (consent.contact_value or not contact_only, "the number or address that reminders may go to"),
        (says_something(consent.purpose), "the purpose"),
        (consent.right_to_revoke_stated, "the statement of the right to revoke"),
        (
            consent.expires_on or says_something(consent.expiry_event) or (tpo and consent.never_expires),
            "the expiry date or event" if not tpo else "the expiry date, event or “none”",
        ),
        (says_something(consent.signed_by_name), "the signature"),
        (consent.signed_on, "the date of the signature"),
        (consent.redisclosure_stated or not tpo, "the statement on redisclosure"),
        (consent.refusal_stated or not tpo, "the statement on what happens if the client doesn’t sign"),
        # Nobody's care may hang on this signature (42 CFR 2.31(b)).
        (consent.refusal_stated or not sud_notes, "the statement that care doesn’t depend on signing"),
    ]
    return [words for there, words in checks if not there]


def draft(*, client: Client, type: str, by: StaffMember, **elements: Unpack[ConsentElements]) -> Consent:
    """Put a form on file that may still be incomplete. It permits nothing until `activate`."""
    demand(by, Permission.CONSENT_MANAGE, client)
    check_signature_days(client, signed_on=elements.get("signed_on"), expires_on=elements.get("expires_on"))
    with act("privacy.draft_consent", by=by, client=client) as entry:
        consent = Consent.objects.create(client=client, type=type, recorded_by=by, **elements)
        ConsentStatus.objects.create(consent=consent, status=Status.DRAFTED, at=timezone.now(), by=by)
        entry.about(consent, type=type)
    return consent


def activate(*, consent: Consent, by: StaffMember) -> Consent:
    """Activate a complete, signed form.

    Raises ConsentIncomplete with everything that is missing, ConsentAlreadyActive, ConsentRevoked, SignedByAnother, and
    NotWithinTpo if a form for treatment, payment and operations names someone who does none of these.
    """
    demand(by, Permission.CONSENT_MANAGE, consent.client)
    with act("privacy.activate_consent", by=by, client=consent.client) as entry:
        consent = Consent.objects.select_for_update(no_key=True).get(pk=consent.pk)
        _refuse_unless_drafted(consent)
        if missing := missing_elements(consent):
            raise ConsentIncomplete(missing)
        check_signature_days(consent.client, signed_on=consent.signed_on, expires_on=consent.expires_on)
        if consent.signed_on is not None:
            minors.check_signature(consent, consent.signed_on)
        if consent.type == Consent.Type.TPO:
            tpo.check_named(consent.client, consent.recipient_list)
        ConsentStatus.objects.create(consent=consent, status=Status.ACTIVE, at=timezone.now(), by=by)
        entry.about(consent, type=consent.type)
    return consent


def amend(
    *, consent: Consent, by: StaffMember, activate_it: bool = False, **elements: Unpack[ConsentElements]
) -> Consent:
    """Fill in more of a draft and, if asked, activate it in the same act; if refused, nothing is saved.

    Raises what `activate` raises.
    """
    demand(by, Permission.CONSENT_MANAGE, consent.client)
    with act("privacy.amend_consent", by=by, client=consent.client) as entry:
        consent = Consent.objects.select_for_update(no_key=True).get(pk=consent.pk)
        _refuse_unless_drafted(consent)
        for name, value in elements.items():
            setattr(consent, name, value)
        check_signature_days(consent.client, signed_on=consent.signed_on, expires_on=consent.expires_on)
        consent.save(update_fields=list(elements))
        entry.about(consent)
        return activate(consent=consent, by=by) if activate_it else consent


def record(*, client: Client, type: str, by: StaffMember, **elements: Unpack[ConsentElements]) -> Consent:
    """Draft and activate at once, as with a signed form in hand. If it is refused, nothing is saved."""
    with transaction.atomic():
        return activate(consent=draft(client=client, type=type, by=by, **elements), by=by)


def allow_reminders(
    *,
    client: Client,
    channel: str,
    value: str,
    by: StaffMember,
    signed_on: datetime.date | None = None,
    expires_on: datetime.date | None = None,
) -> Consent:
    """Record the client's signed consent to neutral reminders at one number or address.

    `value` is normalized (E.164, or an email address in lowercase). Ends after a year by default.
    """
    signed_on = signed_on or timezone.localdate(timezone=client.clinic.zone)
    return record(
        client=client,
        type=Consent.Type.REMINDER_CONTACT,
        by=by,
        discloser=client.clinic.name,
        description="That there is an appointment, its date and time, and a number to call. Nothing about care.",
        purpose="Reminders",
        contact_channel=Channel(channel),
        contact_value=value,
        right_to_revoke_stated=True,
        expires_on=expires_on or signed_on + datetime.timedelta(days=365),
        signed_on=signed_on,
        signed_by_name=client.full_name,
    )


def revoke(*, consent: Consent, by: StaffMember, reason: str = "", keep: Iterable[int] = ()) -> Consent:
    """End a consent now (42 CFR 2.31(a)(6)), and every other one that would still allow the same.

    Saying stop covers the purpose and the number, address or recipient, not one sheet of paper (47 CFR 64.1200(a)(10)
    for messages). `keep` are the ids of consents the person wants to keep. Earlier disclosures stay on record; queued
    messages are checked when they are due.
    """
    demand(by, Permission.CONSENT_MANAGE, consent.client)
    stay = set(keep)
    with act("privacy.revoke_consent", by=by, client=consent.client) as entry:
        # All of the client's, in one order: simultaneous revocations take turns.
        locked = {
            each.pk: each
            for each in Consent.objects.filter(client=consent.client_id).order_by("pk").select_for_update(no_key=True)
        }
        consent = locked[consent.pk]
        if consent.statuses.filter(status=Status.REVOKED).exists():
            raise ConsentRevoked
        others = [each for each in for_the_same(consent) if each.pk not in stay]
        now = timezone.now()
        for each in (consent, *others):
            ConsentStatus.objects.create(consent=each, status=Status.REVOKED, at=now, by=by, note=reason)
        entry.about(consent, type=consent.type, with_it=[each.pk for each in others])
    return consent


def for_the_same(consent: Consent) -> list[Consent]:
    """The client's other consents that would still allow what this one allows, active now or later.

    For messages, those for the same number or address, on any channel; for treatment, payment and operations, all of
    that kind; otherwise, those of the same kind and purpose that name one of its recipients. A draft allows nothing,
    and revoking one affects nothing else.
    """
    today = timezone.localdate(timezone=consent.client.clinic.zone)
    if not consent.statuses.filter(status=Status.ACTIVE).exists():
        return []
    rows = (
        Consent.objects.filter(client=consent.client_id, type=consent.type)
        .exclude(pk=consent.pk)
        .that_stand(today, Stands.IN_FORCE, Stands.NOT_YET)
    )
    return [each for each in rows.order_by("pk") if _permits_the_same(each, consent)]


def _permits_the_same(one: Consent, other: Consent) -> bool:
    if other.type == Consent.Type.REMINDER_CONTACT:
        return one.contact_value.casefold() == other.contact_value.casefold()
    if other.type == Consent.Type.TPO:
        return True
    if other.type == Consent.Type.DISCLOSURE and one.purpose.strip().casefold() != other.purpose.strip().casefold():
        return False
    return any(covers(one, recipient) for recipient in other.recipient_list)


def permits(client: Client, purpose: str, recipient: str, on: datetime.date) -> bool:
    """Whether an active consent allows disclosure to `recipient`, for `purpose`, on that day.

    `purpose` is a Consent.Type, a purpose within treatment, payment and operations, or the form's wording. `recipient`
    is a name on the form; for reminders `contact(channel, value)`; for treatment, payment or operations the person or
    organization that treats, pays or operates (`tpo.check`). A moment means its day in the clinic's zone. Anything
    unclear is a no.
    """
    return not why_not(client, purpose, recipient, on)


def forms_for(client: Client, purpose: str, on: datetime.date) -> list[Consent]:
    """The client's forms that may be about a purpose, as they stand on a day (a moment: its day in the clinic's zone).

    For `why_not`, where a page asks about several recipients.
    """
    return forms_of_all([client], purpose, on)[client.pk]


def forms_of_all(clients: Iterable[Client], purpose: str, on: datetime.date) -> dict[int, list[Consent]]:
    """The same for many clients, by client id: one query for each day that it is now in their clinics' zones.

    Besides, the age of consent of all of them is read at once, which `why_not` asks of a minor.
    """
    found: dict[int, list[Consent]] = {}
    by_day: dict[datetime.date, list[int]] = {}
    everyone = list(clients)
    for client in everyone:
        found[client.pk] = []
        by_day.setdefault(_local_day(client, on), []).append(client.pk)
    for day, ids in by_day.items():
        for form in _for_purpose(purpose).filter(IsOneOf("client", ids)).standing(day).order_by("pk"):
            found[form.client_id].append(form)
    if len(everyone) > 1:
        minors.know_ages(everyone)
    return found


def _local_day(client: Client, on: datetime.date) -> datetime.date:
    return timezone.localtime(on, client.clinic.zone).date() if isinstance(on, datetime.datetime) else on


def why_not(
    client: Client, purpose: str, recipient: str, on: datetime.date, *, forms: Sequence[Consent] | None = None
) -> str:
    """Empty if `permits`, otherwise the reason in words: revoked, expired, not signed yet, or none on record.

    A parent's signature allows nothing if only the person's own signature counts (`minors.rightly_signed`). `forms` are
    those of `forms_for` the same client, purpose and day, if the page has read them.
    """
    rows = forms_for(client, purpose, on) if forms is None else forms
    on = _local_day(client, on)
    told_as = tpo.PURPOSES.get(purpose.strip().casefold(), "")
    known = tpo.known_as_somebody_else(client) if any(each.type == Consent.Type.TPO for each in rows) else ()
    candidates = [each for each in rows if covers(each, recipient, told_as, known)]
    in_force = [each for each in candidates if _stands(each) == Stands.IN_FORCE]
    if minors.rightly_signed(client, in_force, on):
        return ""
    # A revoked draft was never in force and says nothing.
    activated = [each for each in candidates if each.was_active]  # type: ignore[attr-defined]  # of _for_purpose
    if not activated:
        return "no consent on file"
    # The newest form speaks: an old expired one does not hide that the client has said stop.
    return _WHY_NOT[_stands(max(activated, key=lambda each: each.pk))]


_WHY_NOT = {
    Stands.IN_FORCE: "someone else signed, and only the client can (42 CFR 2.14)",
    Stands.REVOKED: "consent revoked",
    Stands.EXPIRED: "consent expired",
    Stands.NOT_YET: "consent not signed yet",
}


def _stands(consent: Consent) -> Stands:
    return Stands(consent.stands)  # type: ignore[attr-defined]  # of ConsentQuerySet.standing, the one rule


def covers(consent: Consent, recipient: str, recipient_as: str = "", known: Collection[str] | None = None) -> bool:
    """Whether the form names this recipient, or covers what they are (`tpo.check`, Disclosure.RecipientAs).

    To check many forms, read `known` once: `tpo.known_as_somebody_else`.
    """
    if consent.type == Consent.Type.REMINDER_CONTACT:
        if ":" not in recipient and "@" in recipient:
            recipient = contact(Channel.EMAIL, recipient)
        return recipient.casefold() == contact(consent.contact_channel, consent.contact_value).casefold()
    if consent.type == Consent.Type.TPO:
        return tpo.covers(consent, recipient, recipient_as, known)
    return named_on(consent, recipient)


def _for_purpose(purpose: str) -> ConsentQuerySet:
    asked = purpose.strip().casefold()
    activated = ConsentStatus.objects.filter(consent=OuterRef("pk"), status=Status.ACTIVE)
    consents = Consent.objects.annotate(was_active=Exists(activated))
    if asked in tpo.PURPOSES:
        return consents.filter(type=Consent.Type.TPO)
    if asked in Consent.Type.values:
        return consents.filter(type=asked)
    return consents.filter(type=Consent.Type.DISCLOSURE, purpose__iexact=asked)


def _refuse_unless_drafted(consent: Consent) -> None:
    statuses = set(consent.statuses.values_list("status", flat=True))
    if Status.REVOKED in statuses:
        raise ConsentRevoked
    if Status.ACTIVE in statuses:
        raise ConsentAlreadyActive
