"""Feeds, meetings and import reports for the clinic's administrators. Clients' referrals have their own pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from staff.access import Permission
from staff.administration import ClinicAdmin

from . import feed_settings
from .models import GuideWords, ImportRun, Meeting, MeetingFeed


@admin.register(MeetingFeed)
class MeetingFeedAdmin(ClinicAdmin[MeetingFeed]):
    """The clinic's feeds; feeds shared by other clinics are read-only."""

    may_view = Permission.FEED_IMPORT
    may_change = Permission.FEED_IMPORT
    list_display = ("name", "fellowship", "format", "listed", "last_import", "is_shared", "is_active")
    list_filter = ("fellowship", "format", "is_active", "is_shared")
    search_fields = ("name", "url")
    readonly_fields = ("imports",)
    fieldsets = (
        (None, {"fields": ("name", "fellowship", "format", "url")}),
        ("Import settings", {"fields": ("often", "time_zone", "is_active", "is_shared", "imports")}),
    )

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[MeetingFeed]:
        """With the number of meetings and the last import, in the one query of the list."""
        runs = ImportRun.objects.filter(feed=models.OuterRef("pk"))
        return (
            super()
            .get_queryset(request)
            .annotate(
                listed_count=models.Count("meetings", filter=models.Q(meetings__retired_at=None)),
                last_at=models.Subquery(runs.values("at")[:1]),
            )
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only the clinic that keeps a feed changes it; what it keeps by hand has no settings."""
        own = obj is None or (obj.clinic_id == getattr(request.user, "clinic_id", None) and not obj.is_kept_by_hand)
        return own and super().has_change_permission(request, obj)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """No feed is made “kept by this clinic” here: that one makes itself (`own_meetings.feed_of`)."""
        if db_field.name == "format":
            kwargs["choices"] = [each for each in db_field.choices if each[0] != MeetingFeed.Format.OWN]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: MeetingFeed, form: Any, change: bool) -> None:
        """By the acts of the feed's own page."""
        if change:
            feed_settings.change(feed=obj, changed=form.changed_data, by=self._who(request))
        else:
            feed_settings.add(feed=obj, by=self._who(request))

    @admin.display(description="meetings", ordering="listed_count")
    def listed(self, feed: Any) -> int:
        """Meetings listed at present."""
        count: int = feed.listed_count
        return count

    @admin.display(description="last import", ordering="last_at")
    def last_import(self, feed: Any) -> Any:
        """When it was read last."""
        return feed.last_at

    @admin.display(description="imports")
    def imports(self, feed: MeetingFeed) -> str:
        """Where to import and see the reports."""
        if feed.pk is None:
            return "Save the feed first."
        return format_html('<a href="{}">Import and view reports</a>', reverse("referrals:feed", args=[feed.pk]))


@admin.register(Meeting)
class MeetingAdmin(ClinicAdmin[Meeting]):
    """The directory, to look into: only imports write it."""

    may_view = Permission.MEETING_VIEW
    list_display = ("name", "fellowship", "weekday", "start", "attendance", "city", "state", "feed", "retired_at")
    list_filter = (
        "fellowship",
        "weekday",
        "attendance",
        ("feed", admin.RelatedOnlyFieldListFilter),
        ("retired_at", admin.EmptyFieldListFilter),
        "conference_provider_known",
        "approximate",
    )
    list_select_related = ("feed",)
    search_fields = ("name", "venue", "address", "external_id")
    ordering = ("name", "pk")


@admin.register(ImportRun)
class ImportRunAdmin(ClinicAdmin[ImportRun]):
    """Import reports, which no one can change."""

    may_view = Permission.FEED_IMPORT
    list_display = ("at", "feed", "created", "updated", "unchanged", "retired", "rejected", "went_well", "by")
    list_filter = (("feed", admin.RelatedOnlyFieldListFilter), ("error", admin.EmptyFieldListFilter), "at")
    list_select_related = ("feed", "by")
    search_fields = ("feed__name", "source", "error")
    date_hierarchy = "at"
    fields = (
        "feed", "at", "by", "source", "error", "created", "updated", "unchanged", "retired", "rejected", "rows",
        "kept", "renamed", "would_retire",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(boolean=True, description="used")
    def went_well(self, run: ImportRun) -> bool:
        """Whether the source was used."""
        return not run.error

    @admin.display(description="rejected rows")
    def rows(self, run: ImportRun) -> str:
        """Each rejected row with its reason."""
        return format_html_join(
            "", "<p>Row {} {}: {}</p>", ((row["index"] + 1, row["name"], row["sentence"]) for row in run.rejected_rows)
        )


@admin.register(GuideWords)
class GuideWordsAdmin(ClinicAdmin[GuideWords]):
    """What the clinic's referral guide said when, read-only: the guide's own page changes it."""

    may_view = Permission.REFERRAL_GUIDE
    list_display = ("key", "words", "at", "by")
    list_filter = ("key",)
    fields = ("key", "words", "at", "by")
    readonly_fields = fields
