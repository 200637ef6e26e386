"""Print pages and PDFs contain the whole record, who signed and who printed; titles and file names have no names."""

from __future__ import annotations

import datetime
import io
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from counseling import notes, plans, signing
from counseling.models import SessionNote, TreatmentPlan
from counseling.plans import plan_signatures
from counseling.printing import print_content
from demo import history
from privacy.disclosures import NOTICE
from privacy.models import ChartAccess
from staff.paper import pdf as paper
from staff.paper import sheet
from tests.reading import as_read

pytestmark = pytest.mark.django_db

WORDS = "naïve – “quotes” 中文 Ł"
STEPS = ("warning_signs", "internal_coping", "distraction", "people_to_ask", "professionals", "safer_environment")


def read(answer) -> PdfReader:
    assert answer["Content-Type"] == "application/pdf"
    return PdfReader(io.BytesIO(answer.content))


def words_of(pdf: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


def plain(html: str) -> str:
    from html import unescape

    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


@pytest.fixture
def signed(draft: SessionNote, counselor, supervisor):
    SessionNote.objects.filter(pk=draft.pk).update(sections={"subjective": WORDS, "plan": "Call on Friday."})
    draft.refresh_from_db()
    signing.sign(note=draft, by=counselor)
    signing.add_addendum(note=draft, text="The call is on Monday. 中", reason="Wrong day", by=counselor)
    return draft


@pytest.mark.parametrize("name", ["note_print", "note_pdf"])
def test_a_note_on_paper_has_every_word_and_who_signed_and_printed_it(name, signed, signed_in, counselor, supervisor):
    answer = signed_in(supervisor).get(reverse(f"counseling:{name}", args=[signed.client_id, signed.pk]))
    said = words_of(read(answer)) if name.endswith("pdf") else plain(as_read(answer))
    signature = signed.signatures.get()
    for words in (
        WORDS,
        "Call on Friday.",
        f"Signed by {counselor.signature_name}",
        signature.hash,
        "Unchanged since signing.",
        "The call is on Monday. 中",
        "Reason: Wrong day",
        signed.client.full_name,
        f"by {supervisor.signature_name}",
        NOTICE,
    ):
        assert words in said, words


def test_no_file_and_no_title_names_anybody(signed, signed_in, counselor):
    answer = signed_in(counselor).get(reverse("counseling:note_pdf", args=[signed.client_id, signed.pk]))
    assert answer["Content-Disposition"] == f'attachment; filename="note-{signed.pk}.pdf"'
    assert "no-store" in answer["Cache-Control"]
    outside = str(read(answer).metadata)
    assert f"Session note {signed.pk}" in outside
    assert signed.client.family_name not in outside
    page = signed_in(counselor).get(reverse("counseling:note_print", args=[signed.client_id, signed.pk]))
    title = re.search(r"<title>(.*?)</title>", as_read(page)).group(1)
    assert signed.client.family_name not in title


@pytest.mark.parametrize("put_away", [False, True])
def test_a_draft_on_paper_says_on_every_page_that_it_is_one(put_away, draft, signed_in, counselor):
    notes.save_draft(note=draft, version=1, by=counselor, plan="\n".join(map(str, range(200))))
    if put_away:
        notes.discard(note=draft, by=counselor)
    says = "Discarded draft" if put_away else "Draft, not signed"
    pdf = read(signed_in(counselor).get(reverse("counseling:note_pdf", args=[draft.client_id, draft.pk])))
    assert len(pdf.pages) > 2
    for page in pdf.pages:
        assert says in page.extract_text()
        assert f"Session note {draft.pk}" in page.extract_text()
    printed = signed_in(counselor).get(reverse("counseling:note_print", args=[draft.client_id, draft.pk]))
    assert f'<p class="sheet__mark">{says}</p>' in as_read(printed)


def test_a_signed_note_carries_no_such_mark_and_says_what_it_waits_for(draft, counselor, supervisor):
    counselor.supervisor = supervisor
    counselor.save()
    draft.author = counselor
    signing.sign(note=draft, by=counselor)
    drawn = print_content.of_note(draft, by=counselor, now=timezone.now())
    assert (drawn.mark, drawn.lede) == ("", "SOAP · Signed, needs cosignature")
    signing.cosign(note=draft, by=supervisor)
    assert print_content.of_note(draft, by=counselor, now=timezone.now()).lede == "SOAP · Signed and cosigned"


@pytest.mark.parametrize("is_late", [False, True])
def test_a_late_entry_is_one_on_paper_too_with_both_times(is_late, draft, counselor):
    history.sign_notes(signed={draft.pk: draft.session_ended_at + datetime.timedelta(hours=30 * is_late)}, by=counselor)
    draft.refresh_from_db()
    facts = dict(print_content.of_note(draft, by=counselor, now=timezone.now()).facts)
    assert ("Late entry" in facts) == is_late


def test_a_note_that_is_not_what_was_signed_says_so_on_paper(signed, counselor, monkeypatch):
    monkeypatch.setattr("counseling.signing.canonical.digest", lambda text: "0" * 64)
    drawn = print_content.of_note(signed, by=counselor, now=timezone.now())
    assert [block.heading for block in drawn.blocks if block.is_alarm] == ["This note changed after signing"]


def test_letters_that_no_font_has_are_named_and_none_becomes_a_box():
    assert paper.printable(WORDS + " 한국어 かな 😀 שלום") == WORDS + " 한국어 かな 😀 שלום"
    assert paper.printable("a𓀀b") == "a[egyptian hieroglyph a001, U+13000]b"
    assert paper.printable("e\u0301\t.\r\n") == "é  .\n"


def test_a_long_note_runs_over_pages_and_each_says_whose_it_is(signed, counselor, draft):
    note = SessionNote(
        **{f.attname: getattr(draft, f.attname) for f in draft._meta.concrete_fields if f.name != "words"}
    )
    note.sections = {"subjective": "\n".join(f"Line number {number}." for number in range(300))}
    pdf = PdfReader(
        io.BytesIO(paper.pdf(print_content.of_note(note, by=counselor, now=timezone.now()), now=timezone.now()))
    )
    assert len(pdf.pages) > 3
    said = words_of(pdf)
    assert all(f"Line number {number}." in said for number in range(300))
    for number, page in enumerate(pdf.pages, 1):
        for words in (note.client.full_name, NOTICE, f"Page {number} of {len(pdf.pages)}"):
            assert words in page.extract_text()


@pytest.mark.parametrize("name", ["plan_print", "plan_pdf"])
def test_the_plan_on_paper_has_goals_objectives_and_lines_to_sign(name, returning, signed_in, counselor):
    goal = plans.add_goal(
        episode=returning.second, wording="Keep the flat Ł", need="Housing", by=counselor, carried_from=returning.goal
    )
    plans.add_objective(
        goal=goal, wording="Rent paid", by=counselor, due_on=datetime.date(2026, 6, 1), intervention="Budget sheet"
    )
    gone = plans.add_goal(episode=returning.second, wording="Sell the car", by=counselor)
    plans.close_goal(goal=gone, status="met", by=counselor)
    answer = signed_in(counselor).get(reverse(f"counseling:{name}", args=[returning.second.client_id]))
    said = words_of(read(answer)) if name.endswith("pdf") else plain(as_read(answer))
    for words in ("Keep the flat Ł", "For: Housing", "carried over from", "Rent paid", "By Jun 1, 2026 · Budget sheet"):
        assert words in said, words
    for words in ("Sell the car", "Met, ", "Client", "Date", NOTICE):
        assert words in said, words
    assert "See my daughter every week" not in said  # a goal of the episode before


@pytest.mark.parametrize("lines", [1, 9])
def test_the_safety_plan_is_one_page_however_much_is_in_it(lines, episode, signed_in, counselor):
    steps = {name: "\n".join(f"{name} {number} {WORDS}" for number in range(lines)) for name in STEPS}
    plans.write_safety_plan(episode=episode, by=counselor, **steps)
    pdf = read(signed_in(counselor).get(reverse("counseling:safety_plan_pdf", args=[episode.client_id])))
    assert len(pdf.pages) == 1
    said = words_of(pdf)
    for text in steps.values():
        assert " ".join(text.split()) in said
    assert "988" in said


def test_the_copy_for_the_client_says_nothing_of_the_clinic(episode, signed_in, counselor, client_record):
    plans.write_safety_plan(episode=episode, by=counselor, people_to_ask="My sister")
    browser = signed_in(counselor)
    copy = words_of(read(browser.get(reverse("counseling:safety_plan_pdf", args=[client_record.pk]) + "?for=client")))
    assert "My sister" in copy
    for words in (NOTICE, str(client_record.clinic), client_record.family_name, counselor.get_full_name(), "printed"):
        assert words not in copy
    assert NOTICE in words_of(read(browser.get(reverse("counseling:safety_plan_pdf", args=[client_record.pk]))))


def test_who_may_not_read_it_cannot_print_it_and_who_prints_it_is_logged(
    signed, signed_in, intake, make_staff, counselor
):
    places = [reverse(f"counseling:{name}", args=[signed.client_id, signed.pk]) for name in ("note_print", "note_pdf")]
    for place in places:
        assert signed_in(intake).get(place).status_code == 403
        assert signed_in(make_staff()).get(place).status_code == 404
        assert signed_in(counselor).get(place).status_code == 200
    printed = ChartAccess.objects.filter(staff_member=counselor, client_id=signed.client_id)
    assert set(printed.values_list("view_name", flat=True)) == {"counseling:note_print", "counseling:note_pdf"}


def test_without_a_plan_the_addresses_lead_back(client_record, signed_in, counselor):
    browser = signed_in(counselor)
    for name in ("plan_print", "plan_pdf", "safety_plan_pdf"):
        answer = browser.get(reverse(f"counseling:{name}", args=[client_record.pk]))
        assert answer["Location"] == reverse("counseling:plan", args=[client_record.pk])


@pytest.mark.parametrize("name", ["plan_print", "plan_pdf"])
def test_who_signed_the_plan_is_on_paper_and_who_has_not_gets_a_line(name, returning, signed_in, counselor):
    goal = plans.add_goal(episode=returning.second, wording="Keep the flat", by=counselor)
    plan = TreatmentPlan.objects.select_related("client__clinic", "episode").get(episode=returning.second)
    drawn = [[[10, 20], [40, 60], [80, 20], [120, 60], [160, 20], [200, 40], [220, 60], [260, 20]]]
    plan_signatures.sign(plan=plan, signer="client", by=counselor, typed_name="Robin Sample", strokes=drawn)
    plans.review(plan=plan, by=counselor, summary="Rent is paid.", progress={goal: ("better", "On time since May")})
    address = reverse(f"counseling:{name}", args=[plan.client_id])
    said, document = shown(signed_in(counselor).get(address))
    for words in ("Signed by the client", f"{counselor} present Robin Sample", "Rent is paid.", "On time since May"):
        assert words in said, words
    assert said.count("Counselor Date") == 1
    assert "Client Date" not in said
    if name == "plan_print":
        assert "M10 20L40 60" in document
    else:
        drawing = document.pages[-1].get_contents().get_data()
        assert re.search(rb"[\d.]+ [\d.]+ m\s+([\d.]+ [\d.]+ l\s+){7}", drawing)
    plans.add_goal(episode=returning.second, wording="Find work", by=counselor)
    said, _ = shown(signed_in(counselor).get(address))
    assert "The plan changed after this signature." in said
    assert "Client Date" in said


def shown(answer):
    """What stands on it, and the thing itself."""
    if answer["Content-Type"] == "application/pdf":
        return words_of(read(answer)), read(answer)
    return plain(as_read(answer)), as_read(answer)


def test_the_safety_plan_is_one_click_away_on_every_page_of_a_chart(
    client_record, episode, draft, counselor, signed_in
):
    browser, pk = signed_in(counselor), client_record.pk
    url = reverse("counseling:safety_plan", args=[pk])
    pages = [reverse("counseling:notes", args=[pk]), reverse("counseling:note_edit", args=[pk, draft.pk])]
    pages += [reverse(name, args=[pk]) for name in ("desk:chart", "cases:episodes", "counseling:plan")]
    for page in pages:
        assert f'<a class="btn btn-secondary" href="{url}">' in as_read(browser.get(page)), page
    assert browser.get(url)["Location"] == reverse("counseling:safety_plan_write", args=[pk]), "none yet: the blank one"


def test_somebody_who_may_not_read_plans_has_no_link_to_the_safety_plan(client_record, episode, intake, signed_in):
    url = reverse("counseling:safety_plan", args=[client_record.pk])
    page = as_read(signed_in(intake).get(reverse("cases:episodes", args=[client_record.pk])))
    assert client_record.family_name in page
    assert url not in page


def test_hindi_and_thai_have_letters_and_lines_are_broken_before_they_are_turned():
    said = "नमस्ते दुनिया. สวัสดีครับ ผมสบายดี"
    assert paper.printable(said) == said
    mixed = "He said שלום עולם and مرحبا, twice (2).\n" * 3 + "สวัสดีครับ" * 60
    shown = sheet.Sheet(
        "T",
        "t",
        "",
        "",
        (("नाम", "प्रिया"),),
        (sheet.Block("สวัสดี", said), sheet.Block("Mixed", mixed)),
        (),
    )
    document = paper._Document(shown, size=9.5, now=timezone.now())
    document.add_page()
    document.set_font("text", "", 9.5)
    document._said(mixed)
    lines = list(document._lines(mixed, 100))
    assert "".join(lines).replace(" ", "") == mixed.replace(" ", "").replace("\n", "")
    assert all(document.get_string_width(line) <= 101 for line in lines)
    assert lines[0].startswith("He said שלום")
    assert paper.pdf(shown, now=timezone.now()).startswith(b"%PDF")


def test_a_line_that_begins_from_right_to_left_stands_as_in_the_browser():
    """The sheet runs from left to right as the pages do: the Hebrew word stands first, the full stop last."""
    shown = sheet.Sheet("T", "t", "", "", (), (sheet.Block("Mixed", "שלום Robin said 12."),), ())
    pieces: list[str] = []
    page = PdfReader(io.BytesIO(paper.pdf(shown, now=timezone.now()))).pages[0]
    page.extract_text(visitor_text=lambda text, *_: pieces.append(text.strip()))
    assert pieces.index("שלום") < pieces.index("Robin said 12.")
