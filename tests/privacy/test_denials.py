"""The letter of a denial: all that 45 CFR 164.524(d)(2) asks, on screen and as a PDF, and nothing of the clinic."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from cases.models import Client
from privacy import denials, minors, request_queue
from privacy.models import AskedAbout, ChartAccess, RequestStep
from staff.models import Clinic, Role, StaffMember

SignIn = Callable[[StaffMember], Browser]
WHY = "It names a neighbor who was threatened."
PAGES = ("request_denial", "request_denial_pdf")


def squeezed(words: str) -> str:
    return " ".join(words.split())


def text(response: Any) -> str:
    return squeezed(re.sub(r"<[^>]+>", " ", response.content.decode()))


def read(pdf: bytes) -> str:
    return squeezed(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


def ask(client: Client, by: StaffMember, **facts: Any) -> AskedAbout:
    facts = {"relation": "self", "asked_by": "Robin Sample", "address": "12 Any Street\nAlbany, NY 12207"} | facts
    request = minors.record_asked(about="Robin Sample", way="letter", kind="record_copy", by=by, **facts)
    request_queue.identify(request=request, client=client, by=by)
    return request


def denied(client: Client, by: StaffMember, ground: str = "endangers", **facts: Any) -> AskedAbout:
    request = ask(client, by, **facts)
    request_queue.close(request=request, outcome="refused", ground=ground, reason=WHY, by=by)
    return request


@pytest.mark.parametrize("ground", RequestStep.Ground.values)
def test_a_client_who_is_denied_their_copy_gets_a_letter_with_all_that_the_law_asks(
    client_record: Client, privacy_officer: StaffMember, signed_in: SignIn, ground: str
) -> None:
    """45 CFR 164.524(d)(2): the ground in plain words, the review if there is one, how to complain and to whom."""
    request, browser = ask(client_record, privacy_officer), signed_in(privacy_officer)
    page = reverse("privacy:request", args=[request.pk])
    url, pdf_url = (reverse(f"privacy:{name}", args=[request.pk]) for name in PAGES)
    assert [browser.get(each).status_code for each in (url, pdf_url)] == [404, 404]  # nothing was denied yet
    assert url not in browser.get(page).content.decode()
    form = {"close-outcome": "refused", "close-ground": ground, "close-reason": WHY}
    browser.post(reverse("privacy:request_close", args=[request.pk]), form)
    assert url in browser.get(page).content.decode()
    assert pdf_url in browser.get(url).content.decode()
    may_review = ground in ("endangers", "of_another", "represents")
    clinic = client_record.clinic
    for letter in (text(browser.get(url)), read(browser.get(pdf_url).content)):
        for words in (
            denials.BASIS[RequestStep.Ground(ground)],
            WHY,
            "Dear Robin Sample:",
            "12 Any Street Albany, NY 12207",
            "complain to our privacy officer, by phone or in writing",
            "Secretary of Health and Human Services, within 180 days",
            "200 Independence Avenue SW, Washington, DC 20201",
            "www.hhs.gov/ocr/complaints",
            "1-800-368-1019",
            f"Privacy officer, {clinic.neutral_name}, (555) 010-0100",
        ):
            assert squeezed(words) in letter, words
        assert (denials.REVIEW in letter, denials.NO_REVIEW in letter) == (may_review, not may_review)
        assert (denials.REST in letter) == (ground != "not_held")
        assert ("We can’t give it to you." in letter) == (ground == "not_held")
        assert clinic.name not in letter.replace(clinic.neutral_name, "")
        assert "Onward" not in letter.partition("Dear Robin")[2]
    for name in PAGES:
        assert ChartAccess.objects.filter(client_id=client_record.pk, view_name=f"privacy:{name}").exists()


def test_the_file_says_neither_who_it_is_about_nor_where_it_is_from(
    client_record: Client, privacy_officer: StaffMember, signed_in: SignIn
) -> None:
    request = denied(client_record, privacy_officer)
    answer = signed_in(privacy_officer).get(reverse("privacy:request_denial_pdf", args=[request.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="letter-{request.pk}.pdf"'
    assert "no-store" in answer["Cache-Control"]
    reader = PdfReader(io.BytesIO(answer.content))
    assert len(reader.pages) == 1
    facts = dict(reader.metadata or {})
    assert facts["/Title"] == "Your request"
    assert not re.search("Robin|Onward|Clinic", str(facts))


def test_someone_who_acts_for_the_client_is_not_told_that_it_is_their_record(
    client_record: Client, privacy_officer: StaffMember
) -> None:
    for relation, words in (("self", "a copy of your record"), ("other", "the record of the person for whom you act")):
        sheet = denials.letter(denied(client_record, privacy_officer, "represents", relation=relation))
        assert sheet is not None
        assert words in " ".join(block.text for block in sheet.blocks)


def test_without_a_name_or_an_address_the_letter_begins_with_what_was_asked(
    client_record: Client, privacy_officer: StaffMember
) -> None:
    sheet = denials.letter(denied(client_record, privacy_officer, asked_by="", address=""))
    assert sheet is not None
    assert sheet.blocks[0].text == f"{timezone.localdate(timezone=client_record.clinic.zone):%B %-d, %Y}"
    assert sheet.blocks[1].text.startswith("On ")


def test_only_the_clinics_privacy_officer_reads_it(
    client_record: Client, privacy_officer: StaffMember, counselor: StaffMember, supervisor: StaffMember,
    other_clinic: Clinic, make_staff: Any, signed_in: SignIn,
) -> None:  # fmt: skip
    request = denied(client_record, privacy_officer)
    stranger = make_staff(Role.PRIVACY_OFFICER, clinic=other_clinic)
    for person, status in ((counselor, 403), (supervisor, 403), (stranger, 404)):
        for name in PAGES:
            assert signed_in(person).get(reverse(f"privacy:{name}", args=[request.pk])).status_code == status
