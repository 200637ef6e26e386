from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import Combinable

from referrals.fellowships import Fellowship
from staff.access import Permission, can
from staff.history import tracked, tracked_unless
from staff.models import Clinic
from staff.time_zones import is_time_zone

if TYPE_CHECKING:
    from staff.models import StaffMember

USUAL_PRIORITY = 5


def in_use_at(clinic: int | Combinable, feed: str = "") -> Q:
    """The lists that a clinic has in use: its own, and those that others share. `feed`: the path to them, with `__`.

    One that is shared no longer is not among them: what was offered from it stays readable, as listed no longer.
    """
    return (Q(**{f"{feed}clinic": clinic}) | Q(**{f"{feed}is_shared": True})) & Q(**{f"{feed}is_active": True})


class AddressField(models.URLField):
    """A URL in a form that takes an address without a scheme for https, as Django itself will from version 6."""

    def formfield(self, **kwargs: Any) -> Any:
        """The form's field."""
        return super().formfield(**{"assume_scheme": "https", **kwargs})

    def deconstruct(self) -> Any:
        """In the database it is an ordinary URLField."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.URLField", args, kwargs


class MeetingFeedQuerySet(models.QuerySet["MeetingFeed"]):
    def visible_to(self, staff_member: StaffMember) -> MeetingFeedQuerySet:
        """Feeds of the person's clinic, and those that other clinics of this installation share."""
        if not can(staff_member, Permission.MEETING_VIEW):
            return self.none()
        return self.filter(Q(clinic=staff_member.clinic_id) | Q(is_shared=True))


@tracked
class MeetingFeed(models.Model):
    """A published list of meetings that the clinic imports again and again."""

    class Format(models.TextChoices):
        MEETING_GUIDE = "meeting-guide", "Meeting Guide (JSON, Google Sheet or CSV)"
        BMLT = "bmlt", "BMLT (Narcotics Anonymous)"
        OWN = "own", "Kept by this clinic"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="meeting_feeds")
    name = models.CharField(max_length=120, help_text="The name staff use, e.g. Example County Intergroup.")
    fellowship = models.CharField(max_length=20, choices=Fellowship)
    format = models.CharField(max_length=16, choices=Format, default=Format.MEETING_GUIDE)
    url = AddressField("address", max_length=500, blank=True, help_text="Leave blank if files are uploaded.")
    time_zone = models.CharField(
        max_length=64,
        blank=True,
        validators=[is_time_zone],
        help_text="For meetings with no time zone given. Blank: the clinic’s time zone.",
    )

    class Often(models.IntegerChoices):
        """How often a feed's address is read by itself (`referrals.feed_schedule`)."""

        BY_HAND = 0, "Only when someone asks"
        NIGHTLY = 1, "Every night"
        WEEKLY = 7, "Once a week, at night"

    often = models.PositiveSmallIntegerField("read the address", choices=Often, default=Often.NIGHTLY)
    is_shared = models.BooleanField("shared with every clinic on this system", default=False)
    is_active = models.BooleanField("meetings can be found", default=True)
    priority = models.PositiveSmallIntegerField(
        default=USUAL_PRIORITY,
        validators=[MaxValueValidator(9)],
        help_text="0 to 9. If several lists have the same meeting, the list with the highest number is shown.",
    )
    matched_up_to = models.BigIntegerField(
        default=0,
        editable=False,
        help_text="The last change by hand that was compared with other lists (OwnMeetingChange).",
    )

    objects = MeetingFeedQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=("clinic", "name"), name="feed_name_once_per_clinic"),
            models.UniqueConstraint(fields=("clinic",), condition=Q(format="own"), name="one_own_feed_per_clinic"),
            models.CheckConstraint(
                condition=~Q(format="own") | Q(url="", often=0, is_shared=False, is_active=True),
                name="own_feed_is_not_fetched_or_shared",
            ),
            models.CheckConstraint(condition=Q(priority__lte=9), name="feed_priority_0_to_9"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_kept_by_hand(self) -> bool:
        """The clinic's own meetings: no import touches them."""
        return self.format == self.Format.OWN


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def visible_to(self, staff_member: StaffMember) -> ImportRunQuerySet:
        """Runs of the clinic's own feeds."""
        if not can(staff_member, Permission.FEED_IMPORT):
            return self.none()
        return self.filter(feed__clinic=staff_member.clinic_id)

    def held(self) -> ImportRunQuerySet:
        """Lists that wait for a person: the last of their feed, and nobody has decided yet."""
        later = ImportRun.objects.filter(feed=OuterRef("feed"), pk__gt=OuterRef("pk"))
        return self.filter(~Exists(later), would_retire__gt=0, decision=None)


class ImportRun(models.Model):
    """One import of a feed, with each row's result. Never changed afterward (migration 0002_append_only)."""

    feed = models.ForeignKey(MeetingFeed, on_delete=models.PROTECT, related_name="runs")
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", help_text="Blank: a command."
    )
    source = models.CharField(max_length=500, blank=True, help_text="The file or address that was read.")
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    retired = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(
        default=0, help_text="Already listed and kept unchanged: they may be in a row that could not be read."
    )
    rejected_rows = models.JSONField(default=list, help_text="Row number, name, and reason for each rejected row.")
    unidentified = models.PositiveIntegerField(default=0, help_text="Rejected rows that don’t identify a meeting.")
    remarks = models.JSONField(default=list, help_text="What was corrected or looks wrong in imported rows.")
    error = models.CharField(max_length=500, blank=True, help_text="Why the import failed. Nothing changed.")
    would_retire = models.PositiveIntegerField(
        default=0, help_text="Set if too many meetings would be removed and someone must confirm."
    )
    missing = ArrayField(
        models.BigIntegerField(),
        default=list,
        blank=True,
        help_text="The meetings, in order of their names, that someone must decide about.",
    )
    renamed = models.PositiveIntegerField(
        default=0, help_text="Changed meetings under another id: recognized by name, day, time and place."
    )
    same_as = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="The source is as it was: the report of this earlier import still holds.",
    )
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of what was read, and how.")
    etag = models.CharField(max_length=255, blank=True, help_text="The source’s name for this version of its list.")
    last_modified = models.CharField(max_length=64, blank=True, help_text="When the source says its list changed.")

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        indexes = [models.Index(fields=("feed", "-at"), name="import_run_by_feed")]
        constraints = [
            models.CheckConstraint(
                condition=Q(error="") | Q(created=0, updated=0, retired=0), name="failed_import_changes_nothing"
            )
        ]

    def __str__(self) -> str:
        return f"{self.feed} {self.at:%b %-d, %Y, %-I:%M %p}"

    @property
    def needs_confirmation(self) -> bool:
        """Refused only because too many meetings would be removed: someone can run it again and confirm."""
        return self.would_retire > 0


class ImportDecisionQuerySet(models.QuerySet["ImportDecision"]):
    def visible_to(self, staff_member: StaffMember) -> ImportDecisionQuerySet:
        """Decisions about the clinic's own feeds."""
        if not can(staff_member, Permission.FEED_IMPORT):
            return self.none()
        return self.filter(run__feed__clinic=staff_member.clinic_id)


class ImportDecision(models.Model):
    """What a person decided about a list that had shrunk too much to be used. Never changed afterward."""

    class Verdict(models.TextChoices):
        USE = "use", "Use the shorter list"
        KEEP = "keep", "Keep the meetings"

    run = models.OneToOneField(ImportRun, on_delete=models.PROTECT, related_name="decision")
    verdict = models.CharField(max_length=4, choices=Verdict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = ImportDecisionQuerySet.as_manager()

    def __str__(self) -> str:
        return self.get_verdict_display()


class ImportOrderQuerySet(models.QuerySet["ImportOrder"]):
    def visible_to(self, staff_member: StaffMember) -> ImportOrderQuerySet:
        """Orders for the clinic's own feeds."""
        if not can(staff_member, Permission.FEED_IMPORT):
            return self.none()
        return self.filter(feed__clinic=staff_member.clinic_id)

    def waiting(self) -> ImportOrderQuerySet:
        """Those not carried out yet."""
        return self.filter(done_at=None)


@tracked_unless("OLD.rows_read IS DISTINCT FROM NEW.rows_read")  # how far it is, every few seconds, is no fact
class ImportOrder(models.Model):
    """A list to be imported by a worker (`referrals.orders`): a feed's address, or a file that someone uploaded."""

    feed = models.ForeignKey(MeetingFeed, on_delete=models.PROTECT, related_name="orders")
    ordered_at = models.DateTimeField()
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="Blank: the schedule.",
    )
    file_name = models.CharField(max_length=255, blank=True, help_text="Of an uploaded file. Blank: the address.")
    confirm_drop = models.BooleanField(default=False)
    rows_read = models.PositiveIntegerField(default=0, help_text="So far, while a worker reads it.")
    claimed_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    run = models.OneToOneField(ImportRun, on_delete=models.PROTECT, null=True, blank=True, related_name="order")

    objects = ImportOrderQuerySet.as_manager()

    class Meta:
        ordering = ("-ordered_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=("feed",), condition=Q(done_at=None), name="one_waiting_import_per_feed"),
            models.CheckConstraint(
                condition=Q(done_at=None, run=None) | Q(done_at__isnull=False, run__isnull=False),
                name="import_that_is_done_has_its_run",
            ),
        ]

    def __str__(self) -> str:
        return f"Import order {self.pk}"


class UploadedPartQuerySet(models.QuerySet["UploadedPart"]):
    def visible_to(self, staff_member: StaffMember) -> UploadedPartQuerySet:
        """Parts of files for the clinic's own feeds."""
        if not can(staff_member, Permission.FEED_IMPORT):
            return self.none()
        return self.filter(order__feed__clinic=staff_member.clinic_id)


class UploadedPart(models.Model):
    """A piece of an uploaded list, compressed, until it is imported (`referrals.uploads`)."""

    order = models.ForeignKey(ImportOrder, on_delete=models.PROTECT, related_name="parts")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    objects = UploadedPartQuerySet.as_manager()

    class Meta:
        ordering = ("number",)
        constraints = [models.UniqueConstraint(fields=("order", "number"), name="uploaded_part_once")]

    def __str__(self) -> str:
        return f"Part {self.number} of {self.order_id}"
