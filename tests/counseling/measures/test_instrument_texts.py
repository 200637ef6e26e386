"""A clinic installs item text under its own license; item text never changes the scoring."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from counseling import measures
from counseling.codes import Instrument
from counseling.instruments import FORMS
from counseling.measures import instrument_texts, item_text
from counseling.models import InstrumentText, Measure
from staff.refusals import NotPermitted
from tests.counseling.signing.test_attacks import WAYS, now
from tests.ownership import as_owner

from .test_measure_pages import fake_words

pytestmark = pytest.mark.django_db
COWS = Instrument.COWS


def at(name, *args):
    return reverse(f"counseling:{name}", args=args)


def file_of(**changes: Any) -> dict[str, Any]:
    """A file of made-up words for the COWS, with some parts changed."""
    return {**json.loads(instrument_texts.file_for(COWS, fake_words("cows"))), **changes}


def read(data: Any) -> list[str]:
    content = data if isinstance(data, bytes) else json.dumps(data).encode()
    return instrument_texts.read_file(COWS, content).faults


def test_installed_words_go_before_the_shipped_ones_and_only_in_their_own_clinic(clinic, other_clinic, supervisor):
    assert item_text.wording_for(clinic, "cows") is None
    assert item_text.wording_for(clinic, "phq-9").source.startswith("Pfizer")
    for instrument in (COWS, Instrument.PHQ9):
        text = instrument_texts.install(instrument=instrument, words=fake_words(instrument.value), by=supervisor)
        shown = item_text.wording_for(clinic, instrument.value)
        assert (shown.source, shown.text, shown.introduction) == ("Sample owner", text, "Sample introduction.")
        assert shown.items[0].text == "Sample question 1"
    assert item_text.wording_for(other_clinic, "cows") is None
    assert item_text.wording_for(other_clinic, "phq-9").source.startswith("Pfizer")


def test_an_answer_without_a_name_is_called_by_its_number_and_none_is_added(clinic, supervisor):
    instrument_texts.install(instrument=COWS, words=fake_words("cows"), by=supervisor)
    gooseflesh = item_text.wording_for(clinic, "cows").items[-1]
    assert gooseflesh.choices == ((0, "Sample answer"), (3, "3"), (5, "5"))
    words = fake_words("cows")
    words.items[-1]["answers"] = {"4": "Sample four"}
    with pytest.raises(Exception, match=r"4 isn’t a valid answer\. Valid answers: 0, 3, 5"):
        instrument_texts.install(instrument=COWS, words=words, by=supervisor, seen=1)


def test_whose_text_it_is_and_by_which_permission_must_be_said(supervisor):
    for name in ("edition", "source", "permission"):
        words = fake_words("cows")
        setattr(words, name, " ")
        with pytest.raises(instrument_texts.TextIncomplete):
            instrument_texts.install(instrument=COWS, words=words, by=supervisor)
    words = fake_words("cows")
    del words.items[3]
    with pytest.raises(instrument_texts.TextIncomplete, match="“pupils” has no text"):
        instrument_texts.install(instrument=COWS, words=words, by=supervisor)
    assert not InstrumentText.objects.exists()


def test_a_change_is_the_next_version_and_two_people_do_not_write_over_each_other(supervisor, administrator):
    first = instrument_texts.install(instrument=COWS, words=fake_words("cows"), by=supervisor)
    assert instrument_texts.install(instrument=COWS, words=fake_words("cows"), by=supervisor, seen=1) == first
    changed = fake_words("cows")
    changed.items[0]["text"] = "Sample question 1, put better"
    second = instrument_texts.install(instrument=COWS, words=changed, by=administrator, seen=1)
    assert (second.version, second.is_in_use) == (2, True)
    with pytest.raises(instrument_texts.ChangedMeanwhile):
        instrument_texts.install(instrument=COWS, words=changed, by=supervisor, seen=1)
    first.refresh_from_db()
    assert not first.is_in_use
    instrument_texts.use_again(text=first, by=supervisor)
    assert list(InstrumentText.objects.in_use()) == [first]
    instrument_texts.retire(text=first, by=supervisor)
    assert not InstrumentText.objects.in_use()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["source", "introduction"])
def test_a_version_stands_from_the_moment_it_is_installed(supervisor, way, name):
    instrument_texts.install(instrument=COWS, words=fake_words("cows"), by=supervisor)
    now()
    before = list(InstrumentText.objects.values())
    with (
        as_owner(),
        pytest.raises(DatabaseError, match=r"stands as it was installed|cannot be truncated"),
        transaction.atomic(),
    ):
        WAYS[way](InstrumentText.objects.all(), name, "Something else")
    assert list(InstrumentText.objects.values()) == before


def test_a_measure_takes_no_words_of_another_instrument_or_clinic(client_record, supervisor, make_staff, other_clinic):
    other = instrument_texts.install(instrument=Instrument.GAD7, words=fake_words("gad-7"), by=supervisor)
    theirs = instrument_texts.install(
        instrument=COWS, words=fake_words("cows"), by=make_staff("supervisor", clinic=other_clinic)
    )
    for text in (other, theirs):
        with pytest.raises(IntegrityError, match="of another instrument or clinic"), transaction.atomic():
            measures.record(
                client=client_record, instrument="cows", answers={"gi": 1}, by=supervisor,
                wording=item_text.wording_of(text),
            )  # fmt: skip
    assert not Measure.objects.exists()


def test_only_who_sets_up_measures_installs_words(counselor, medical, privacy_officer, administrator, signed_in):
    for person in (counselor, medical, privacy_officer):
        with pytest.raises(NotPermitted):
            instrument_texts.install(instrument=COWS, words=fake_words("cows"), by=person)
        assert signed_in(person).get(at("instruments")).status_code == 403
        assert signed_in(person).get(at("instrument_install", "cows")).status_code == 403
    assert signed_in(administrator).get(at("instruments")).status_code == 200


def test_a_file_that_the_page_offers_can_be_given_back():
    for instrument in Instrument:
        words = fake_words(instrument.value)
        reading = instrument_texts.read_file(instrument, instrument_texts.file_for(instrument, words).encode())
        assert reading.faults == []
        assert reading.words.edition == "Sample edition"
        assert [row["text"] for row in reading.words.items] == [row["text"] for row in words.items]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"items": [{"key": "fever", "text": "x"}]}, "Row 1: COWS has no question “fever”. Its questions are “pulse”"),
        ({"items": [{"key": "gooseflesh", "text": "x", "answers": {"4": "y"}}]},
         "Row 1: question “gooseflesh”: 4 isn’t a valid answer. Valid answers: 0, 3, 5"),
        ({"items": [{"key": "pulse", "text": " "}]}, "Row 1: question “pulse” has no text."),
        ({"items": [{"key": "pulse", "text": "x"}, {"key": "pulse", "text": "y"}]},
         "Row 2: question “pulse” is listed twice."),
        ({"items": ["pulse"]}, "Row 1: it must have"),
        ({"items": [{"key": "pulse", "text": "x", "score": 9}]}, "Row 1: question “pulse”: “score” isn’t a known"),
        ({"items": [{"key": "pulse", "text": "x" * 501}]}, "“text” must be text, up to 500 characters"),
        ({"items": [{"key": "pulse", "text": "x", "answers": ["a"]}]}, "“answers” must map each number to a label"),
        ({"items": {}}, "“items” must be a list"),
        ({"items": []}, "Missing row for “pulse”"),
        ({"scoring": "mine"}, "“scoring” isn’t a known field"),
        ({"edition": 5}, "“edition” must be text"),
    ],
)  # fmt: skip
def test_each_row_of_a_file_is_refused_with_its_own_sentence(changes, said):
    faults = read(file_of(**changes))
    assert faults[0].startswith(said) or said in faults[0]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[" * 100_000, b"key,text\n1,x", b"[]", b"x" * 200_001])
def test_what_is_no_such_file_is_refused(content):
    assert len(read(content)) == 1


def test_installing_by_the_form(clinic, supervisor, signed_in):
    browser = signed_in(supervisor)
    data = {"edition": "Sample edition", "source": "Sample owner", "permission": "Sample license", "seen": "0"}
    data |= {f"text_{n}": f"Sample question {n}" for n in range(1, 8)} | {"same_0": "Sample no", "same_3": "Sample yes"}
    incomplete = browser.post(at("instrument_install", "gad-7"), data | {"text_4": "", "source": ""})
    page = incomplete.content.decode()
    assert incomplete.status_code == 422
    assert "Enter the question text." in page
    assert "Sample question 7" in page
    assert not InstrumentText.objects.exists()
    own = data | {"answer_2_0": "Sample never"}
    browser.post(at("instrument_install", "gad-7"), own)
    shown = item_text.wording_for(clinic, "gad-7")
    assert shown.items[0].choices == (
        (0, "Sample no"), (1, "Several days"), (2, "More than half the days"), (3, "Sample yes")
    )  # fmt: skip
    assert shown.items[1].choices[0] == (0, "Sample never")
    again = browser.get(at("instrument_install", "gad-7")).context["form"]
    assert (again["text_7"].value(), again["seen"].value()) == ("Sample question 7", 1)
    stale = browser.post(at("instrument_install", "gad-7"), own | {"text_1": "Sample other"})
    assert "installed a new version" in stale.content.decode()
    assert "Sample other" in stale.content.decode()


def test_a_file_fills_the_form_and_installs_nothing_by_itself(clinic, supervisor, signed_in):
    browser = signed_in(supervisor)
    content = browser.get(at("instrument_file", "cows")).content
    frame = json.loads(content)
    assert [row["key"] for row in frame["items"]] == list(FORMS[COWS].keys)
    upload = SimpleUploadedFile("cows.json", json.dumps(file_of()).encode())
    answer = browser.post(at("instrument_install", "cows"), {"then": "read", "file": upload})
    assert "File loaded, not saved yet." in answer.content.decode()
    assert answer.context["form"]["text_gooseflesh"].value() == "Sample question 11"
    assert not InstrumentText.objects.exists()
    broken = SimpleUploadedFile("cows.json", json.dumps(file_of(items=[{"key": "fever", "text": "x"}])).encode())
    refused = browser.post(at("instrument_install", "cows"), {"then": "read", "file": broken, "source": "Typed before"})
    assert refused.status_code == 422
    assert "COWS has no question “fever”" in refused.content.decode()
    nothing = browser.post(at("instrument_install", "cows"), {"then": "read"})
    assert nothing.status_code == 422


def test_reading_a_file_does_not_make_one_forget_which_version_was_on_the_page(supervisor, administrator, signed_in):
    browser, url = signed_in(supervisor), at("instrument_install", "cows")
    page = browser.get(url)
    assert page.content.decode().count('name="seen" value="0"') == 2, "the form, and the one for the file"
    instrument_texts.install(instrument=COWS, words=fake_words("cows"), by=administrator)
    upload = SimpleUploadedFile("cows.json", json.dumps(file_of(edition="Mine")).encode())
    filled = browser.post(url, {"then": "read", "file": upload, "seen": "0"}).context["form"]
    data = {each.name: each.value() or "" for each in filled}
    saved = browser.post(url, data)
    assert saved.status_code == 422
    assert "installed a new version" in saved.content.decode()
    assert InstrumentText.objects.get().edition == "Sample edition"
    assert "is active at a time" in page.content.decode()


def test_versions_are_looked_at_and_put_to_use_again(supervisor, signed_in):
    browser = signed_in(supervisor)
    first = instrument_texts.install(instrument=COWS, words=fake_words("cows"), by=supervisor)
    changed = fake_words("cows")
    changed.items[0]["text"] = "Sample question, put better"
    instrument_texts.install(instrument=COWS, words=changed, by=supervisor, seen=1)
    assert "put better" in browser.get(at("instrument", "cows")).content.decode()
    assert "put better" not in browser.get(at("instrument", "cows") + "?version=1").content.decode()
    browser.post(at("instrument_use", "cows"), {"version": "1"})
    assert InstrumentText.objects.in_use().get() == first
    browser.post(at("instrument_use", "cows"))
    assert not InstrumentText.objects.in_use().exists()
    assert browser.post(at("instrument_use", "cows")).status_code == 404
    assert browser.post(at("instrument_use", "cows"), {"version": "9" * 9}).status_code == 404
