"""Six pages sign something. On each, a failed confirmation says why, signs nothing and keeps what was typed."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

import pytest
from django.urls import reverse
from django.utils import timezone

from counseling import notes, plans, signing, sud_counseling_notes
from counseling.models import Addendum, NoteSignature, PlanSignature, SeparateNote
from staff.confirming import WRONG_PASSKEY, WRONG_PASSWORD
from staff.models import StaffMember
from tests.reading import as_read

pytestmark = pytest.mark.django_db

PASSWORD = "sample-password-1"
NO_PASSWORD = "Nothing was signed. Enter your password or use a passkey."
WORDS = "It was his cousin, not his brother."


@dataclass
class Way:
    """One page that signs: who is on it, what it sends, and what must still be on it after a failure."""

    url: str
    who: StaffMember
    said: dict[str, object] = field(default_factory=dict)
    kept: tuple[str, ...] = ()


def _sign(start, counselor, supervisor) -> Way:
    note = start()
    return Way(
        reverse("counseling:note_sign", args=[note.client_id, note.pk]), counselor, {"version": 1}, ('value="1"',)
    )


def _together(start, counselor, supervisor) -> Way:
    note = start()
    return Way(
        reverse("counseling:sign_together"), counselor, {"note": [f"{note.pk}:1"]}, (f'id="tick-{note.pk}" checked',)
    )


def _signed(start, counselor):
    note = start()
    signing.sign(note=note, by=counselor)
    return note


def _cosign(start, counselor, supervisor) -> Way:
    note = _signed(start, counselor)
    return Way(reverse("counseling:note_cosign", args=[note.client_id, note.pk]), supervisor)


def _cosign_together(start, counselor, supervisor) -> Way:
    note = _signed(start, counselor)
    tick = [f"{note.pk}:{note.version}"]
    return Way(reverse("counseling:cosign_together"), supervisor, {"note": tick}, (f'id="tick-{note.pk}" checked',))


def _addendum(start, counselor, supervisor) -> Way:
    note = _signed(start, counselor)
    said = {"text": WORDS, "reason": "Misheard him"}
    url = reverse("counseling:note_addendum", args=[note.client_id, note.pk])
    return Way(url, counselor, said, (WORDS, "Misheard him", "<details", "open>"))


def _separate(start, counselor, supervisor) -> Way:
    client = start().client
    today = timezone.localdate(timezone=client.clinic.zone)
    note = sud_counseling_notes.start(client=client, session_on=today, by=counselor, text="A hunch.")
    url = reverse("counseling:separate_sign", args=[client.pk, note.pk])
    return Way(url, counselor, {"version": 1}, ('value="1"',))


WAYS = [_sign, _together, _cosign, _cosign_together, _addendum, _separate]


@pytest.fixture
def way(request, client_record, episode, counselor, supervisor) -> Way:
    counselor.supervisor = supervisor
    counselor.save()

    def start():
        sections = {"subjective": "S.", "objective": "O.", "assessment": "A.", "plan": "P."}
        begun = timezone.now() - datetime.timedelta(hours=2)
        ended = begun + datetime.timedelta(minutes=50)
        times = {"session_started_at": begun, "session_ended_at": ended}
        return notes.start(client=client_record, episode=episode, by=counselor, sections=sections, **times)

    return request.param(start, counselor, supervisor)


def signed_so_far() -> tuple[int, int, int]:
    apart = SeparateNote.objects.filter(signed_at__isnull=False).count()
    return NoteSignature.objects.count(), Addendum.objects.count(), apart


def newest() -> str:
    """With what the last of all signatures was made."""
    if Addendum.objects.exists():
        return Addendum.objects.latest("pk").signed_with
    if SeparateNote.objects.exists():
        return SeparateNote.objects.latest("pk").signed_with
    return NoteSignature.objects.latest("pk").signed_with


@pytest.mark.parametrize("way", WAYS, indirect=True, ids=lambda make: make.__name__)
def test_a_failure_says_why_and_keeps_what_was_typed_then_the_password_signs(way, signed_in):
    browser = signed_in(way.who)
    before = signed_so_far()
    for confirmed, sentence in (
        ({}, NO_PASSWORD),
        ({"password": "guessed"}, WRONG_PASSWORD),
        ({"credential": '{"forged": true}'}, WRONG_PASSKEY.format("Nothing was signed.")),
    ):
        page = as_read(browser.post(way.url, {**way.said, **confirmed}))
        assert sentence in page
        assert all(each in " ".join(page.split()) for each in way.kept)  # attributes stand on lines of their own
        assert "guessed" not in page
        assert "forged" not in page  # or it would go along with the password that is typed next
        assert signed_so_far() == before
    assert browser.post(way.url, {**way.said, "password": PASSWORD}).status_code == 302
    assert sum(signed_so_far()) == sum(before) + 1
    assert newest() == "password"


def test_the_counselors_own_signature_under_a_plan_too(client_record, episode, counselor, signed_in):
    plan = plans.start(episode=episode, by=counselor, needs="Sleep")
    plans.add_goal(episode=episode, wording="Sleep six hours", need="Sleep", by=counselor)
    url = reverse("counseling:plan_sign", args=[client_record.pk])
    browser = signed_in(counselor)
    page = as_read(browser.get(url))
    read = page.split('name="hash" value="')[1].split('"')[0]
    said = {"signer": "counselor", "hash": read}
    for confirmed, sentence in (
        ({"password": "guessed"}, WRONG_PASSWORD),
        ({"credential": "{}"}, WRONG_PASSKEY.format("Nothing was signed.")),
    ):
        assert sentence in as_read(browser.post(url, {**said, **confirmed}))
        assert not PlanSignature.objects.exists()
    browser.post(url, {**said, "password": PASSWORD})
    assert PlanSignature.objects.get(plan=plan).signed_with == "password"
