"""A supervisor cosigns, a counselor signs a note held apart: with a key in a real browser, and with the password."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import CDPSession, Page, expect

from counseling import notes, signing, sud_counseling_notes
from counseling.models import NoteSignature, SeparateNote, SessionNote
from staff.confirming import WRONG_PASSKEY
from staff.models import Role, StaffMember
from tests import factories
from tests.browser.conftest import accessibility_faults

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "sample-password-1"


@pytest.fixture
def supervisor(transactional_db: None) -> StaffMember:
    return factories.StaffMemberFactory(
        clinic=factories.ClinicFactory(name="Example Clinic"), role=Role.SUPERVISOR, credential="LCSW"
    )


@pytest.fixture
def signed(supervisor: StaffMember) -> list[SessionNote]:
    """Four notes of a supervisee, signed."""
    counselor = factories.StaffMemberFactory(clinic=supervisor.clinic, role=Role.COUNSELOR, supervisor=supervisor)
    client = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    episode = factories.TreatmentEpisodeFactory(
        client=client, program=factories.ProgramFactory(clinic=counselor.clinic), admitted_by=counselor
    )
    begun = timezone.now() - datetime.timedelta(hours=2)
    made = [
        notes.start(client=client, episode=episode, by=counselor, session_started_at=begun, sections={"plan": "Go on."})
        for _ in range(4)
    ]
    for note in made:
        signing.sign(note=note, by=counselor)
    return made


def cosign_page(note: SessionNote) -> str:
    return reverse("counseling:note_cosign", args=[note.client_id, note.pk])


def cosigned_with(note: SessionNote) -> str:
    assert signing.verify(note).unchanged
    return NoteSignature.objects.get(note=note, kind="cosign").signed_with


def test_cosigning_one_and_several(
    with_key: Callable[[StaffMember], Page], signed: list[SessionNote], supervisor: StaffMember
) -> None:
    page = with_key(supervisor)
    first, second, third, fourth = signed
    page.goto(cosign_page(first))
    assert accessibility_faults(page) == []
    page.get_by_role("button", name="Cosign with a passkey").click()
    expect(page.get_by_text("Cosigned.", exact=True)).to_be_visible()
    assert cosigned_with(first) == "passkey"

    page.goto(cosign_page(second))
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Cosign", exact=True).click()
    expect(page.get_by_text("Cosigned.", exact=True)).to_be_visible()
    assert cosigned_with(second) == "password"

    page.goto(reverse("counseling:cosign_together"))
    page.locator(f"#tick-{third.pk}").check()
    page.get_by_role("button", name="Cosign with a passkey").click()
    expect(page.get_by_role("heading", name="Results")).to_be_visible()
    assert cosigned_with(third) == "passkey"

    page.locator(f"#tick-{fourth.pk}").check()
    page.get_by_label("Your password").fill(PASSWORD)
    with page.expect_navigation():  # a page with the same heading as this one
        page.get_by_role("button", name="Cosign selected notes").click()
    expect(page.get_by_role("heading", name="Results")).to_be_visible()
    assert cosigned_with(fourth) == "password"


def test_a_key_that_is_refused_leaves_the_words_and_the_way_by_password(
    with_key: Callable[[StaffMember], Page], signed: list[SessionNote], supervisor: StaffMember
) -> None:
    """The challenge is used up elsewhere: the answer comes too late, the addendum stays, the password then does."""
    page = with_key(supervisor)
    note = signed[0]
    page.goto(reverse("counseling:note_edit", args=[note.client_id, note.pk]))
    page.get_by_text("Add an addendum").click()
    page.get_by_label("Addendum").fill("It was his cousin.\nHe said so later.")
    page.get_by_label("Reason").fill("Misheard")
    page.route("**/addenda/", lambda route: route.continue_(post_data=broken(route.request.post_data)))
    page.get_by_role("button", name="Add with a passkey").click()
    expect(page.get_by_text(WRONG_PASSKEY.format("Nothing was signed."))).to_be_visible()
    assert not note.addenda.exists()
    page.unroute("**/addenda/")
    expect(page.get_by_label("Addendum")).to_have_value("It was his cousin.\nHe said so later.")
    expect(page.get_by_label("Reason")).to_have_value("Misheard")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Add addendum").click()
    expect(page.get_by_text("Addendum added")).to_be_visible()
    assert note.addenda.get().signed_with == "password"


def broken(sent: str | None) -> str:
    """What was sent, with another key's signature in it."""
    return (sent or "").replace("signature%22%3A%22", "signature%22%3A%22AAAA")


def test_a_note_held_apart(
    with_key: Callable[[StaffMember], Page],
    signed: list[SessionNote],
    supervisor: StaffMember,
    key: tuple[CDPSession, str],
) -> None:
    today = timezone.localdate(timezone=supervisor.clinic.zone)
    client = signed[0].client
    mine = [
        sud_counseling_notes.start(client=client, session_on=today, by=supervisor, text=f"A hunch, number {number}.")
        for number in range(2)
    ]
    page = with_key(supervisor)
    page.goto(reverse("counseling:separate_sign", args=[client.pk, mine[0].pk]))
    assert accessibility_faults(page) == []
    page.get_by_role("button", name="Sign with a passkey").click()
    expect(page.get_by_text("Signed. No one can change it, and only you can read it.")).to_be_visible()
    page.goto(reverse("counseling:separate_sign", args=[client.pk, mine[1].pk]))
    page.get_by_label("Your password").fill("guessed")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("Wrong password")).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("Signed. No one can change it, and only you can read it.")).to_be_visible()
    assert [each.signed_with for each in SeparateNote.objects.order_by("pk")] == ["passkey", "password"]
    assert all(sud_counseling_notes.verify(each) for each in mine)
