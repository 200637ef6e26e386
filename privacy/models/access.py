from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from cases.models import CareTeamMember, Client, ClientRestriction
from cases.models.visibility import ClientRecordQuerySet, not_kept_from
from privacy import log_words
from staff import seals
from staff.access import Permission, can
from staff.history import tracked
from staff.models import Clinic, StaffMember


def numbers_of(client_id: int) -> list[int]:
    """A client's number, and those of the records merged into it."""
    found = {client_id}
    added = {client_id}
    while added:
        added = set(Client.objects.filter(merged_into__in=added).values_list("pk", flat=True)) - found
        found |= added
    return sorted(found)


class ChartAccessQuerySet(models.QuerySet["ChartAccess"]):
    def about(self, client: Client, *, by: StaffMember, numbers: list[int] | None = None) -> ChartAccessQuerySet:
        """Who opened one chart: for those who may ask that, of a client whom they may see.

        Entries keep the number that a record had: those of records merged into this one belong here, too.
        `numbers` are these, where they are known.
        """
        if not can(by, Permission.CHART_OPENINGS_VIEW, client):
            return self.none()
        return self.filter(clinic=client.clinic_id, client_id__in=numbers or numbers_of(client.pk))

    def visible_to(self, staff_member: StaffMember) -> ChartAccessQuerySet:
        """The clinic's log, for those who oversee it, without charts that are kept from them."""
        if not can(staff_member, Permission.ACCESS_LOG_VIEW):
            return self.none()
        return self.filter(not_kept_from(staff_member, "client_id"), clinic=staff_member.clinic_id)


class ChartAccess(models.Model):
    """A view of a page about a client, an inquiry or a group (45 CFR 164.312(b)). Written by the middleware.

    Append-only, and chained by hash per clinic like the audit log (migration 0002_sealed_records). The ids are plain
    numbers: they stay as they were in the URL when records are merged, and an attempt to open a record that does not
    exist is logged too. An answer of 409 is a redirect that brought a refusal (privacy.middleware).
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    position = models.BigIntegerField(editable=False, default=0)
    at = models.DateTimeField()
    staff_member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    client_id = models.BigIntegerField("client", null=True, blank=True)
    inquiry_id = models.BigIntegerField("inquiry", null=True, blank=True)
    group_id = models.BigIntegerField("group", null=True, blank=True)
    view_name = models.CharField("page", max_length=120)
    method = models.CharField(max_length=8)
    status = models.PositiveSmallIntegerField("answer")
    emergency = models.BooleanField("under emergency access", default=False)
    previous_hash = models.CharField(max_length=64, editable=False, default="")
    hash = models.CharField(max_length=64, editable=False, default="")
    seal = models.CharField(max_length=320, editable=False, default=seals.new)

    objects = ChartAccessQuerySet.as_manager()

    class Meta:
        ordering = ("clinic", "-position")
        verbose_name_plural = "chart accesses"
        constraints = [models.UniqueConstraint(fields=("clinic", "position"), name="access_position_once_per_clinic")]
        indexes = [
            models.Index(fields=("clinic", "-at", "-id"), name="access_by_time"),
            models.Index(fields=("clinic", "-at", "-id"), condition=Q(emergency=True), name="access_in_emergency"),
            models.Index(fields=("clinic", "client_id", "-at", "-id"), name="access_by_client_and_time"),
            models.Index(fields=("clinic", "staff_member", "-at", "-id"), name="access_by_staff_and_time"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.view_name}"

    @property
    def words(self) -> str:
        """What was done, or tried: “signed a note”."""
        return log_words.said(self.view_name, self.method, self.status)


class EmergencyAccessQuerySet(ClientRecordQuerySet["EmergencyAccess"]):
    view_permission = Permission.EMERGENCY_REVIEW

    def unreviewed(self) -> EmergencyAccessQuerySet:
        """Emergency accesses the privacy officer still has to review."""
        return self.filter(reviewed_at=None)

    def with_restricted(self) -> EmergencyAccessQuerySet:
        """Each with `is_restricted`: the client had asked that this person not see the record.

        A medical emergency goes before that (45 CFR 164.522(a)(1)(iii), 42 CFR 2.26(a)(3)); the review has to know.
        """
        stood = ClientRestriction.objects.filter(
            Q(lifted_at=None) | Q(lifted_at__gt=OuterRef("opened_at")),
            client=OuterRef("client"),
            staff_member=OuterRef("staff_member"),
            starts_at__lte=OuterRef("opened_at"),
        )
        return self.annotate(is_restricted=Exists(stood))


@tracked
class EmergencyAccess(models.Model):
    """Why someone opened a chart without being on the care team, for a medical emergency (42 CFR 2.51).

    The access itself is the care-team row, which ends by itself; this row is the reason and its review.
    """

    class Finding(models.TextChoices):
        JUSTIFIED = "justified", "Justified"
        NOT_JUSTIFIED = "not_justified", "Not justified"

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="emergency_accesses")
    staff_member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    care_team_member = models.OneToOneField(CareTeamMember, on_delete=models.PROTECT, related_name="emergency_access")
    reason = models.CharField(max_length=500)
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    finding = models.CharField(max_length=14, choices=Finding, blank=True)
    review_note = models.CharField(max_length=500, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = EmergencyAccessQuerySet.as_manager()

    class Meta:
        ordering = ("-opened_at",)
        verbose_name_plural = "emergency accesses"
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("opened_at")), name="emergency_access_ends_after_start"),
            models.CheckConstraint(
                condition=Q(reviewed_at=None, reviewed_by=None, finding="")
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False) & ~Q(finding=""),
                name="emergency_review_has_time_author_finding",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("staff_member")),
                name="nobody_reviews_their_own_emergency",
            ),
        ]

    def __str__(self) -> str:
        return f"Emergency access {self.pk}"
