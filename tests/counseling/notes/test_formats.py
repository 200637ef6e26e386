"""A clinic makes, changes and retires its own note formats; existing notes never change."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from counseling import notes, signing
from counseling.models import NoteFormat, SessionNote
from counseling.notes import format_making, formats
from counseling.notes.format_making import Section
from staff.access import NotPermitted
from staff.models import AuditEntry
from tests.ownership import as_owner

pytestmark = pytest.mark.django_db
FOCUS = [Section("Focus", "What the session was about."), Section("Agreed", required=True)]


@pytest.fixture
def brief(clinic, supervisor):
    return format_making.make(clinic=clinic, name="Brief contact", sections=FOCUS, by=supervisor)


@pytest.fixture
def begin(client_record, episode, counselor):
    def one(row: NoteFormat, **fields) -> SessionNote:
        return notes.start(client=client_record, episode=episode, by=counselor, format=row.code, **fields)

    return one


def refused():
    """A write that the database refuses, whoever asks."""
    return transaction.atomic()


def labels(note: SessionNote) -> list[str]:
    return [part["label"] for part in note.parts]


def test_a_format_that_was_made_is_offered_and_a_note_is_written_in_it(clinic, brief, begin, administrator):
    assert brief.layout == [
        {"key": "focus", "label": "Focus", "hint": "What the session was about.", "required": False},
        {"key": "agreed", "label": "Agreed", "hint": "", "required": True},
    ]
    assert [each.name for each in formats.offered(clinic)] == ["SOAP", "DAP", "BIRP", "GIRP", "Brief contact"]
    note = begin(brief, sections={"focus": "Rent."})
    assert (labels(note), note.format_name, note.format_title) == (
        ["Focus", "Agreed"],
        "Brief contact",
        "Brief contact, version 1",
    )
    assert AuditEntry.objects.filter(act="counseling.make_format", subject_id=brief.pk).exists()
    format_making.make(clinic=clinic, name="Errand", sections=FOCUS, by=administrator)


def test_a_used_format_is_changed_by_a_next_version_and_old_notes_keep_theirs(
    clinic, brief, begin, supervisor, counselor
):
    note = begin(brief, sections={"focus": "Rent.", "agreed": "Call the landlord."})
    signing.sign(note=note, by=counselor)
    said = [Section("Topic", key="focus"), Section("Next step")]
    second = format_making.change(row=brief, name="Short contact", sections=said, by=supervisor)
    note = SessionNote.objects.get(pk=note.pk)
    assert (second.version, second.code, second.is_offered) == (2, brief.code, True)
    assert [part["key"] for part in second.layout] == ["focus", "next_step"]
    assert (labels(note), note.format_title) == (["Focus", "Agreed"], "Brief contact, version 1")
    assert signing.verify(note).unchanged
    assert [each.name for each in formats.offered(clinic) if each.own] == ["Short contact"]
    later = begin(second)
    assert (labels(later), later.format_title) == (["Topic", "Next step"], "Short contact, version 2")
    assert dict(formats.names(clinic))[brief.code] == "Short contact"


def test_a_format_that_nobody_wrote_in_is_changed_in_place(brief, supervisor):
    again = format_making.change(row=brief, name="Brief contact", sections=FOCUS[:1], by=supervisor)
    assert (again.pk, again.version, len(again.layout)) == (brief.pk, 1, 1)
    assert NoteFormat.objects.count() == 1


def test_to_change_nothing_makes_no_version(brief, begin, supervisor):
    begin(brief)
    same = [Section(**{name: part[name] for name in ("label", "hint", "required", "key")}) for part in brief.layout]
    assert format_making.change(row=brief, name=brief.name, sections=same, by=supervisor) == brief
    assert NoteFormat.objects.count() == 1


def test_two_people_change_one_format_and_the_second_is_told(brief, begin, supervisor, administrator):
    seen = NoteFormat.objects.get(pk=brief.pk)
    format_making.change(row=brief, name="Brief contact", sections=FOCUS[:1], by=supervisor)
    with pytest.raises(format_making.ChangedMeanwhile):
        format_making.change(row=seen, name="Mine", sections=FOCUS, by=administrator)
    now = NoteFormat.objects.get(pk=brief.pk)
    begin(now)
    format_making.change(row=now, name="Brief contact", sections=FOCUS, by=supervisor)
    with pytest.raises(format_making.ChangedMeanwhile):
        format_making.change(row=now, name="Mine", sections=FOCUS, by=administrator)


def test_a_retired_format_is_offered_no_more_and_its_draft_can_still_be_finished(
    clinic, brief, begin, supervisor, counselor
):
    draft = begin(brief)
    format_making.retire(row=brief, by=supervisor)
    assert not [each for each in formats.offered(clinic) if each.own]
    with pytest.raises(notes.UnknownFormat):
        begin(brief)
    notes.save_draft(note=draft, version=1, by=counselor, sections={"focus": "Rent.", "agreed": "Call."})
    signing.sign(note=SessionNote.objects.get(pk=draft.pk), by=counselor)
    format_making.offer_again(row=brief, by=supervisor)
    assert [each.name for each in formats.offered(clinic) if each.own] == ["Brief contact"]


def test_a_name_means_one_format(clinic, brief, supervisor):
    for name in ("brief CONTACT", "soap", " BIRP "):
        with pytest.raises(format_making.FormatNameTaken):
            format_making.make(clinic=clinic, name=name, sections=FOCUS, by=supervisor)
    format_making.retire(row=brief, by=supervisor)
    other = format_making.make(clinic=clinic, name="Brief contact", sections=FOCUS, by=supervisor)
    assert other.code != brief.code
    with pytest.raises(format_making.FormatNameTaken):
        format_making.offer_again(row=brief, by=supervisor)


@pytest.mark.parametrize(
    ("name", "sections"),
    [
        ("", FOCUS),
        ("Empty", []),
        ("Nameless", [Section(" ")]),
        ("Twice", [Section("Focus"), Section("focus ")]),
        ("Long", [Section("x" * 61)]),
        ("Many", [Section(f"Part {number}") for number in range(13)]),
    ],
)
def test_what_is_no_format_is_refused(clinic, supervisor, name, sections):
    with pytest.raises(format_making.FormatIncomplete):
        format_making.make(clinic=clinic, name=name, sections=sections, by=supervisor)
    assert not NoteFormat.objects.exists()


def test_keys_are_made_for_any_words(clinic, supervisor):
    said = [Section("1. Was ist neu?"), Section("家庭"), Section("Plan!"), Section("Plan?")]
    row = format_making.make(clinic=clinic, name="Ähnlich", sections=said, by=supervisor)
    assert [part["key"] for part in row.layout] == ["part_1_was_ist_neu", "part", "plan", "plan_2"]


def test_a_format_is_for_the_kinds_of_session_that_it_names(clinic, begin, supervisor, counselor):
    row = format_making.make(
        clinic=clinic, name="Family contact", sections=FOCUS, by=supervisor, kinds=["couple", "family"]
    )
    assert (row.kinds, row.fits) == (["family", "couple"], "Family session, couple session")
    assert [each.name for each in formats.offered(clinic, "individual")] == ["SOAP", "DAP", "BIRP", "GIRP"]
    assert "Family contact" in [each.name for each in formats.offered(clinic, "couple")]
    note = begin(row)
    assert note.modality == "family"
    with pytest.raises(formats.NotForThisKind):
        begin(row, modality="individual")
    with pytest.raises(IntegrityError, match="kind of session"), refused():
        SessionNote.objects.filter(pk=note.pk).update(modality="crisis")


def test_a_note_is_signed_only_with_what_its_format_asks_for(brief, begin, counselor):
    note = begin(brief, sections={"focus": "Rent.", "agreed": " \n"})
    with pytest.raises(formats.SectionsEmpty, match="Agreed"):
        signing.sign(note=note, by=counselor)
    with pytest.raises(IntegrityError, match="asks for is empty"), refused():
        SessionNote.objects.filter(pk=note.pk).update(signed_at=note.started_at, signed_by=counselor)
    notes.save_draft(note=note, version=1, by=counselor, sections={"agreed": "Call the landlord."})
    signing.sign(note=note, by=counselor)


def test_nobody_but_supervisors_and_administrators_makes_formats(
    clinic, brief, counselor, intake, medical, privacy_officer, make_staff, other_clinic
):
    theirs = make_staff("supervisor", clinic=other_clinic)
    for person in (counselor, intake, medical, privacy_officer, theirs):
        with pytest.raises(NotPermitted):
            format_making.make(clinic=clinic, name="Mine", sections=FOCUS, by=person)
        with pytest.raises(NotPermitted):
            format_making.change(row=brief, name="Mine", sections=FOCUS, by=person)
        for verb in (format_making.retire, format_making.offer_again):
            with pytest.raises(NotPermitted):
                verb(row=brief, by=person)
    assert list(NoteFormat.objects.values_list("name", "is_offered")) == [("Brief contact", True)]


# The database


def test_the_database_keeps_a_version_that_notes_are_written_in(brief, begin):
    NoteFormat.objects.filter(pk=brief.pk).update(name="Quick contact")
    begin(NoteFormat.objects.get(pk=brief.pk))
    row = NoteFormat.objects.filter(pk=brief.pk)
    for change in ({"name": "x"}, {"layout": [{"key": "a", "label": "A"}]}, {"kinds": ["crisis"]}, {"version": 7}):
        with pytest.raises(DatabaseError, match="UPDATE refused"), refused():
            row.update(**change)
    with as_owner(), pytest.raises(DatabaseError), refused():
        row._raw_delete("default")
    row.update(is_offered=False)


@pytest.mark.parametrize(
    "layout",
    [
        {},
        [],
        ["focus"],
        [{"key": "focus"}],
        [{"key": "Focus", "label": "Focus"}],
        [{"key": "focus", "label": "  "}],
        [{"key": "focus", "label": "Focus", "required": "yes"}],
        [{"key": "focus", "label": "Focus", "script": "x"}],
        [{"key": "focus", "label": "Focus"}, {"key": "focus", "label": "Again"}],
    ],
)
def test_the_database_refuses_what_is_no_list_of_sections(clinic, layout):
    with pytest.raises(IntegrityError, match="note_format_layout_is_whole"), refused():
        NoteFormat.objects.create(clinic=clinic, code="x", name="X", layout=layout)


def test_the_database_refuses_a_second_name_code_or_version(clinic, brief):
    said = {"clinic": clinic, "layout": brief.layout}
    for fields, name in (
        ({"code": "y", "name": "BRIEF contact"}, "note_format_name_offered_once"),
        ({"code": brief.code, "name": "Y", "version": 2}, "note_format_offered_in_one_version"),
        ({"code": brief.code, "name": "Y", "is_offered": False}, "note_format_version_once"),
        ({"code": "soap", "name": "Y"}, "note_format_code_is_no_shipped_one"),
        ({"code": "y", "name": " "}, "note_format_has_a_name"),
        ({"code": "y", "name": "Y", "kinds": ["chat"]}, "note_format_kinds_exist"),
        ({"code": "y", "name": "Y", "version": 0}, "note_format_version_from_1"),
    ):
        with pytest.raises(IntegrityError, match=name), refused():
            NoteFormat.objects.create(**said, **fields)


def test_a_note_is_in_a_format_of_its_own_clinic_and_in_its_sections(brief, begin, other_clinic, client_record):
    note = begin(brief)
    theirs = NoteFormat.objects.create(clinic=other_clinic, code=brief.code, name="Theirs", layout=brief.layout)
    for change in ({"own_format": theirs}, {"layout": [{"key": "a", "label": "A"}]}, {"format": "dap"}):
        with pytest.raises(IntegrityError, match="not written in format"), refused():
            SessionNote.objects.filter(pk=note.pk).update(**change)
    with pytest.raises(IntegrityError, match="note_format_is_shipped_or_own"), refused():
        SessionNote.objects.filter(pk=note.pk).update(own_format=None)


def test_another_clinics_format_is_not_used(other_clinic, client_record, episode, counselor, make_staff):
    theirs = format_making.make(
        clinic=other_clinic, name="Theirs", sections=FOCUS, by=make_staff("supervisor", clinic=other_clinic)
    )
    with pytest.raises(notes.UnknownFormat):
        notes.start(client=client_record, episode=episode, by=counselor, format=theirs.code)
    assert theirs.code not in dict(formats.names(client_record.clinic))
