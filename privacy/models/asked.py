from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models.visibility import not_kept_from
from staff.access import Permission, can
from staff.history import tracked
from staff.models import Clinic, StaffMember


@tracked
class MinorConsentAge(models.Model):
    """From which age a person may consent to treatment for substance use alone, in one state, as the clinic's counsel
    reads that state's law. Without a row the clinic's own `minor_consent_age` holds.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="minor_consent_ages")
    state = models.CharField(max_length=2, help_text="Two-letter state code, e.g. NY.")
    age = models.PositiveSmallIntegerField(help_text="In years. Enter 0 if the law sets no age.")
    source = models.CharField("statute", max_length=200, help_text="The statute, and who checked it and when.")

    class Meta:
        ordering = ("state",)
        constraints = [
            models.UniqueConstraint(fields=("clinic", "state"), name="minor_consent_age_once_per_state"),
            models.CheckConstraint(
                condition=Q(state__regex=r"^[A-Z]{2}$"),
                name="minor_consent_state_is_two_capitals",
                violation_error_message="Enter the two-letter state code, e.g. NY.",
            ),
            models.CheckConstraint(
                condition=Q(age__lte=21),
                name="minor_consent_age_to_21",
                violation_error_message="Enter an age of 21 or less.",
            ),
            models.CheckConstraint(
                condition=~Q(source=""),
                name="minor_consent_age_has_source",
                violation_error_message="Enter the statute and who checked it.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state}: {self.age}"


MAY_TELL = "What may be shared"  # begins the answer where a consent lets them learn something


class AskedAboutQuerySet(models.QuerySet["AskedAbout"]):
    def visible_to(self, staff_member: StaffMember) -> AskedAboutQuerySet:
        """The whole clinic's requests for those who oversee privacy; their own for everyone else."""
        own_clinic = self.filter(not_kept_from(staff_member, "client_id"), clinic=staff_member.clinic_id)
        if can(staff_member, Permission.ACCESS_LOG_VIEW):
            return own_clinic
        return own_clinic.filter(by=staff_member)


class AskedAbout(models.Model):
    """A question about whether a person is here, or about their care (42 CFR 2.13(c), 2.14), and the answer given.

    The answer is nothing or, on that person's chart, what a consent they signed allows. Append-only. `client_id` is a
    plain number, set only if the request was recorded from that chart: the page that anyone may use looks no one up, so
    neither the answer nor this row reveals who is a client.
    """

    class Relation(models.TextChoices):
        PARENT = "parent", "Parent or guardian"
        PARTNER = "partner", "Spouse or partner"
        FAMILY = "family", "Other family"
        FRIEND = "friend", "Friend"
        EMPLOYER = "employer", "Employer or school"
        POLICE = "police", "Police, court or lawyer"
        OTHER = "other", "Someone else, or did not say"

    class Way(models.TextChoices):
        PHONE = "phone", "By phone"
        IN_PERSON = "in_person", "In person"
        LETTER = "letter", "By letter, fax or email"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    about = models.CharField("about whom", max_length=120, help_text="The name they gave.")
    client_id = models.BigIntegerField("client", null=True, blank=True)
    asked_by = models.CharField("who asked", max_length=120, blank=True)
    relation = models.CharField(max_length=10, choices=Relation)
    way = models.CharField("how", max_length=10, choices=Way)
    address = models.TextField("address to answer to", max_length=300, blank=True)
    answer = models.TextField(help_text="The words they were given.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = AskedAboutQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at", "-pk")
        verbose_name_plural = "asked about"
        constraints = [models.CheckConstraint(condition=~Q(answer=""), name="asked_about_was_answered")]
        indexes = [
            models.Index(fields=("clinic", "-asked_at"), name="asked_by_clinic"),
            models.Index(fields=("client_id",), name="asked_by_client", condition=Q(client_id__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"Asked {self.pk}"

    @property
    def may_tell(self) -> bool:
        """Whether a consent let them learn something."""
        return self.answer.startswith(MAY_TELL)
