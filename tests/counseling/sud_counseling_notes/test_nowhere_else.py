"""SUD counseling notes appear nowhere else: on no page, in no other table, through no relation."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

import pytest
import time_machine
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from cases.models import Client, TreatmentEpisode
from counseling import carry_over, notes, sud_counseling_notes
from counseling.models import SeparateNote
from counseling.panels import chart
from demo.addresses import OURS
from staff.models import Role, StaffMember

from .separately import ASKED_FOR, SECRET, TEXT, at, body

pytestmark = pytest.mark.django_db


def parts(route: str) -> Iterator[tuple[str, str]]:
    for piece in route.split("<")[1:]:
        kind, _, name = piece.split(">")[0].rpartition(":")
        yield kind or "str", name


def all_pages(rows: dict[str, object]) -> Iterator[str]:
    """Every address of the product, with the rows at hand; where none fits, with one that does not exist."""
    for route, name, _ in OURS:
        if name.startswith("counseling:separate"):
            continue
        kwargs = {part: rows.get(part, 999_999 if kind == "int" else "x") for kind, part in parts(route)}
        try:
            yield reverse(name, kwargs=kwargs)
        except NoReverseMatch:
            continue
    for model in admin.site._registry:
        yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.fixture
def whole_chart(returning, counselor) -> dict[str, object]:
    """A person who came back, with a session note, and two separate notes of the counselor, one in each episode."""
    client = returning.client_record
    for day, text in ((datetime.date(2026, 2, 3), TEXT), (datetime.date(2026, 4, 22), TEXT)):
        with time_machine.travel(datetime.datetime(2026, 5, 1, 12, tzinfo=datetime.UTC)):
            note = sud_counseling_notes.start(client=client, session_on=day, text=text, by=counselor)
            sud_counseling_notes.sign(note=note, version=1, by=counselor)
    sud_counseling_notes.start(client=client, session_on=datetime.date(2026, 4, 23), text=TEXT, by=counselor)
    assert set(SeparateNote.objects.values_list("episode", flat=True)) == {returning.first.pk, returning.second.pk}
    written = notes.start(client=client, episode=returning.second, by=counselor, sections={"plan": "Call on Friday."})
    return {
        "client_id": client.pk,
        "episode_id": returning.second.pk,
        "note_id": written.pk,
        "relapse_id": returning.relapse.pk,
        "instrument": "phq-9",
        "point": "admission",
        "kind": "trigger",
        "item_id": returning.payday.pk,
    }


@pytest.mark.parametrize("role", Role.values)
def test_its_words_are_on_no_other_page(role, whole_chart, counselor, make_staff, signed_in):
    person = counselor if role == Role.COUNSELOR else make_staff(role, is_staff=True)
    counselor.is_staff = True
    counselor.save()
    browser = signed_in(person)
    opened, leaks = 0, []
    for page in all_pages(whole_chart):
        answers = {page: browser.get(page)}
        if answers[page].status_code == 200:  # else it is refused whatever it is asked
            asked = f"{page}?q={ASKED_FOR}&search={ASKED_FOR}"
            answers[asked] = browser.get(asked)
        opened += answers[page].status_code == 200
        leaks += [url for url, answer in answers.items() if SECRET in body(answer)]
    assert leaks == []
    assert opened > (25 if role not in {Role.ADMINISTRATOR, Role.PRIVACY_OFFICER} else 12), opened


def test_the_walk_would_see_a_leak(whole_chart, counselor, signed_in):
    """The same words in a session note are found, on its page and by the search for them."""
    notes.start(
        client=Client.objects.get(pk=whole_chart["client_id"]),
        episode=TreatmentEpisode.objects.get(pk=whole_chart["episode_id"]),
        by=counselor,
        sections={"plan": TEXT},
    )
    browser = signed_in(counselor)
    found = [page for page in all_pages(whole_chart) if SECRET in body(browser.get(f"{page}?q={ASKED_FOR}"))]
    assert at("notes", whole_chart["client_id"]) in found


def test_no_row_of_any_table_holds_its_words(whole_chart, counselor):
    """Not the history, not the audit log, not the carry-over, and its own table only as ciphertext."""
    carry_over.gather(episode=TreatmentEpisode.objects.get(pk=whole_chart["episode_id"]), by=counselor)
    note = SeparateNote.objects.filter(signed_at=None).get()
    sud_counseling_notes.save_draft(note=note, version=note.version, by=counselor, text=f"{TEXT} More of it.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        tables = [name for (name,) in cursor.fetchall()]
        holding = set()
        for table in tables:
            cursor.execute(f'SELECT 1 FROM "{table}" AS t WHERE to_jsonb(t)::text ILIKE %s LIMIT 1', [f"%{SECRET}%"])
            if cursor.fetchone():
                holding.add(table)
    assert holding == set()
    note.refresh_from_db()
    assert note.text == f"{TEXT} More of it."
    events = apps.get_model("counseling", "SeparateNoteEvent")
    assert "text" not in {field.name for field in events._meta.get_fields()}
    assert events._default_manager.filter(pgh_obj=note).count() == 1  # begun; saving the words leaves no row


def test_the_administration_does_not_know_them(signed_note):
    own = [model for model in apps.get_app_config("counseling").get_models() if "Separate" in model.__name__]
    assert len(own) == 5
    assert not set(own) & set(admin.site._registry)


def test_no_relation_leads_to_them_from_a_chart():
    for model in (Client, TreatmentEpisode, StaffMember):
        assert not [name for name in dir(model) if "separate" in name.lower()]


def test_the_overview_tells_the_author_how_many_and_nobody_else_that_there_are_any(
    whole_chart, counselor, supervisor, signed_in
):
    client = Client.objects.get(pk=whole_chart["client_id"])
    page = reverse("desk:chart", args=[client.pk])
    assert "You have 3 SUD counseling notes" in body(signed_in(counselor).get(page))
    assert not re.search(r"SUD\s+counseling\s+note", body(signed_in(supervisor).get(page)))
    mine = chart.panel(client=client, staff_member=counselor, now=timezone.now())
    theirs = chart.panel(client=client, staff_member=supervisor, now=timezone.now())
    assert mine is not None
    assert theirs is not None
    assert (mine.context["separate"], theirs.context["separate"]) == (3, 0)
