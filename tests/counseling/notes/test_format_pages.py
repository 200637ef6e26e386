"""The pages on which administrators and supervisors make note formats."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from counseling import notes, signing
from counseling.golden_thread import thread_rules
from counseling.models import NoteFormat, SessionKindRule, SessionNote
from counseling.notes import format_making
from counseling.notes.format_making import Section

pytestmark = pytest.mark.django_db
NEW = "/formats/new/"


def typed(*sections: tuple[str, str, bool], name: str = "Brief contact", then: str = "save", **more) -> dict:
    """What the form sends."""
    data = {"name": name, "then": then, "sections-TOTAL_FORMS": len(sections), "sections-INITIAL_FORMS": 0, **more}
    for place, (label, hint, required) in enumerate(sections):
        data |= {f"sections-{place}-label": label, f"sections-{place}-hint": hint, f"sections-{place}-key": ""}
        if required:
            data[f"sections-{place}-required"] = "on"
    return data


def labels_shown(answer) -> list[str]:
    return [form["label"].value() for form in answer.context["sections"]]


FOCUS, AGREED = ("Focus", "What it was about.", False), ("Agreed", "", True)


def test_an_administrator_makes_a_format_and_a_counselor_writes_in_it(
    client_record, episode, administrator, counselor, signed_in
):
    browser = signed_in(administrator)
    assert "None yet" in browser.get("/formats/").content.decode()
    data = typed(FOCUS, AGREED, ("", "", False), kinds=["crisis", "family"])
    answer = browser.post(NEW, data, follow=True)
    row = NoteFormat.objects.get()
    assert answer.redirect_chain[0][0] == reverse("counseling:format", args=[row.pk])
    assert (row.name, row.kinds, row.made_by) == ("Brief contact", ["family", "crisis"], administrator)
    assert [(each["label"], each["required"]) for each in row.layout] == [("Focus", False), ("Agreed", True)]
    browser = signed_in(counselor)
    address = reverse("counseling:note_new", args=[client_record.pk])
    assert "Brief contact" not in browser.get(f"{address}?kind=individual").content.decode()
    page = browser.get(f"{address}?kind=crisis").content.decode()
    assert "Brief contact" in page
    assert row.code not in page.replace(f'value="{row.code}"', "")
    begun = browser.post(address, {"format": row.code, "episode": episode.pk, "kind": "crisis"}, follow=True)
    note = SessionNote.objects.get()
    assert (note.own_format, note.modality) == (row, "crisis")
    page = begun.content.decode()
    assert "Brief contact, version 1" in page
    assert "What it was about." in page
    assert "required" in page
    assert 'value="individual"' not in page


def test_sections_are_added_moved_and_removed_by_plain_buttons(supervisor, signed_in):
    browser = signed_in(supervisor)
    three = (FOCUS, AGREED, ("Next", "", False))
    assert labels_shown(browser.post(NEW, typed(*three, then="up:2"))) == ["Focus", "Next", "Agreed"]
    assert labels_shown(browser.post(NEW, typed(*three, then="down:0"))) == ["Agreed", "Focus", "Next"]
    assert labels_shown(browser.post(NEW, typed(*three, then="remove:1"))) == ["Focus", "Next"]
    added = browser.post(NEW, typed(*three, then="add"))
    assert labels_shown(added) == ["Focus", "Agreed", "Next", ""]
    assert 'name="sections-3-label"' in added.content.decode()
    assert added.content.decode().count("autofocus") == 1
    for nonsense in ("up:0", "down:2", "remove:9", "up:x", "sideways:1", "preview"):
        assert labels_shown(browser.post(NEW, typed(*three, then=nonsense))) == ["Focus", "Agreed", "Next"]
    assert not NoteFormat.objects.exists()


def test_the_preview_shows_what_is_typed_and_saves_nothing(supervisor, signed_in):
    answer = signed_in(supervisor).post(NEW, typed(FOCUS, AGREED, name="Check-in", then="preview"))
    assert answer.context["preview"]["name"] == "Check-in"
    preview = answer.content.decode().partition('id="format-preview"')[2]
    assert "What it was about." in preview
    assert "required" in preview
    assert not NoteFormat.objects.exists()


def test_what_was_typed_stays_where_it_cannot_be_saved(clinic, supervisor, signed_in):
    browser = signed_in(supervisor)
    for data, said in (
        (typed(FOCUS, name=""), "This field is required"),
        (typed(FOCUS, name="SOAP"), "has this name"),
        (typed(("", "A hint alone", False)), "Enter a section name"),
        (typed(FOCUS, ("focus", "", False)), "same name"),
        (typed(("", "", False)), "at least one section"),
        (typed(FOCUS, kinds=["chat"]), "not one of the available choices"),
    ):
        answer = browser.post(NEW, data)
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert labels_shown(answer)[0] == data["sections-0-label"]
    assert not NoteFormat.objects.exists()


def test_one_is_copied_and_the_copy_is_another_format(clinic, supervisor, signed_in, other_clinic, make_staff):
    browser = signed_in(supervisor)
    assert labels_shown(browser.get(f"{NEW}?copy=birp")) == ["Behavior", "Intervention", "Response", "Plan"]
    own = format_making.make(clinic=clinic, name="Brief", sections=[Section("Focus")], by=supervisor, kinds=["crisis"])
    page = browser.get(f"{NEW}?copy={own.pk}")
    assert labels_shown(page) == ["Focus"]
    assert page.context["form"]["kinds"].value() == ["crisis"]
    theirs = format_making.make(
        clinic=other_clinic,
        name="Theirs",
        sections=[Section("Hidden")],
        by=make_staff("supervisor", clinic=other_clinic),
    )
    for nothing in (theirs.pk, "x", "9" * 40):
        assert labels_shown(browser.get(f"{NEW}?copy={nothing}")) == ["", ""]


def test_a_used_one_says_so_and_its_change_is_the_next_version(
    clinic, client_record, episode, counselor, supervisor, signed_in
):
    row = format_making.make(clinic=clinic, name="Brief", sections=[Section("Focus")], by=supervisor)
    note = notes.start(
        client=client_record, episode=episode, by=counselor, format=row.code, sections={"focus": "Rent."}
    )
    signing.sign(note=note, by=counselor)
    browser = signed_in(supervisor)
    change = reverse("counseling:format_change", args=[row.pk])
    page = browser.get(change)
    assert "Save as version 2" in page.content.decode()
    data = typed(("Topic", "", False), name="Brief", seen=page.context["seen"], **{"sections-0-key": "focus"})
    data["sections-0-key"] = "focus"
    answer = browser.post(change, data, follow=True)
    second = NoteFormat.objects.get(version=2)
    assert [part["key"] for part in second.layout] == ["focus"]
    assert "1 note uses this version" in browser.get(f"/formats/{row.pk}/").content.decode()
    assert "Existing notes keep their version" in answer.content.decode()
    read = signed_in(counselor).get(reverse("counseling:note_edit", args=[client_record.pk, note.pk])).content.decode()
    assert "Brief, version 1" in read
    assert "Focus" in read
    assert "Topic" not in read
    # the address of the earlier version leads to the one that can be changed
    browser = signed_in(supervisor)
    assert browser.get(change)["Location"] == reverse("counseling:format_change", args=[second.pk])
    stale = browser.post(change, data)
    assert stale.status_code == 422
    assert "Someone else changed this format" in stale.content.decode()


def test_one_is_retired_and_offered_again(clinic, supervisor, signed_in):
    row = format_making.make(clinic=clinic, name="Brief", sections=[Section("Focus")], by=supervisor)
    browser = signed_in(supervisor)
    retire = reverse("counseling:format_retire", args=[row.pk])
    assert browser.get(retire).status_code == 405
    assert "is retired" in browser.post(retire, follow=True).content.decode()
    assert [each.pk for each in browser.get("/formats/").context["retired"]] == [row.pk]
    assert "is available again" in browser.post(retire, {"again": "1"}, follow=True).content.decode()
    assert [each.pk for each in browser.get("/formats/").context["offered"]] == [row.pk]


def test_nobody_else_opens_the_pages_and_no_clinic_sees_anothers(
    clinic, counselor, intake, medical, privacy_officer, administrator, supervisor, make_staff, other_clinic, signed_in
):
    row = format_making.make(clinic=clinic, name="Brief secret", sections=[Section("Focus")], by=supervisor)
    pages = ["/formats/", NEW, "/formats/thread/", f"/formats/{row.pk}/", f"/formats/{row.pk}/change/"]
    for person in (counselor, intake, medical, privacy_officer):
        browser = signed_in(person)
        for page in pages:
            assert browser.get(page).status_code == 403, page
            assert browser.post(page, typed(FOCUS)).status_code == 403, page
        assert browser.post(f"/formats/{row.pk}/retire/").status_code == 403
    browser = signed_in(make_staff("supervisor", clinic=other_clinic))
    assert "Brief secret" not in browser.get("/formats/").content.decode()
    for page in pages[3:]:
        assert browser.get(page).status_code == 404
        assert browser.post(page, typed(FOCUS)).status_code in {404, 405}
    assert browser.post(f"/formats/{row.pk}/retire/").status_code == 404
    row.refresh_from_db()
    assert (row.name, row.is_offered) == ("Brief secret", True)
    for person in (administrator, supervisor):
        browser = signed_in(person)
        for page in pages:
            assert browser.get(page).status_code == 200, page


def test_one_format_and_many_cost_the_same_number_of_queries(clinic, supervisor, signed_in):
    browser = signed_in(supervisor)
    make = lambda number: format_making.make(  # noqa: E731
        clinic=clinic, name=f"Format {number}", sections=[Section("Focus")], by=supervisor
    )
    make(0)
    browser.get("/formats/")
    with CaptureQueriesContext(connection) as few:
        browser.get("/formats/")
    for number in range(1, 9):
        make(number)
    with CaptureQueriesContext(connection) as many:
        browser.get("/formats/")
    assert len(many) == len(few)


def test_a_clinic_says_which_kinds_of_session_need_no_objective(clinic, supervisor, signed_in):
    browser = signed_in(supervisor)
    page = browser.get("/formats/thread/")
    assert page.context["form"]["free"].value() == ["case_management", "crisis", "intake"]
    assert browser.post("/formats/thread/", {"free": ["crisis"]}).status_code == 422
    browser.post("/formats/thread/", {"free": ["crisis", "intake", "couple"], "reason": "Our payer asks for it"})
    assert thread_rules.free_of_objectives(clinic) == {"crisis", "intake", "couple"}
    assert list(SessionKindRule.objects.values_list("kind", "needs_objective", "reason")) == [
        ("case_management", True, "Our payer asks for it"),
        ("couple", False, "Our payer asks for it"),
    ]
    browser.post("/formats/thread/", {"free": ["crisis", "intake", "case_management"], "reason": "Back"})
    assert not SessionKindRule.objects.exists()
    clinic.thresholds.create(key="plan.review_outpatient", value=60)
    page = browser.get("/formats/thread/").content.decode()
    assert "<strong>60 days</strong>" in page
    assert "90 days" in page


@pytest.mark.parametrize(
    ("seen", "status"), [("2026-13-45T00:00", 404), ("2026-01-05T00:00", 422), ("9999-12-31T23:59-14:00", 422)]
)
def test_a_stamp_that_the_page_did_not_give_is_refused(clinic, supervisor, signed_in, seen, status):
    row = format_making.make(clinic=clinic, name="Brief", sections=[Section("Focus")], by=supervisor)
    data = typed(("Topic", "", False), name="Brief", seen=seen, **{"sections-0-key": "focus"})
    answer = signed_in(supervisor).post(reverse("counseling:format_change", args=[row.pk]), data)
    assert answer.status_code == status
    row.refresh_from_db()
    assert [part["label"] for part in row.layout] == ["Focus"]
