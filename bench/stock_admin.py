"""Django's own admin over the same models, as it comes: lists, search, inlines; numbers instead of endless selects."""

from __future__ import annotations

from django.contrib import admin
from django.db import models

from cases.models import CareTeamMember, Client, ContactPoint, Inquiry, Relapse, TreatmentEpisode
from counseling.models import CarryOverItem, Goal, Measure, NoteSignature, Objective, SessionNote, TreatmentPlan
from groups.models import Group, GroupSession, Membership

site = admin.AdminSite(name="stock")


def _keys(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(
        each.name
        for each in model._meta.get_fields()
        if each.many_to_one or (each.many_to_many and not each.auto_created)
    )


def _inline(of: type[models.Model], *, key: str = "") -> type[admin.TabularInline]:
    chosen = {"model": of, "extra": 0, "raw_id_fields": _keys(of)} | ({"fk_name": key} if key else {})
    return type(f"{of.__name__}Inline", (admin.TabularInline,), chosen)


def _register(
    of: type[models.Model], shown: tuple[str, ...], *inlines: type[admin.TabularInline], **more: object
) -> None:
    joined = {"list_select_related": True, "raw_id_fields": _keys(of)}
    site.register(
        of,
        type(f"{of.__name__}Admin", (admin.ModelAdmin,), {"list_display": shown, "inlines": inlines, **joined, **more}),
    )


_register(
    Client,
    ("given_name", "family_name", "birth_date"),
    *(_inline(each, key="client") for each in (ContactPoint, CareTeamMember, TreatmentEpisode, Relapse, Goal, Measure)),
    search_fields=("given_name", "family_name"),
    ordering=("family_name", "given_name"),
)
_register(TreatmentEpisode, ("client", "program", "admitted_on"), _inline(CarryOverItem, key="episode"))
_register(Relapse, ("client", "started_on", "ended_on", "kind"), ordering=("-started_on",))
_register(
    SessionNote, ("client", "author", "session_started_at"), _inline(NoteSignature), ordering=("-session_started_at",)
)
_register(Measure, ("client", "instrument", "total", "taken_at"), ordering=("-taken_at",))
_register(TreatmentPlan, ("client", "episode"), _inline(Goal, key="plan"))
_register(Objective, ("goal", "wording"))
_register(Group, ("name", "weekday", "starts_at"), _inline(Membership), _inline(GroupSession))
_register(Inquiry, ("given_name", "family_name", "stage", "taken_at"), list_filter=("stage",))
