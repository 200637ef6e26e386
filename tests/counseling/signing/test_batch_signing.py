"""Batch signing: each note is shown in full, selected by hand, and has its own result."""

from __future__ import annotations

import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Client
from counseling import notes, signing
from counseling.models import SessionNote
from counseling.signing import batch_signing
from privacy.models import ChartAccess
from staff.models import AuditEntry
from tests import factories
from tests.counseling.tampering import behind_the_triggers

pytestmark = pytest.mark.django_db
PASSWORD = "sample-password-1"
WORDS = {"subjective": "S.", "objective": "O.", "assessment": "A."}


@pytest.fixture
def finished(client_record, episode, counselor):
    """Finished drafts, each with words of its own, the oldest session first."""

    def make(count: int, *, by=counselor, ago: int = 2) -> list[SessionNote]:
        begun = timezone.now() - datetime.timedelta(hours=ago)
        return [
            notes.start(
                client=client_record,
                episode=episode,
                by=by,
                session_started_at=begun + datetime.timedelta(minutes=number),
                session_ended_at=begun + datetime.timedelta(minutes=number + 45),
                sections={**WORDS, "plan": f"Plan number {number}."},
            )
            for number in range(count)
        ]

    return make


def tick(*drafts: SessionNote) -> list[str]:
    return [f"{draft.pk}:{draft.version}" for draft in drafts]


def sign(browser, *drafts: SessionNote, password: str = PASSWORD):
    said = {"note": tick(*drafts), "password": password}
    return browser.post(reverse("counseling:sign_together"), said, follow=True)


def test_every_finished_draft_is_there_in_full_and_none_is_ticked(finished, draft, signed_in, counselor):
    late = finished(1, ago=40)[0]
    finished(2)
    page = signed_in(counselor).get(reverse("counseling:sign_together")).content.decode()
    assert page.count('name="note"') == 3
    assert not re.search(r'name="note"[^>]*checked', page)
    for words in ("Plan number 0.", "Plan number 1.", "Late entry"):
        assert words in page
    assert page.index(f"note-{late.pk}") < page.index("Plan number 1.")
    assert "Missing: Objective, Assessment" in page  # the unfinished one says why it is not there
    assert f'value="{draft.pk}:' not in page


def test_what_is_ticked_is_signed_and_the_rest_stays(finished, signed_in, counselor):
    first, second, third = finished(3)
    answer = sign(signed_in(counselor), first, third)
    for note, stands in ((first, True), (second, False), (third, True)):
        note.refresh_from_db()
        assert (note.signed_at is not None) is stands
    assert signing.verify(first).unchanged
    assert signing.verify(third).unchanged
    page = answer.content.decode()
    assert page.count("sign-outcome") == 2
    assert page.count('name="note"') == 1
    assert AuditEntry.objects.filter(act="counseling.sign_note").count() == 2


def test_a_note_changed_since_it_was_shown_is_not_signed_and_holds_up_no_other(finished, signed_in, counselor):
    first, second = finished(2)
    browser = signed_in(counselor)
    browser.get(reverse("counseling:sign_together"))
    notes.save_draft(note=second, version=second.version, by=counselor, plan="Something else.")
    page = sign(browser, first, second).content.decode()
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.signed_at is not None
    assert second.is_draft
    assert "Changed, not signed" in page
    assert "Something else." in page


def test_a_note_that_is_refused_says_why(finished, signed_in, counselor):
    first, second = finished(2)
    notes.discard(note=second, by=counselor)
    page = sign(signed_in(counselor), first, second).content.decode()
    assert notes.AlreadyDiscarded.sentence in page
    first.refresh_from_db()
    assert first.signed_at is not None


def test_without_the_password_or_a_tick_nothing_is_signed_and_the_ticks_stay(finished, signed_in, counselor):
    first, second = finished(2)
    browser = signed_in(counselor)
    answer = sign(browser, first, password="guessed")
    assert answer.status_code == 422
    assert re.findall(r'value="(\d+):1"[^>]*checked', answer.content.decode()) == [str(first.pk)]
    notes.save_draft(note=first, version=1, by=counselor, plan="Something else.")
    assert not re.search(r'name="note"[^>]*checked', sign(browser, first, password="guessed").content.decode())
    assert sign(browser).status_code == 422
    assert not SessionNote.objects.signed().exists()
    assert second.is_draft


def test_nobody_signs_a_colleagues_draft(finished, signed_in, make_staff, client_record, counselor):
    theirs = finished(1)[0]
    colleague = make_staff()
    factories.CareTeamMemberFactory(client=client_record, staff_member=colleague)
    sign(signed_in(colleague), theirs)
    boss = make_staff("supervisor")
    counselor.supervisor = boss
    counselor.save()
    page = sign(signed_in(boss), theirs).content.decode()  # a supervisor reads the draft, and still does not sign it
    assert "Plan number 0." not in page
    theirs.refresh_from_db()
    assert theirs.is_draft


def test_at_most_twenty_stand_on_a_page_and_are_signed_at_once(finished, signed_in, counselor):
    many = finished(21)
    browser = signed_in(counselor)
    address = reverse("counseling:sign_together")
    assert browser.get(address).content.decode().count('name="note"') == 20
    assert browser.get(f"{address}?page=2").content.decode().count('name="note"') == 1
    answer = sign(browser, *many)
    assert batch_signing.TooMany.sentence in answer.content.decode()
    assert not SessionNote.objects.signed().exists()


def test_a_supervisor_cosigns_the_queue_of_their_own_people(finished, signed_in, make_staff, counselor, supervisor):
    counselor.supervisor = supervisor
    counselor.save()
    first, second = finished(2)
    for note in (first, second):
        signing.sign(note=note, by=counselor)
    address = reverse("counseling:cosign_together")
    assert signed_in(make_staff("supervisor")).get(address).content.decode().count('name="note"') == 0
    browser = signed_in(supervisor)
    page = browser.get(address).content.decode()
    assert page.count('name="note"') == 2
    assert not re.search(r'name="note"[^>]*checked', page)
    answer = browser.post(address, {"note": tick(second), "password": PASSWORD}, follow=True)
    assert "Cosigned" in answer.content.decode()
    assert [each.kind for each in second.signatures.all()] == ["sign", "cosign"]
    assert list(SessionNote.objects.waiting_for_cosignature()) == [first]


def test_each_chart_whose_note_was_shown_is_in_the_access_log(finished, signed_in, counselor, client_record: Client):
    finished(1)
    signed_in(counselor).get(reverse("counseling:sign_together"))
    access = ChartAccess.objects.get(view_name="counseling:sign_together")
    assert (access.client_id, access.staff_member) == (client_record.pk, counselor)


def test_the_page_asks_the_same_questions_for_one_note_and_for_ten(finished, signed_in, counselor):
    finished(1)
    browser = signed_in(counselor)
    browser.get(reverse("counseling:sign_together"))
    with CaptureQueriesContext(connection) as few:
        browser.get(reverse("counseling:sign_together"))
    finished(9)
    with CaptureQueriesContext(connection) as many:
        browser.get(reverse("counseling:sign_together"))
    assert len(few) == len(many)


def test_a_finished_draft_that_says_nothing_of_risk_says_so_where_it_is_ticked(finished, draft, signed_in, counselor):
    silent, asked = finished(2)
    notes.save_draft(note=asked, version=1, by=counselor, risk_screen="no_concern")
    page = signed_in(counselor).get(reverse("counseling:sign_together")).content.decode()
    remark = "Left blank: risk screen."
    cards = {each: page.split(f'id="note-{each}"')[1].split('ow-card sign-note"')[0] for each in (silent.pk, asked.pk)}
    assert remark in cards[silent.pk]
    assert f'value="{silent.pk}:' in cards[silent.pk]
    assert remark not in cards[asked.pk]
    assert "Missing: Objective, Assessment, risk screen" in page


def test_a_note_that_is_not_what_was_signed_has_no_tick_among_those_to_cosign(
    finished, signed_in, counselor, supervisor
):
    counselor.supervisor = supervisor
    counselor.save()
    whole, tampered, *_ = drafts = finished(3)
    for note in drafts:
        signing.sign(note=note, by=counselor)
    behind_the_triggers(
        "counseling_sessionnote",
        """UPDATE counseling_sessionnote SET sections = sections || '{"plan": "Other."}' WHERE id = %s""",
        tampered.pk,
    )
    browser, address = signed_in(supervisor), reverse("counseling:cosign_together")
    page = browser.get(address).content.decode()
    card = page.split(f'id="note-{tampered.pk}"')[1].split('ow-card sign-note"')[0]
    assert "This note changed after signing" in card
    assert 'name="note"' not in card
    assert page.count("This note changed after signing") == 1
    assert f'value="{whole.pk}:' in page
    alone = browser.get(reverse("counseling:note_cosign", args=[tampered.client_id, tampered.pk])).content.decode()
    assert "This note changed after signing" in alone
    assert 'name="password"' not in alone
    right = browser.get(reverse("counseling:note_cosign", args=[whole.client_id, whole.pk])).content.decode()
    assert 'name="password"' in right
    assert "changed after signing" not in right


def test_the_page_to_cosign_asks_the_same_questions_for_one_note_and_for_ten(
    finished, signed_in, counselor, supervisor
):
    counselor.supervisor = supervisor
    counselor.save()
    browser, address = signed_in(supervisor), reverse("counseling:cosign_together")
    asked = []
    for count in (1, 9):
        for note in finished(count):
            signing.sign(note=note, by=counselor)
        browser.get(address)
        with CaptureQueriesContext(connection) as queries:
            browser.get(address)
        asked.append(len(queries))
    assert asked[0] == asked[1]
