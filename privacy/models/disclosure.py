from __future__ import annotations

import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timesince import timesince

from cases.models import Client
from cases.models.visibility import ClientRecordQuerySet
from staff.access import Permission
from staff.day_rules import moments_since_1900
from staff.models import Clinic

from .agreement import ServiceAgreement
from .consent import Consent

NAMED_AND_DATED = r"[[:alpha:]]{3}.*(19|20)[0-9]{2}"  # what `lawful_bases` asks more of
AT_ONCE = datetime.timedelta(hours=1)  # after which a record of an emergency is called late


class DisclosureQuerySet(ClientRecordQuerySet["Disclosure"]):
    view_permission = Permission.DISCLOSURE_VIEW

    def unreviewed(self) -> DisclosureQuerySet:
        """Those in a medical emergency that the privacy officer still has to review."""
        return self.filter(basis=Disclosure.Basis.EMERGENCY, review=None)


class Disclosure(models.Model):
    """Something about a client disclosed to an outsider: who, what, why, when (42 CFR 2.25, 45 CFR 164.528).

    Append-only: the database refuses every change except of the client's id, which a merge of duplicate records moves.
    """

    class Basis(models.TextChoices):
        CONSENT = "consent", "Written consent"
        EMERGENCY = "emergency", "Medical emergency"
        COURT_ORDER = "court_order", "Court order"
        AUDIT = "audit", "Audit or evaluation"
        QSO = "qso", "Qualified service organization"

    class RecipientAs(models.TextChoices):
        """Whom a consent for treatment, payment and operations covers (42 CFR 2.31(a)(4)); kept in the scope."""

        TREATING = "treating", "Treating provider"
        PAYER = "payer", "Payer"
        OPERATIONS = "operations", "Health care operations"

    class NoConsent(models.TextChoices):
        """Why a medical emergency did not wait for a written consent (42 CFR 2.51(a))."""

        UNABLE = "unable", "The client couldn’t consent (unconscious, confused, or in crisis)"
        NO_TIME = "no_time", "There was no time to get a signature"
        CLOSED = "closed", "The program was closed in a declared state of emergency (42 CFR 2.51(a)(2))"

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="disclosures")
    basis = models.CharField(max_length=12, choices=Basis)
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, null=True, blank=True, related_name="disclosures")
    agreement = models.ForeignKey(
        ServiceAgreement, on_delete=models.PROTECT, null=True, blank=True, related_name="disclosures"
    )
    recipient = models.CharField("recipient", max_length=200)
    affiliation = models.CharField(max_length=200, blank=True, help_text="Recipient’s hospital or service.")
    address = models.CharField(max_length=300, blank=True)
    what = models.TextField("what was disclosed", max_length=1000)
    why = models.CharField("purpose", max_length=300)
    no_consent = models.CharField("why no written consent", max_length=8, choices=NoConsent, blank=True)
    authority = models.CharField("court order", max_length=200, blank=True, help_text="Court, docket number, and date.")
    disclosed_at = models.DateTimeField()
    disclosed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="If someone else recorded it than made it.",
    )
    notice = models.TextField(help_text="The notice that went with it (42 CFR 2.32).")
    consent_scope = models.TextField(blank=True, help_text="The scope of the consent, as it went with the disclosure.")

    objects = DisclosureQuerySet.as_manager()

    class Meta:
        ordering = ("-disclosed_at", "-pk")
        constraints = [
            *moments_since_1900("disclosed_at", prefix="disclosure"),
            models.CheckConstraint(
                condition=~Q(basis="consent") | Q(consent__isnull=False),
                name="disclosure_by_consent_names_it",
                violation_error_message="Choose the consent that allows this.",
            ),
            models.CheckConstraint(
                condition=~Q(basis="emergency") | ~Q(affiliation=""),
                name="emergency_disclosure_names_affiliation",
                violation_error_message=(
                    "Enter the hospital or service of the medical personnel you told (42 CFR 2.51)."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(basis="emergency") | ~Q(no_consent=""),
                name="emergency_disclosure_says_why_no_consent",
                violation_error_message="Choose why there was no written consent (42 CFR 2.51(a)).",
            ),
            models.CheckConstraint(
                condition=~Q(basis="qso") | Q(agreement__isnull=False),
                name="disclosure_to_a_service_organization_names_the_agreement",
                violation_error_message="Choose the agreement with this organization (42 CFR 2.11).",
            ),
            models.CheckConstraint(
                condition=~Q(basis="court_order") | Q(authority__regex=NAMED_AND_DATED),
                name="court_ordered_disclosure_names_the_order",
                violation_error_message="Enter the court order. A subpoena alone isn’t enough (42 CFR 2.61).",
            ),
            models.CheckConstraint(
                condition=~Q(basis="audit") | (Q(authority__regex=NAMED_AND_DATED) & ~Q(affiliation="")),
                name="audit_names_who_audits_and_the_agreement",
                violation_error_message="Enter who audits, and their written agreement with its date (42 CFR 2.53).",
            ),
        ]
        indexes = [models.Index(fields=("client", "-disclosed_at"), name="disclosure_by_client")]

    def __str__(self) -> str:
        return f"Disclosure {self.pk}"

    @property
    def recorded_late(self) -> str:
        """“3 hours”: how long after the disclosure it was written down; blank if at once (42 CFR 2.51(c))."""
        if self.recorded_at - self.disclosed_at <= AT_ONCE:
            return ""
        return timesince(self.disclosed_at, self.recorded_at, depth=1).replace("\N{NO-BREAK SPACE}", " ")


class DisclosureReviewQuerySet(ClientRecordQuerySet["DisclosureReview"]):
    view_permission = Permission.EMERGENCY_REVIEW
    client_path = "disclosure__client"


class DisclosureReview(models.Model):
    """What the privacy officer found about a disclosure in a medical emergency (42 CFR 2.51). Append-only.

    Nobody reviews what they disclosed or recorded themselves: a trigger holds it.
    """

    class Finding(models.TextChoices):
        JUSTIFIED = "justified", "Justified"
        NOT_JUSTIFIED = "not_justified", "Not justified"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    disclosure = models.OneToOneField(Disclosure, on_delete=models.PROTECT, related_name="review")
    finding = models.CharField(max_length=14, choices=Finding)
    note = models.CharField(max_length=500, blank=True)
    reviewed_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = DisclosureReviewQuerySet.as_manager()

    class Meta:
        ordering = ("-reviewed_at", "-pk")

    def __str__(self) -> str:
        return f"Review of disclosure {self.disclosure_id}"
