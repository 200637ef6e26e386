"""Disclosures: what was shared about a client, recorded with the required notice (42 CFR 2.32)."""

from __future__ import annotations

import datetime

from django.utils import timezone

from cases.models import Client
from cases.possible_days import check_possible
from privacy import consents, fitting, minors, recipients, service_agreements, tpo
from privacy.lawful_bases import BasisNeedsMore, ForThePrivacyOfficer, check_audit, check_court_order
from privacy.models import Consent, Disclosure, ServiceAgreement
from privacy.named import named_on
from staff.access import Permission, can, demand
from staff.acts import act
from staff.days import day_in_words
from staff.models import StaffMember
from staff.refusals import NotPermitted, Refusal
from staff.saying import says_something
from staff.typed_days import check_past

NOTICE = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."  # 42 CFR 2.32(a)(2)

Basis = Disclosure.Basis
NOT_LISTED = (
    "This recipient isn’t on the clinic’s list in this role, and the consent doesn’t name them. Ask the privacy "
    "officer to add them, or the client for a consent that names them (42 CFR 2.31)."
)


class NotConsented(Refusal):
    """No live consent of the client covers this recipient."""

    sentence = "No active consent covers this recipient. Ask the client to sign one first."


def record(
    *,
    client: Client,
    recipient: str,
    what: str,
    why: str,
    by: StaffMember,
    basis: str = Basis.CONSENT,
    consent: Consent | None = None,
    agreement: ServiceAgreement | None = None,
    recipient_as: str = "",
    address: str = "",
    affiliation: str = "",
    authority: str = "",
    no_consent: str = "",
    disclosed_by: StaffMember | None = None,
    disclosed_at: datetime.datetime | None = None,
) -> Disclosure:
    """Record a disclosure with the notice and the consent's scope that went with it.

    `recipient_as` (Disclosure.RecipientAs) says what the recipient is, if the consent is one for treatment, payment and
    operations, which designates recipients in general. `disclosed_by` is the colleague who made it, if someone else
    records it; more roles may record one made in a medical emergency, since whoever made it records it at once.

    Raises, by consent, NotWithinTpo if it does not cover them (`tpo.check`); SignedByAnother and BothMustSign for a
    minor (`minors`); NotConsented unless `consent` is the client's, active on the day, and names the recipient, or has
    a recipient of the clinic's list in general (`recipients`); fitting.NotItsPurpose and MoreThanAgreed for a purpose
    or an amount that it does not cover. To a qualified service organization (42 CFR 2.12(c)(4)), NoCurrentAgreement,
    AnotherOrganization (`service_agreements`) and fitting.NotItsService. For all of them fitting.SaysNothing for words
    that say none, and BasisNeedsMore for a medical emergency without the medical personnel's name and affiliation (42
    CFR 2.51(c)) and why there was no consent (2.51(a)); for a court order or an audit, ForThePrivacyOfficer for anyone
    else, and BasisNeedsMore unless it is named (`lawful_bases`: a subpoena alone is not enough, 42 CFR 2.61).
    """
    in_emergency = basis == Basis.EMERGENCY
    demand(by, Permission.EMERGENCY_DISCLOSE if in_emergency else Permission.DISCLOSURE_RECORD, client)
    if disclosed_by is not None and disclosed_by.clinic_id != client.clinic_id:
        raise NotPermitted
    disclosed_at = disclosed_at or timezone.now()
    check_past(disclosed_at, now=timezone.now())
    check_possible(client, timezone.localdate(disclosed_at, client.clinic.zone))
    scope = ""
    fitting.check_account(what=what, why=why)
    if basis == Basis.CONSENT:
        scope = _scope(client, consent, recipient, recipient_as, disclosed_at)
        if consent is not None:
            fitting.check(consent, what=what, why=why, recipient_as=recipient_as)
    elif basis == Basis.QSO:
        scope = _services(client, agreement, recipient, why, disclosed_at)
    elif in_emergency:
        _check_emergency(recipient, affiliation, no_consent)
    elif not can(by, Permission.REQUESTS_WORK):
        raise ForThePrivacyOfficer
    elif basis == Basis.COURT_ORDER:
        check_court_order(authority)
    else:
        check_audit(affiliation, authority)
    with act("privacy.record_disclosure", by=by, client=client) as entry:
        disclosure = Disclosure.objects.create(
            client=client,
            basis=basis,
            consent=consent if basis == Basis.CONSENT else None,
            agreement=agreement if basis == Basis.QSO else None,
            recipient=recipient.strip(),
            affiliation=affiliation.strip(),
            address=address.strip(),
            authority=authority.strip(),
            what=what.strip(),
            why=why.strip(),
            disclosed_at=disclosed_at,
            no_consent=no_consent if in_emergency else "",
            disclosed_by=disclosed_by or by,
            recorded_by=None if disclosed_by in (None, by) else by,
            notice=NOTICE,
            consent_scope=scope,
        )
        entry.about(disclosure, basis=basis, recipient_as=recipient_as)
    return disclosure


def _check_emergency(recipient: str, affiliation: str, no_consent: str) -> None:
    if not says_something(affiliation):
        raise BasisNeedsMore("Enter the hospital or service of the medical personnel you told (42 CFR 2.51).")
    if not says_something(recipient):
        raise BasisNeedsMore("Enter the name of the medical personnel you told (42 CFR 2.51(c)).")
    if no_consent not in Disclosure.NoConsent.values:
        raise BasisNeedsMore("Choose why there was no written consent (42 CFR 2.51(a)).")


def _services(
    client: Client, agreement: ServiceAgreement | None, recipient: str, why: str, at: datetime.datetime
) -> str:
    day = timezone.localtime(at, client.clinic.zone).date()
    covers = service_agreements.check(agreement, clinic=client.clinic, recipient=recipient, day=day)
    fitting.check_services(covers, why=why)
    return f"Agreement of {day_in_words(covers.agreed_on)} with {covers.name}: {covers.services}."


def _scope(client: Client, consent: Consent | None, recipient: str, recipient_as: str, at: datetime.datetime) -> str:
    day = timezone.localtime(at, client.clinic.zone).date()
    if (
        consent is None
        or consent.client_id != client.pk
        or not Consent.objects.filter(pk=consent.pk).in_force(day).exists()
    ):
        raise NotConsented
    if consent.type == Consent.Type.TPO:
        tpo.check(consent, recipient, recipient_as)  # says more than that it does not cover them
    elif not consents.covers(consent, recipient):
        raise NotConsented
    minors.check_signature(consent, day)
    minors.check_both_signed(consent, recipient, day, recipient_as)
    if not named_on(consent, recipient) and not recipients.is_listed(client.clinic, recipient, recipient_as):
        raise tpo.NotWithinTpo(NOT_LISTED, "recipient")
    told_as = f" Recipient type: {tpo.As(recipient_as).label}." if recipient_as in tpo.As.values else ""
    signed_on = day_in_words(consent.signed_on) if consent.signed_on else ""
    what = consent.description.strip().removesuffix(".")
    return (
        f"{consent.get_type_display()}. What: {what}. Purpose: {consent.purpose}. "
        f"Expires: {consent.expiry_words}. Signed {signed_on}.{told_as}"
    )
