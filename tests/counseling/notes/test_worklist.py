"""The worklist: own drafts, supervisees' drafts, cosignatures, discarded drafts."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from counseling import notes, signing
from counseling.models import SessionNote
from counseling.notes import discarded_drafts
from counseling.views.notes import worklist
from reminders.models import Reminder
from staff.models import AuditEntry
from tests import factories

pytestmark = pytest.mark.django_db
ADDRESS = reverse("counseling:worklist")


@pytest.fixture
def start(client_record, episode, counselor):
    def make(*, by=counselor, ago: int = 2, **fields) -> SessionNote:
        begun = timezone.now() - datetime.timedelta(hours=ago)
        fields.setdefault("sections", {"plan": "Go on."})
        return notes.start(client=client_record, episode=episode, by=by, session_started_at=begun, **fields)

    return make


def supervise(counselor, supervisor):
    counselor.supervisor = supervisor
    counselor.save()


def page(browser, query: str = "") -> str:
    answer = browser.get(ADDRESS + query)
    assert answer.status_code == 200
    return answer.content.decode()


def part(html: str, heading: str) -> str:
    """From one heading to the end of its section."""
    assert f'id="{heading}"' in html
    return html.split(f'id="{heading}"')[1].split("</section>")[0].split("</details>")[0]


def edit(note):
    return reverse("counseling:note_edit", args=[note.client_id, note.pk])


def test_a_supervisor_sees_the_unsigned_notes_of_their_own_people(
    start, counselor, supervisor, make_staff, client_record, signed_in
):
    supervise(counselor, supervisor)
    old, fresh = start(ago=60), start()
    put_away = start()
    notes.discard(note=put_away, by=counselor)
    stranger = make_staff()
    factories.CareTeamMemberFactory(client=client_record, staff_member=stranger)
    theirs = start(by=stranger)
    listed = part(page(signed_in(supervisor)), "unsigned")
    assert listed.index(edit(old)) < listed.index(edit(fresh))
    assert listed.count("Late entry") == 1
    assert edit(theirs) not in listed
    assert edit(put_away) not in listed
    assert str(counselor) in listed
    assert reverse("counseling:note_sign", args=[old.client_id, old.pk]) not in listed  # only its author signs it
    assert 'id="unsigned"' not in page(signed_in(make_staff("supervisor")))


def test_a_counselor_sees_nobody_elses(start, counselor, make_staff, client_record, signed_in):
    """Also where somebody is entered as their supervisee by mistake: a counselor does not cosign."""
    junior = make_staff()
    supervise(junior, counselor)
    factories.CareTeamMemberFactory(client=client_record, staff_member=junior)
    theirs = start(by=junior)
    assert edit(theirs) not in page(signed_in(counselor))


def test_long_lists_page_each_on_its_own(start, counselor, signed_in, monkeypatch):
    monkeypatch.setattr(worklist, "SIZE", 2)
    drafts = [start(ago=20 - number) for number in range(5)]
    for number in range(3):
        notes.discard(note=start(ago=40 - number), by=counselor)
    browser = signed_in(counselor)
    first, last = page(browser), page(browser, "?drafts=3&discarded=2")
    assert "1–2 of 5" in first
    assert edit(drafts[0]) in first
    assert edit(drafts[4]) not in first
    assert "5–5 of 5" in last
    assert edit(drafts[4]) in part(last, "drafts")
    assert "3–3 of 3" in last  # the other list keeps its place
    assert "?drafts=2&amp;discarded=2#drafts" in last
    assert '<details class="ow-fold" id="discarded" open>' in last
    assert page(browser, "?drafts=x&queue=-1&discarded=99")


def test_it_costs_the_same_for_one_and_for_five(start, counselor, supervisor, signed_in):
    supervise(counselor, supervisor)

    def one_of_each():
        start(by=counselor)
        signing.sign(note=start(), by=counselor)
        notes.discard(note=start(), by=counselor)

    one_of_each()
    browsers = [signed_in(counselor), signed_in(supervisor)]
    counts = []
    for _ in range(2):
        for browser in browsers:
            page(browser)
            with CaptureQueriesContext(connection) as asked:
                page(browser)
            counts.append(len(asked))
        for _ in range(4):
            one_of_each()
    assert counts[:2] == counts[2:]


def test_a_draft_put_away_by_mistake_comes_back_with_every_word(start, counselor, signed_in):
    note = start(sections={"plan": "Call on Friday."})
    notes.discard(note=note, by=counselor)
    browser = signed_in(counselor)
    assert edit(note) in part(page(browser), "discarded")
    take_up = reverse("counseling:note_take_up", args=[note.client_id, note.pk])
    assert take_up in browser.get(edit(note)).content.decode()
    assert browser.get(take_up).status_code == 405
    answer = browser.post(take_up, follow=True)
    assert "Call on Friday." in answer.content.decode()
    note.refresh_from_db()
    assert note.is_draft
    assert AuditEntry.objects.filter(act="counseling.take_up_draft", subject_id=note.pk).exists()
    assert edit(note) in part(page(browser), "drafts")
    signing.sign(note=note, by=counselor)


def test_nobody_else_takes_it_up(start, counselor, supervisor, make_staff, client_record, signed_in):
    supervise(counselor, supervisor)
    colleague = make_staff()
    factories.CareTeamMemberFactory(client=client_record, staff_member=colleague)
    note = start()
    notes.discard(note=note, by=counselor)
    take_up = reverse("counseling:note_take_up", args=[note.client_id, note.pk])
    for person in (supervisor, colleague):
        assert signed_in(person).post(take_up).status_code == 404
        with pytest.raises(notes.NotTheAuthor):
            discarded_drafts.take_up(note=note, by=person)
    note.refresh_from_db()
    assert note.discarded_at is not None


def test_what_is_signed_is_not_taken_up_and_a_draft_stays_one(start, counselor):
    note = start()
    assert discarded_drafts.take_up(note=note, by=counselor).is_draft
    signing.sign(note=note, by=counselor)
    with pytest.raises(notes.AlreadySigned):
        discarded_drafts.take_up(note=note, by=counselor)


def reminders_waiting(note):
    return Reminder.objects.filter(dedupe_key__startswith=f"note-unsigned:{note.pk}:").waiting()


@pytest.mark.parametrize("ago", [2, 60])
def test_the_author_is_reminded_again_of_what_they_took_up(start, counselor, ago):
    note = start(ago=ago)
    for _ in range(2):
        notes.discard(note=note, by=counselor)
        assert not reminders_waiting(note).exists()
        note = discarded_drafts.take_up(note=note, by=counselor)
        assert reminders_waiting(note).get().staff_member == counselor
        assert reminders_waiting(note).get().due_at > timezone.now()


def test_a_session_moved_and_moved_back_is_still_reminded_of(start, counselor):
    note = start()
    began = note.session_started_at
    moved = notes.save_draft(note=note, version=1, by=counselor, session_started_at=began - datetime.timedelta(hours=3))
    notes.save_draft(note=moved, version=2, by=counselor, session_started_at=began)
    assert reminders_waiting(note).count() == 1


def test_a_long_list_is_narrowed_to_a_client_or_a_writer(
    start, counselor, supervisor, make_staff, make_client, program, signed_in
):
    trainee = make_staff(given_name="Zoë", family_name="Testerly")
    for person in (counselor, trainee):
        supervise(person, supervisor)
    other = make_client(counselor=trainee, given_name="Marisol", family_name="Sampleton")
    stay = factories.TreatmentEpisodeFactory(client=other, program=program, admitted_by=trainee)
    first = start()
    second = notes.start(client=other, episode=stay, by=trainee, sections={"plan": "Go on."})
    for note in (first, second):
        signing.sign(note=note, by=note.author)
    browser = signed_in(supervisor)
    for words in ("marisol", "Testerly", "zoe sample"):
        found = part(page(browser, f"?q={words}"), "queue")
        assert other.full_name in found, words
        assert first.client.full_name not in found, words
    nothing = page(browser, "?q=nobody")
    assert "No matches" in nothing
    assert 'value="nobody"' in nothing
