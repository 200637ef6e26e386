"""Signed notes and what belongs to them refuse every change: SQL, bulk ORM calls, the admin."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db import DatabaseError, connection, models, transaction
from django.test import RequestFactory
from django.urls import reverse

from cases.models import Trigger
from cases.recovery import learning
from counseling import notes, plans, signing
from counseling.models import Addendum, NoteMention, NoteSignature, PlanSignature, SessionNote
from counseling.notes import mentions
from counseling.plans import plan_signatures
from staff.models import StaffMember
from tests.ownership import as_owner

pytestmark = pytest.mark.django_db
SAID = "On payday I walked past the store and called my sister."


@pytest.fixture
def signed(client_record, episode, counselor, supervisor) -> SessionNote:
    """A note with all that can hang on one: two signatures, an addendum, three sentences, a goal, a signed plan."""
    counselor.supervisor = supervisor
    counselor.save()
    plan = plans.start(episode=episode, by=counselor, needs="Sleep")
    goal = plans.add_goal(episode=episode, wording="Sleep six hours", need="Sleep", by=counselor)
    note = notes.start(
        client=client_record, episode=episode, by=counselor, sections={"subjective": SAID, "plan": "P."}, goals=[goal]
    )
    mentions.link(note=note, kind="trigger", what="Payday", quote=SAID, by=counselor)
    mentions.link(note=note, kind="strategy", what="Calling my sister", quote=SAID, outcome="helped", by=counselor)
    mentions.link(note=note, kind="goal", what=goal, quote=SAID, progress="better", by=counselor)
    signing.sign(note=note, by=counselor)
    signing.cosign(note=note, by=supervisor)
    signing.add_addendum(note=note, text="His cousin.", reason="Misheard", by=counselor)
    plan_signatures.sign(plan=plan, signer="client", typed_name="Test Person", by=counselor)
    plan_signatures.sign(plan=plan, signer="counselor", by=counselor)
    now()
    return note


def now() -> None:
    """What the database checks at commit, checked here."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def run(sql: str, *params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def commit(attack: Callable[[], Any]) -> None:
    """The attack, in a transaction of its own that comes to its end."""
    with transaction.atomic():
        attack()
        now()


def copy_of(row: models.Model, **fields: Any) -> models.Model:
    row.pk = None
    row._state.adding = True
    for name, value in fields.items():
        setattr(row, name, value)
    return row


ROWS: dict[str, tuple[type[models.Model], str]] = {
    "mention": (NoteMention, "quote"),
    "what it did": (NoteMention, "outcome"),
    "how it goes": (NoteMention, "progress"),
    "addendum": (Addendum, "text"),
    "addendum's reason": (Addendum, "reason"),
    "addendum's name": (Addendum, "name"),
    "addendum's hash": (Addendum, "hash"),
    "signature": (NoteSignature, "name"),
    "signature's hash": (NoteSignature, "hash"),
    "signature's rules": (NoteSignature, "text_version"),
    "plan's signature": (PlanSignature, "typed_name"),
    "plan's hash": (PlanSignature, "hash"),
}
OTHER: dict[str, Any] = {"outcome": "did_not", "progress": "worse", "hash": "0" * 64, "text_version": 1}
Rows = models.QuerySet[Any]
WAYS: dict[str, Callable[[Rows, str, Any], Any]] = {
    "sql update": lambda rows, name, value: run(
        f"UPDATE {rows.model._meta.db_table} SET {name} = %s WHERE id = %s", value, rows[0].pk
    ),
    "sql delete": lambda rows, *_: run(f"DELETE FROM {rows.model._meta.db_table} WHERE id = %s", rows[0].pk),
    "sql truncate": lambda rows, *_: run(f"TRUNCATE {rows.model._meta.db_table} CASCADE"),
    "update": lambda rows, name, value: rows.update(**{name: value}),
    "bulk update": lambda rows, name, value: rows.bulk_update(changed(rows, name, value), [name]),
    "save": lambda rows, name, value: [row.save() for row in changed(rows, name, value)],
    "upsert": lambda rows, name, value: rows.model._default_manager.bulk_create(
        changed(rows, name, value), update_conflicts=True, unique_fields=["id"], update_fields=[name]
    ),
    "delete": lambda rows, *_: rows.delete(),
    "raw delete": lambda rows, *_: rows._raw_delete("default"),
}


def changed(rows: Rows, name: str, value: Any) -> list[Any]:
    found = list(rows)
    for row in found:
        setattr(row, name, value)
    return found


def is_refused(attack: Callable[[], Any]) -> bool:
    """By the triggers, and by nothing on the way to them."""
    try:
        with as_owner():
            commit(attack)
    except DatabaseError as refusal:
        return re.search(r"is signed|append-only|truncated", str(refusal)) is not None
    return False


@pytest.mark.parametrize("what", ROWS)
def test_what_hangs_under_a_signature_stands(signed, what):
    model, name = ROWS[what]
    before = list(model._default_manager.order_by("pk").values())
    for way, attack in WAYS.items():
        rows = model._default_manager.exclude(**{name: 0 if name == "text_version" else ""})
        assert rows
        assert is_refused(lambda: attack(rows, name, OTHER.get(name, "Something else"))), way  # noqa: B023 – run here
        assert list(model._default_manager.order_by("pk").values()) == before, way
        assert signing.verify(signed).unchanged, way


def test_no_sentence_comes_to_a_signed_note_or_moves_to_it_from_a_draft(signed, counselor):
    mention = NoteMention.objects.filter(note=signed).first()
    with pytest.raises(DatabaseError, match="is signed"), transaction.atomic():
        copy_of(mention, quote="More").save()
    draft = notes.start(client=signed.client, episode=signed.episode, by=counselor, sections={"subjective": SAID})
    free = mentions.link(note=draft, kind="trigger", what="Payday", quote=SAID, by=counselor)
    for there in (
        {"pk": free.pk, "note": signed},
        {"pk": NoteMention.objects.filter(note=signed)[0].pk, "note": draft},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            NoteMention.objects.filter(pk=there["pk"]).update(note=there["note"])
    assert signing.verify(signed).unchanged


def test_a_sentence_is_about_what_it_was_about_unless_two_wordings_are_joined(signed, counselor):
    rain = learning.add_trigger(client=signed.client, wording="Rain", by=counselor)
    song = learning.add_strategy(client=signed.client, wording="A song", by=counselor)
    for kind, other in (("trigger", rain), ("strategy", song)):
        rows = NoteMention.objects.filter(**{f"{kind}__isnull": False})
        with pytest.raises(DatabaseError, match="moved without a join"):
            commit(lambda rows=rows, moved={kind: other}: rows.update(**moved))
    payday = Trigger.objects.get(wording="Payday")
    learning.merge_wordings(keep=rain, other=payday, by=counselor)
    now()
    assert NoteMention.objects.get(trigger__isnull=False).called == "Payday"  # as it was when it was signed
    assert signing.verify(signed).unchanged


def test_no_addendum_is_slipped_under_it_in_the_past(signed):
    addendum = Addendum.objects.get()
    with pytest.raises(DatabaseError), transaction.atomic():
        copy_of(addendum, text="Earlier.", at=signed.signed_at - datetime.timedelta(days=1)).save()


@pytest.mark.parametrize("model", [SessionNote, NoteSignature, Addendum, NoteMention, PlanSignature])
def test_the_admin_changes_nothing_either(signed, supervisor, administrator, signed_in, model):
    rows = list(model._default_manager.order_by("pk").values())
    pk = rows[0]["id"]
    made = admin.site._registry.get(model)
    if made is None:
        assert model in {NoteMention, NoteSignature}  # no page of theirs to come in by
        return
    name = model._meta.model_name
    for person in (supervisor, administrator):
        person.is_superuser = person.is_staff = True
        person.save()
        browser = signed_in(person)
        browser.post(reverse(f"admin:counseling_{name}_change", args=[pk]), {"text": "x", "typed_name": "x"})
        browser.post(reverse(f"admin:counseling_{name}_delete", args=[pk]), {"post": "yes"})
        several = {"action": "delete_selected", "_selected_action": [pk], "post": "yes"}
        browser.post(reverse(f"admin:counseling_{name}_changelist"), several)
        assert browser.post(reverse(f"admin:counseling_{name}_add"), {}).status_code in {302, 403}
    # … and if a later release gave the permission by mistake, the database would still say no.
    request = RequestFactory().post("/")
    request.user = StaffMember.objects.get(pk=supervisor.pk)
    rows_of = model._default_manager.filter(pk=pk)
    for attempt in (
        lambda: made.delete_model(request, rows_of.get()),
        lambda: made.delete_queryset(request, rows_of),
        lambda: rows_of.get().save(),
    ):
        with pytest.raises((DatabaseError, models.ProtectedError)), transaction.atomic():
            attempt()
    assert list(model._default_manager.order_by("pk").values()) == rows
