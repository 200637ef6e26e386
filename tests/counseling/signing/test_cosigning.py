"""Cosigning: whose queue a note is in, what the cosigner sees, and what can't be cosigned."""

from __future__ import annotations

import datetime

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from counseling import notes, signing
from counseling.models import SessionNote
from counseling.panels import today
from tests.counseling.tampering import behind_the_triggers
from tests.plans import leave_only, only

pytestmark = pytest.mark.django_db
PASSWORD = "sample-password-1"


@pytest.fixture
def supervised(client_record, episode, counselor, supervisor):
    """A note signed while its author was under supervision."""
    counselor.supervisor = supervisor
    counselor.save()
    note = notes.start(client=client_record, episode=episode, by=counselor, sections={"plan": "Go on."})
    signing.sign(note=note, by=counselor)
    return note


def cosign(note):
    return reverse("counseling:note_cosign", args=[note.client_id, note.pk])


@pytest.mark.parametrize("why", ["nobody any more", "somebody who left"])
def test_a_note_whose_supervisor_is_gone_waits_in_every_supervisors_queue(
    why, supervised, counselor, supervisor, make_staff, signed_in
):
    if why == "nobody any more":
        counselor.supervisor = None
        counselor.save()
    else:
        supervisor.is_active = False
        supervisor.save()
    other = make_staff("supervisor")
    browser = signed_in(other)
    assert cosign(supervised) in browser.get(reverse("counseling:worklist")).content.decode()
    assert f"{supervised.pk}:" in browser.get(reverse("counseling:cosign_together")).content.decode()
    assert "Cosign a note" in {need.title for need in today.needs(staff_member=other, now=timezone.now())}
    browser.post(cosign(supervised), {"password": PASSWORD})
    assert not SessionNote.objects.waiting_for_cosignature().exists()


def test_while_there_is_a_supervisor_it_waits_for_nobody_else(supervised, make_staff, signed_in):
    other = make_staff("supervisor")
    browser = signed_in(other)
    for name in ("worklist", "cosign_together"):
        assert f"/notes/{supervised.pk}/" not in browser.get(reverse(f"counseling:{name}")).content.decode()
    assert "Cosign a note" not in {need.title for need in today.needs(staff_member=other, now=timezone.now())}


def test_what_is_not_what_was_signed_is_not_cosigned(supervised, supervisor, signed_in):
    behind_the_triggers(
        "counseling_sessionnote", """UPDATE counseling_sessionnote SET sections = '{"plan": "Other."}'"""
    )
    with pytest.raises(signing.NotWhatWasSigned):
        signing.cosign(note=supervised, by=supervisor)
    page = signed_in(supervisor).get(reverse("counseling:note_edit", args=[supervised.client_id, supervised.pk]))
    assert cosign(supervised) not in page.content.decode()


def test_the_cosigner_reads_the_addenda_and_when_it_was_signed(supervised, counselor, supervisor, signed_in):
    signing.add_addendum(note=supervised, text="The call is on Monday.", reason="wrong day", by=counselor)
    page = signed_in(supervisor).get(cosign(supervised)).content.decode()
    assert "The call is on Monday." in page
    assert f"signed by {counselor.signature_name}" in page


@pytest.mark.parametrize("what", ["draft", "cosigned"])
def test_the_page_opens_only_for_a_note_that_waits(what, supervised, counselor, supervisor, signed_in, episode):
    if what == "draft":
        now = timezone.now() - datetime.timedelta(hours=1)
        note = notes.start(client=supervised.client, episode=episode, by=counselor, session_started_at=now)
    else:
        note = supervised
        signing.cosign(note=note, by=supervisor)
    answer = signed_in(supervisor).get(cosign(note))
    assert (answer.status_code, answer["Location"]) == (
        302,
        reverse("counseling:note_edit", args=[note.client_id, note.pk]),
    )


def test_the_moment_of_cosigning_stands_beside_the_note_and_nobody_can_write_it(supervised, supervisor):
    rows = SessionNote.objects.filter(pk=supervised.pk)
    for moment in (timezone.now(), supervised.signed_at):
        with pytest.raises(DatabaseError, match="is signed"), transaction.atomic():
            rows.update(cosigned_at=moment)
    assert list(SessionNote.objects.waiting_for_cosignature()) == [supervised]
    signature = signing.cosign(note=supervised, by=supervisor)
    assert rows.get().cosigned_at == signature.at
    assert not SessionNote.objects.waiting_for_cosignature().exists()
    for moment in (timezone.now(), None):
        with pytest.raises(DatabaseError, match="is signed"), transaction.atomic():
            rows.update(cosigned_at=moment)
    assert signing.verify(rows.get()).unchanged


def test_a_draft_was_never_cosigned(client_record, episode, counselor):
    note = notes.start(client=client_record, episode=episode, by=counselor)
    with pytest.raises(IntegrityError, match="cosigned_note_is_signed"), transaction.atomic():
        SessionNote.objects.filter(pk=note.pk).update(cosigned_at=timezone.now())


def plan_of(rows):
    """How the database would look them up if reading the whole table were never cheaper."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    return rows.explain()


def test_what_waits_and_who_wrote_are_read_from_indexes_of_their_own(supervised, supervisor, counselor):
    waits = SessionNote.objects.visible_to(supervisor).to_cosign_by(supervisor)
    own = SessionNote.objects.filter(author=counselor).waiting_for_cosignature()
    with only("note_waits_for_cosignature", SessionNote):
        assert "note_waits_for_cosignature" in plan_of(waits)
        assert "note_waits_for_cosignature" in plan_of(own)
    discarded = SessionNote.objects.visible_to(counselor).filter(author=counselor, discarded_at__isnull=False)
    with only("note_discarded_by_author", SessionNote):
        assert "note_discarded_by_author" in plan_of(discarded)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    wrote = SessionNote.objects.filter(client=supervised.client_id).order_by()
    leave_only("note_authors_of_client", SessionNote)
    assert "Index Scan using note_authors_of_client" in plan_of(wrote.values("author"))
