"""A row of the demo clinic for each model of the administration, and what its pages ask of whoever opens them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from cases.models import Client, StateCode
from counseling import golden_thread
from counseling.codes import CareGroup, Instrument, Modality
from counseling.golden_thread import thread_rules
from counseling.measures import measure_schedule
from counseling.measures.measure_schedule import Rule
from privacy.list_log import path_to_client
from privacy.models import AskedAbout, MinorConsentAge
from reminders import opt_outs
from staff.access import ROLES, Permission
from staff.models import ClinicThreshold, Role, StaffMember

SEEING_MOST_FIRST = sorted(Role.values, key=lambda role: (role != Role.SUPERVISOR, -len(ROLES[role])))


def client_behind(row: models.Model) -> int | None:
    """The number of the client that a row is about: its own, or that of the row it belongs to."""
    if isinstance(row, AskedAbout):
        return AskedAbout.objects.with_whom().get(pk=row.pk).is_about
    path = path_to_client(type(row))
    if path is None:
        return getattr(row, "client_id", None)
    number: int | None = type(row)._base_manager.filter(pk=row.pk).values_list(path, flat=True).first()
    return number


def asked_by(model: type[models.Model], page: str) -> set[Permission]:
    """What a page of the administration asks: to see its rows, or to add and delete them, which of most no role may."""
    name = {"add": "may_change", "delete": "may_delete"}.get(page, "may_view")
    permission: Permission | None = getattr(admin.site._registry[model], name, None)
    return {permission} if permission else set()


def a_row_of_each(records: dict[str, Any], by: StaffMember) -> dict[type[models.Model], models.Model]:
    """Of each model one row, about the client of the examples where there is one."""
    client: Client = records["client_id"]
    made = _made(records, client, by)
    found = {}
    for model in admin.site._registry:
        row = made.get(model) or _of(model, client)
        assert row is not None, f"Nobody sees a row of {model.__name__} in the administration: make one in `_made`."
        found[model] = row
    return found


def _of(model: type[models.Model], client: Client) -> models.Model | None:
    registered, path = admin.site._registry[model], path_to_client(model)
    found: models.Model | None = None
    for role in SEEING_MOST_FIRST:
        if not asked_by(model, "change") <= ROLES[role]:
            continue
        for person in StaffMember.objects.filter(clinic=client.clinic_id, role=role).order_by("pk"):
            rows = registered.get_queryset(cast(HttpRequest, SimpleNamespace(user=person, GET={}))).order_by("pk")
            about = rows.filter(**{path: client.pk}).first() if path else None
            found = about or found or rows.first()
            if about is not None or (found is not None and path is None):
                return found
    return found


def _made(records: dict[str, Any], client: Client, by: StaffMember) -> dict[type[models.Model], models.Model]:
    """What the demo clinic has none of."""
    measure_schedule.change(group=CareGroup.OUTPATIENT, rules={Instrument.PHQ9: Rule(within=3)}, by=by)
    thread_rules.set_free_of_objectives(kinds=[*Modality.values], reason="For a look at its pages", by=by)
    opted_out = opt_outs.record(client=client, contact_value=records["contact_id"].normalized, words="STOP", by=by)
    opted_out.client_id = client.pk  # type: ignore[attr-defined]  # whose number it is
    filed = golden_thread.file_note(note=records["signed_note"], objective=records["objective_id"], by=by)
    age = MinorConsentAge.objects.create(clinic=client.clinic, state="NY", age=14, source="Made-up statute")
    code = StateCode.objects.create(clinic=client.clinic, element="SUB", teds_code=7, state_code="0704")
    number = ClinicThreshold.objects.create(
        clinic=client.clinic, key="staff.office_opens", value=7, reason="Early shift"
    )
    return {type(each): each for each in (opted_out, filed, age, code, number)}
