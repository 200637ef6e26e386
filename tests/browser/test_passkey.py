"""In a real browser with a (virtual) key: registering it, signing with it, and what a stolen answer is worth."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import CDPSession, Page, expect

from counseling import notes, signing
from counseling.models import NoteSignature, SessionNote
from staff.confirming import WRONG_PASSKEY
from staff.models import Role, StaffMember
from tests import factories
from tests.browser.conftest import accessibility_faults

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def counselor(transactional_db: None) -> StaffMember:
    clinic = factories.ClinicFactory(name="Example Clinic")
    return factories.StaffMemberFactory(clinic=clinic, role=Role.COUNSELOR, credential="LCDC")


@pytest.fixture
def drafts(counselor: StaffMember) -> list[SessionNote]:
    client = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    episode = factories.TreatmentEpisodeFactory(
        client=client, program=factories.ProgramFactory(clinic=counselor.clinic), admitted_by=counselor
    )
    begun = timezone.now() - datetime.timedelta(hours=2)
    sections = {"subjective": "S.", "objective": "O.", "assessment": "A.", "plan": "Call on Friday."}
    return [
        notes.start(
            client=client,
            episode=episode,
            by=counselor,
            session_started_at=begun,
            session_ended_at=begun + datetime.timedelta(minutes=50),
            sections=sections,
        )
        for _ in range(3)
    ]


def is_verified(key: tuple[CDPSession, str], yes: bool) -> None:
    """Whether the key's holder puts the right finger on it."""
    key[0].send("WebAuthn.setUserVerified", {"authenticatorId": key[1], "isUserVerified": yes})


@pytest.fixture
def registered(with_key: Callable[[StaffMember], Page], counselor: StaffMember) -> Page:
    return with_key(counselor)


def sign_page(note: SessionNote) -> str:
    return reverse("counseling:note_sign", args=[note.client_id, note.pk])


def sent(page: Page, do: Callable[[], Any], url: str) -> dict[str, str]:
    """What the page sent to `url`, as a thief in between would have it."""
    with page.expect_request(lambda each: each.method == "POST" and each.url.endswith(url)) as caught:
        do()
    return {name: values[-1] for name, values in parse_qs(caught.value.post_data or "").items()}


def test_signing_one_several_an_addendum_and_the_password_stays(
    registered: Page, drafts: list[SessionNote], counselor: StaffMember
) -> None:
    page = registered
    first, second, third = drafts
    page.goto(sign_page(first))
    assert accessibility_faults(page) == []
    page.get_by_role("button", name="Sign with a passkey").click()
    expect(page.get_by_text("Unchanged since signing")).to_be_visible()
    assert NoteSignature.objects.get(note=first).signed_with == "passkey"
    assert signing.verify(first).unchanged

    page.get_by_text("Add an addendum").click()
    page.get_by_role("button", name="Add with a passkey").click()  # nothing is written yet
    assert not first.addenda.exists()
    page.get_by_label("Addendum").fill("It was his cousin.\nHe said so later.")
    page.get_by_label("Reason").fill("Misheard")
    page.get_by_role("button", name="Add with a passkey").click()
    expect(page.get_by_text("Addendum added")).to_be_visible()
    assert first.addenda.get().signed_with == "passkey"
    assert signing.verify(first).unchanged

    page.goto(reverse("counseling:sign_together"))
    page.locator(f"#tick-{second.pk}").check()
    page.get_by_role("button", name="Sign with a passkey").click()
    expect(page.get_by_role("heading", name="Results")).to_be_visible()
    assert NoteSignature.objects.get(note=second).signed_with == "passkey"

    page.goto(sign_page(third))
    page.get_by_label("Your password").fill("sample-password-1")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("Unchanged since signing")).to_be_visible()
    assert NoteSignature.objects.get(note=third).signed_with == "password"


def test_without_the_right_finger_nothing_is_signed(
    registered: Page, drafts: list[SessionNote], key: tuple[CDPSession, str]
) -> None:
    is_verified(key, False)
    registered.goto(sign_page(drafts[0]))
    registered.get_by_role("button", name="Sign with a passkey").click()
    expect(registered.get_by_text("The passkey didn’t respond")).to_be_visible()
    assert not NoteSignature.objects.exists()
    is_verified(key, True)
    registered.get_by_role("button", name="Sign with a passkey").click()
    expect(registered.get_by_text("Unchanged since signing")).to_be_visible()


def test_an_answer_counts_once_and_for_what_it_was_given(registered: Page, drafts: list[SessionNote]) -> None:
    page = registered
    first, second, _ = drafts
    page.goto(sign_page(first))
    stolen = sent(page, page.get_by_role("button", name="Sign with a passkey").click, sign_page(first))
    expect(page.get_by_text("Unchanged since signing")).to_be_visible()
    assert json.loads(stolen["credential"])["type"] == "public-key"

    def tried(note: SessionNote, **said: str) -> str:
        token = {"csrfmiddlewaretoken": stolen["csrfmiddlewaretoken"], "version": str(note.version)}
        answer = page.request.post(
            page.url.split("/clients")[0] + sign_page(note), form={**token, **said}, headers={"Referer": page.url}
        )
        return answer.text()

    assert WRONG_PASSKEY.format("Nothing was signed.") in tried(
        second, credential=stolen["credential"]
    )  # used up, and another note
    assert WRONG_PASSKEY.format("Nothing was signed.") in tried(second, credential="{}")
    assert WRONG_PASSKEY.format("Nothing was signed.") in tried(second, credential="[1]")

    # A fresh answer, given for this note, does not sign the other: the two of them differ by their address alone.
    page.goto(sign_page(second))
    page.route(  # the answer never arrives
        f"**{sign_page(second)}",
        lambda route: route.fulfill(status=204) if route.request.method == "POST" else route.continue_(),
    )
    fresh = sent(page, page.get_by_role("button", name="Sign with a passkey").click, sign_page(second))
    assert WRONG_PASSKEY.format("Nothing was signed.") in tried(drafts[2], credential=fresh["credential"])
    # … and having been tried once, not even the one that it was given for.
    assert WRONG_PASSKEY.format("Nothing was signed.") in tried(second, credential=fresh["credential"])
    assert NoteSignature.objects.count() == 1
