"""Admin: TEDS data sets (read-only) and state codes, which an administrator maintains."""

from __future__ import annotations

from django.contrib import admin

from cases.admin.way_in import LookedAt
from cases.models import DataSetSubstance, EpisodeDataSet, StateCode
from staff.access import Permission
from staff.administration import ClinicAdmin, OwnClinicAdmin


class DataSetSubstanceInline(LookedAt):
    """Substances that led to treatment."""

    model = DataSetSubstance
    fields = ("rank", "substance", "route", "days_used_past_30", "age_at_first_use")


@admin.register(EpisodeDataSet)
class EpisodeDataSetAdmin(ClinicAdmin[EpisodeDataSet]):
    """Data recorded at admission and discharge."""

    may_view = Permission.EPISODE_VIEW
    list_display = ("episode", "point", "employment", "living", "recorded_by", "updated_at")
    list_filter = ("point", "employment", "living", "referral_source")
    list_select_related = ("episode__program", "recorded_by")
    search_fields = ("episode__client__family_name", "episode__client__given_name", "=episode__client__id")
    date_hierarchy = "updated_at"
    inlines = (DataSetSubstanceInline,)


@admin.register(StateCode)
class StateCodeAdmin(OwnClinicAdmin[StateCode]):
    """State codes that replace public-use codes."""

    may_view = Permission.CLINIC_MANAGE
    may_change = Permission.CLINIC_MANAGE
    may_delete = Permission.CLINIC_MANAGE  # which brings the public-use code back
    list_display = ("element", "teds_code", "only_for", "state_code")
    list_filter = ("element",)
    search_fields = ("state_code", "only_for")
