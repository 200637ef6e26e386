"""A medical need that was decided is met only by a level and a program that say so; anything else has a reason.

The one owner of “can this level and program meet this need” is cases.medical_needs.shortfall; decisions, admissions,
changes of level, transfers, offers and reviews all ask it. What somebody needs now is cases.medical_standings.standing.
"""

import datetime
import html
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from cases import assessments, levels
from cases.episodes import admissions, continued_stay_reviews
from cases.intake import inquiries, offers
from cases.medical import medical_needs
from cases.medical.medical_needs import UnmetNeed, shortfall
from cases.models import Client, LevelOfCareAssessment, MedicalEvaluation
from staff.models import Program, StaffMember
from staff.models.clinic import CriteriaEdition, MedicalIntensity, Setting
from staff.refusals import NotPermitted
from tests import factories
from tests.ownership import as_owner

D = datetime.date
M, S = MedicalIntensity, Setting
NOW = datetime.datetime(2026, 5, 20, 16, tzinfo=datetime.UTC)
TODAY = D(2026, 5, 20)
WHY = "Their physician comes at six and sees them through the night."


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def low(clinic: Any) -> Program:
    return factories.ProgramFactory(
        clinic=clinic, name="Half-way house", setting=S.RESIDENTIAL, level_code="3.1", medical_intensity=M.EVALUATION
    )


@pytest.fixture
def managed(clinic: Any) -> Program:
    return factories.ProgramFactory(
        clinic=clinic, name="Detox", setting=S.RESIDENTIAL, level_code="3.7", medical_intensity=M.MANAGED
    )


def decided(client: Client, by: StaffMember, medical: int = M.MANAGED, **more: Any) -> LevelOfCareAssessment:
    row = assessments.record(client=client, by=by)
    given = {"setting": S.RESIDENTIAL, "medical": medical, "reason": "CIWA-Ar is 20.", "by": by, **more}
    return assessments.decide(assessment=row, **given)


def admit(client: Client, program: Program, by: StaffMember, level: str = "", **more: Any) -> Any:
    given = {"level_of_care": level or program.level_code, "admitted_on": TODAY, "by": by, **more}
    return admissions.admit(client=client, program=program, **given)


# --- what levels and programs can give


@pytest.mark.parametrize(
    ("code", "edition", "most"),
    [
        *((code, CriteriaEdition.THIRD, M.EVALUATION) for code in ("1", "1-WM", "2.1", "2.5", "2-WM", "3.1", "3.3")),
        *((code, CriteriaEdition.THIRD, M.EVALUATION) for code in ("3.5", "3.2-WM")),
        *((code, CriteriaEdition.THIRD, M.MANAGED) for code in ("3.7", "3.7-WM")),
        *((code, CriteriaEdition.THIRD, M.EMERGENCY) for code in ("4", "4-WM")),
        ("0.5", CriteriaEdition.THIRD, M.NONE),
        ("1.0", CriteriaEdition.FOURTH, M.NONE),
        *((code, CriteriaEdition.FOURTH, M.EVALUATION) for code in ("1.5", "1.7", "2.1", "2.5", "2.7", "3.1", "3.5")),
        ("3.7", CriteriaEdition.FOURTH, M.MANAGED),
        ("4", CriteriaEdition.FOURTH, M.EMERGENCY),
    ],
)
def test_what_medical_care_a_level_can_give(code: str, edition: CriteriaEdition, most: M) -> None:
    assert levels.LEVELS[edition][code].medical == most


def test_every_level_says_what_it_gives() -> None:
    for edition in CriteriaEdition:
        for level in levels.LEVELS[edition].values():
            assert isinstance(level.medical, M)
            assert (level.medical >= M.MANAGED) == (level.code.startswith(("3.7", "4")))


_LEVELS = st.sampled_from([each for edition in CriteriaEdition for each in levels.LEVELS[edition].values()])


@given(_LEVELS, st.sampled_from(M), st.sampled_from(M))
def test_both_the_level_and_the_program_have_to_give_it(level: levels.Level, gives: M, need: M) -> None:
    lacks = shortfall(need=need, level=level, program=Program(name="Example", medical_intensity=gives))
    assert bool(lacks) == (min(level.medical, gives) < need)


# --- where a level or a program is chosen


def test_twenty_points_decided_for_3_5_and_admitted_at_3_1_is_refused_twice(
    client_record: Client, low: Program, counselor: StaffMember, supervisor: StaffMember
) -> None:
    with pytest.raises(UnmetNeed, match=r"Level 3\.5 .* provides no 24-hour medical care"):
        decided(client_record, counselor, level_code="3.5")
    row = decided(client_record, supervisor, level_code="3.5", unmet_need_reason=WHY)
    assert row.unmet_need_reason == WHY
    with pytest.raises(UnmetNeed, match=r"Level 3\.1 .* provides no 24-hour medical care"):
        admit(client_record, low, counselor, assessment=row)
    with pytest.raises(UnmetNeed):
        admit(client_record, low, counselor, assessment=row, unmet_need_reason="I would rather")
    episode = admit(client_record, low, supervisor, assessment=row, unmet_need_reason=WHY)
    assert episode.level_of_care_periods.get().unmet_need_reason == WHY


def test_a_level_and_program_that_give_it_need_no_reason(
    client_record: Client, managed: Program, counselor: StaffMember
) -> None:
    row = decided(client_record, counselor, level_code="3.7", program=managed)
    period = admit(client_record, managed, counselor, assessment=row).level_of_care_periods.get()
    assert (period.unmet_need_reason, period.assessment) == ("", row)


def test_a_level_that_could_in_a_program_that_does_not(
    client_record: Client, low: Program, managed: Program, counselor: StaffMember
) -> None:
    row = decided(client_record, counselor)
    with pytest.raises(UnmetNeed, match="Half-way house provides no 24-hour medical care"):
        admit(client_record, low, counselor, level="3.7", assessment=row)
    with pytest.raises(UnmetNeed, match=r"Level 3\.5"):
        admit(client_record, managed, counselor, level="3.5", assessment=row)


def test_the_need_counts_also_where_nobody_names_the_assessment(
    client_record: Client, low: Program, counselor: StaffMember
) -> None:
    decided(client_record, counselor)
    with pytest.raises(UnmetNeed):
        admit(client_record, low, counselor)


@pytest.mark.parametrize(
    ("setting", "medical", "refused"),
    [
        (S.OUTPATIENT, M.EVALUATION, False),
        (S.OUTPATIENT, M.MANAGED, True),
        (S.INTENSIVE, M.MANAGED, True),
        (S.RESIDENTIAL, M.MANAGED, False),
        (S.RESIDENTIAL, M.EMERGENCY, True),
        (S.HOSPITAL, M.EMERGENCY, False),
    ],
)
def test_a_setting_that_has_no_such_level_cannot_meet_it(
    client_record: Client, counselor: StaffMember, setting: S, medical: M, refused: bool
) -> None:
    if refused:
        with pytest.raises(UnmetNeed):
            decided(client_record, counselor, medical, setting=setting)
    else:
        assert decided(client_record, counselor, medical, setting=setting).unmet_need_reason == ""


def test_what_a_supervisor_said_when_deciding_holds_for_that_level_and_program_alone(
    client_record: Client, clinic: Any, low: Program, counselor: StaffMember, supervisor: StaffMember
) -> None:
    decided(client_record, supervisor, level_code="3.1", program=low, unmet_need_reason=WHY)
    other = factories.ProgramFactory(clinic=clinic, name="Other house", setting=S.RESIDENTIAL, level_code="3.1")
    with pytest.raises(UnmetNeed):
        admit(client_record, other, counselor)
    assert admit(client_record, low, counselor).level_of_care_periods.get().unmet_need_reason == WHY


def test_a_change_of_level_and_a_transfer_meet_the_need_or_have_a_reason(
    client_record: Client, low: Program, managed: Program, counselor: StaffMember, supervisor: StaffMember, clock: Any
) -> None:
    episode = admit(client_record, managed, counselor, assessment=decided(client_record, counselor))
    clock.shift(datetime.timedelta(hours=6))
    now = NOW + datetime.timedelta(hours=6)
    change = {"episode": episode, "starts_at": now, "reason": "A bed is needed"}
    with pytest.raises(UnmetNeed):
        admissions.change_level_of_care(**change, level_of_care="3.5", by=counselor)
    with pytest.raises(UnmetNeed):
        admissions.change_level_of_care(**change, level_of_care="3.1", program=low, by=counselor)
    episode.refresh_from_db()
    assert episode.program == managed
    period = admissions.change_level_of_care(
        **change, level_of_care="3.1", program=low, unmet_need_reason=WHY, by=supervisor
    )
    assert period.unmet_need_reason == WHY


def test_an_offer_of_a_place_meets_the_need_or_has_a_supervisors_reason(
    client_record: Client, low: Program, managed: Program, intake: StaffMember, supervisor: StaffMember, counselor: Any
) -> None:
    call = inquiries.take(by=intake, given_name="Robin")
    call = inquiries.link(inquiry=call, client=client_record, by=intake)
    decided(client_record, counselor)
    with pytest.raises(UnmetNeed, match=r"Level 3\.1"):
        offers.offer(inquiry=call, program=low, by=intake)
    with pytest.raises(UnmetNeed):
        offers.offer(inquiry=call, program=low, by=intake, reason="They live nearby")
    assert offers.offer(inquiry=call, program=managed, by=intake).program == managed
    assert offers.offer(inquiry=call, program=low, by=supervisor, reason=WHY).stage_reason == WHY


def test_a_stay_goes_on_only_where_it_meets_the_need(
    client_record: Client, low: Program, counselor: StaffMember, supervisor: StaffMember, clock: Any
) -> None:
    episode = admit(client_record, low, counselor)
    clock.shift(datetime.timedelta(hours=1))
    decided(client_record, counselor)
    goes_on = {"episode": episode, "outcome": "continue", "reason": "Still fits"}
    with pytest.raises(UnmetNeed):
        continued_stay_reviews.record(**goes_on, by=counselor)
    assert (
        continued_stay_reviews.record(
            episode=episode, outcome="change", reason="Needs 3.7", by=counselor
        ).unmet_need_reason
        == ""
    )
    assert continued_stay_reviews.record(**goes_on, unmet_need_reason=WHY, by=supervisor).unmet_need_reason == WHY


# --- on the pages


def words(answer: Any) -> str:
    return html.unescape(" ".join(answer.content.decode().split()))


def test_the_form_of_an_admission_says_what_lacks_and_keeps_what_was_typed(
    client_record: Client, low: Program, counselor: StaffMember, supervisor: StaffMember, signed_in: Any
) -> None:
    decided(client_record, counselor)
    page = reverse("cases:admit", args=[client_record.pk])
    sent = {"program": low.pk, "level_of_care": "3.1", "admitted_on": "2026-05-20"}
    refused = signed_in(counselor).post(page, sent)
    assert refused.status_code == 422
    assert "provides no 24-hour medical care. Decided: 24-hour medical care." in words(refused)
    assert 'name="unmet_need_reason"' not in words(refused), "their reason would not be enough"
    assert '<option value="3.1" selected>' in words(refused)
    browser = signed_in(supervisor)
    assert 'name="unmet_need_reason"' in words(browser.post(page, sent))
    browser.post(page, {**sent, "unmet_need_reason": WHY})
    assert client_record.episodes.get().level_of_care_periods.get().unmet_need_reason == WHY
    assert WHY in words(browser.get(reverse("cases:episodes", args=[client_record.pk])))


def test_the_pages_of_a_change_a_review_and_an_offer_say_it_too(
    client_record: Client,
    low: Program,
    managed: Program,
    counselor: StaffMember,
    supervisor: StaffMember,
    intake: StaffMember,
    signed_in: Any,
    clock: Any,
) -> None:
    episode = admit(client_record, low, counselor)
    clock.shift(3600)
    decided(client_record, counselor)
    lacks = "provides no 24-hour medical care"
    browser = signed_in(supervisor)
    change = {"level_of_care": "3.5", "starts_at": "2026-05-20T12:30", "reason": "A bed"}
    page = reverse("cases:change_level", args=[client_record.pk, episode.pk])
    assert lacks in words(browser.post(page, change))
    review = reverse("cases:review_stay", args=[client_record.pk, episode.pk])
    goes_on = {"outcome": "continue", "reason": "Fits", "next_review_on": "2026-05-27"}
    assert lacks in words(browser.post(review, goes_on))
    browser.post(review, {**goes_on, "unmet_need_reason": WHY})
    assert WHY in words(browser.get(reverse("cases:episodes", args=[client_record.pk])))
    call = inquiries.take(by=intake, given_name="Robin")
    call = inquiries.link(inquiry=call, client=client_record, by=intake)
    offer = {"program": low.pk, "lapses_on": "2026-05-22"}
    desk = signed_in(intake)
    assert lacks in words(desk.post(reverse("cases:inquiry_offer", args=[call.pk]), offer))
    moved = desk.post(reverse("cases:inquiry_move", args=[call.pk]), {"stage": "offered", "program": low.pk})
    assert lacks in words(moved)
    assert not type(call).objects.filter(stage="offered").exists()


# --- what the need is by now


def test_a_later_decision_and_an_evaluation_say_what_is_still_needed(
    client_record: Client, low: Program, counselor: StaffMember, medical: StaffMember, clock: Any
) -> None:
    row = decided(client_record, counselor)
    clock.shift(60)
    medical_needs.record_evaluation(
        assessment=row, found="CIWA-Ar 4 after two days.", done="Tapered.", need=M.NONE, by=medical
    )
    assert admit(client_record, low, counselor, assessment=row).level_of_care_periods.get().unmet_need_reason == ""
    clock.shift(60)
    decided(client_record, counselor)
    standing = medical_needs.standing(client_record)
    assert standing is not None
    assert standing.need == M.MANAGED


def test_a_need_that_nobody_looked_into_for_months_stands_no_more(
    client_record: Client, low: Program, counselor: StaffMember, clock: Any
) -> None:
    row = decided(client_record, counselor)
    clock.shift(datetime.timedelta(days=91))
    assert medical_needs.standing(client_record) is None
    with pytest.raises(UnmetNeed):  # an admission that rests on it still does
        admit(client_record, low, counselor, assessment=row, admitted_on=TODAY)


def test_a_need_found_on_the_call_holds_admission_and_offer_after_a_decision_of_none(
    client_record: Client, low: Program, counselor: StaffMember, medical: StaffMember, intake: StaffMember, clock: Any
) -> None:
    call = inquiries.take(by=intake, given_name="Robin", danger_signs=["withdrawal"])
    call = inquiries.link(inquiry=call, client=client_record, assigned_to=counselor, by=intake)
    clock.shift(60)
    row = decided(client_record, counselor, M.NONE)
    clock.shift(60)
    medical_needs.record_evaluation(inquiry=call, found="CIWA-Ar 20.", done="Called.", need=M.MANAGED, by=medical)
    standing = medical_needs.standing(client_record)
    assert standing is not None
    assert (standing.need, standing.inquiry) == (M.MANAGED, call)
    with pytest.raises(UnmetNeed):
        admit(client_record, low, counselor, assessment=row, inquiry=call)
    with pytest.raises(UnmetNeed):
        offers.offer(inquiry=call, program=low, by=intake)
    clock.shift(60)
    medical_needs.record_evaluation(inquiry=call, found="CIWA-Ar 4.", done="Seen.", need=M.NONE, by=medical)
    admit(client_record, low, counselor, assessment=row, inquiry=call)


def test_a_need_found_on_a_call_holds_with_no_decision_at_all(
    client_record: Client, low: Program, counselor: StaffMember, medical: StaffMember, intake: StaffMember, clock: Any
) -> None:
    call = inquiries.take(by=intake, given_name="Robin", danger_signs=["withdrawal"])
    medical_needs.record_evaluation(inquiry=call, found="CIWA-Ar 20.", done="Called.", need=M.MANAGED, by=medical)
    other = inquiries.take(by=intake, given_name="Kit")
    with pytest.raises(UnmetNeed):  # nobody's client yet
        offers.offer(inquiry=call, program=low, by=intake)
    offers.offer(inquiry=other, program=low, by=intake)
    assert medical_needs.standing(client_record) is None
    call = inquiries.link(inquiry=call, client=client_record, assigned_to=counselor, by=intake)
    with pytest.raises(UnmetNeed):
        admit(client_record, low, counselor, inquiry=call)
    clock.shift(60)
    decided(client_record, counselor, M.NONE)
    standing = medical_needs.standing(client_record)
    assert standing is not None
    assert standing.need == M.NONE, "a later decision takes its place"


def test_the_assessment_shows_what_was_found_on_the_call_that_led_to_it(
    client_record: Client, counselor: StaffMember, medical: StaffMember, intake: StaffMember, signed_in: Any
) -> None:
    call = inquiries.take(by=intake, given_name="Robin", danger_signs=["withdrawal"])
    medical_needs.record_evaluation(inquiry=call, found="CIWA-Ar 20.", done="Called.", need=M.MANAGED, by=medical)
    call = inquiries.link(inquiry=call, client=client_record, assigned_to=counselor, by=intake)
    row = assessments.record(client=client_record, inquiry=call, by=counselor)
    other = assessments.record(client=client_record, by=counselor)
    browser = signed_in(counselor)
    for decide in (False, True):
        if decide:
            for each in (row, other):
                assessments.decide(assessment=each, setting=3, medical=0, reason="Asked.", by=counselor)
        shown = words(browser.get(reverse("cases:assessment", args=[client_record.pk, row.pk])))
        assert "CIWA-Ar 20." in shown
        assert "still needed: 24-hour medical care" in shown
        assert "CIWA-Ar 20." not in words(browser.get(reverse("cases:assessment", args=[client_record.pk, other.pk])))


def test_without_the_right_to_read_notes_only_who_when_and_what_is_needed_is_told(
    client_record: Client, counselor: StaffMember, supervisor: StaffMember, medical: StaffMember, intake: StaffMember,
    signed_in: Any,
) -> None:  # fmt: skip
    """Intake opens both pages, and reads no clinical text (45 CFR 164.502(b))."""
    call = inquiries.take(by=intake, given_name="Robin", danger_signs=["withdrawal"])
    secret = {"found": "Hepatitis C, liver failing.", "done": "Chlordiazepoxide taper begun."}
    medical_needs.record_evaluation(inquiry=call, **secret, need=M.MANAGED, by=medical)
    call = inquiries.link(inquiry=call, client=client_record, assigned_to=counselor, by=intake)
    row = assessments.record(client=client_record, inquiry=call, by=counselor)
    pages = [reverse("cases:inquiry", args=[call.pk]), reverse("cases:assessment", args=[client_record.pk, row.pk])]
    others = [
        reverse("cases:inquiry_edit", args=[call.pk]),
        reverse("desk:chart", args=[client_record.pk]),
        reverse("desk:today"),
        reverse("cases:inquiries"),
    ]
    for decide in (False, True):
        if decide:
            assessments.decide(assessment=row, setting=3, medical=0, reason="Asked.", by=counselor)
            medical_needs.record_evaluation(assessment=row, **secret, need=M.MANAGED, by=medical)
        for address in pages:
            for reader in (counselor, supervisor, medical):
                shown = words(signed_in(reader).get(address))
                assert secret["found"] in shown
                assert secret["done"] in shown
            shown = words(signed_in(intake).get(address))
            assert "Medical evaluation, May 20, 2026" in shown
            assert medical.signature_name in shown
            assert "still needed: 24-hour medical care" in shown
        for address in (*pages, *others):
            answer = signed_in(intake).get(address)
            assert answer.status_code == 200
            for hidden in ("Hepatitis", "Chlordiazepoxide", "Findings:", "Actions taken:"):
                assert hidden not in words(answer)


def test_an_evaluation_renews_a_need_that_was_decided_long_ago(
    client_record: Client, low: Program, counselor: StaffMember, medical: StaffMember, clock: Any
) -> None:
    row = decided(client_record, counselor)
    clock.shift(datetime.timedelta(days=60))
    medical_needs.record_evaluation(assessment=row, found="A", done="B", need=M.MANAGED, by=medical)
    clock.shift(datetime.timedelta(days=60))
    standing = medical_needs.standing(client_record)
    assert standing is not None
    assert standing.need == M.MANAGED
    with pytest.raises(UnmetNeed):
        admit(client_record, low, counselor)
    clock.shift(datetime.timedelta(days=31))
    assert medical_needs.standing(client_record) is None


def test_who_evaluates_and_what_they_say(
    client_record: Client, counselor: StaffMember, supervisor: StaffMember, medical: StaffMember, other_clinic: Any
) -> None:
    row = decided(client_record, counselor)
    said = {"assessment": row, "found": "Alert.", "done": "Seen at noon.", "need": M.NONE}
    for by in (counselor, supervisor, factories.StaffMemberFactory(clinic=other_clinic, role="medical")):
        with pytest.raises(NotPermitted):
            medical_needs.record_evaluation(**said, by=by)
    with pytest.raises(medical_needs.WhatWasFound):
        medical_needs.record_evaluation(**{**said, "found": " "}, by=medical)
    evaluation = medical_needs.record_evaluation(**said, by=medical)
    assert (evaluation.by, evaluation.at) == (medical, NOW)
    assert list(MedicalEvaluation.objects.visible_to(counselor)) == [evaluation]
    assert not MedicalEvaluation.objects.visible_to(
        factories.StaffMemberFactory(clinic=other_clinic, role="medical")
    ).exists()


def test_a_form_that_was_sent_twice_is_one_evaluation(
    client_record: Client, counselor: StaffMember, medical: StaffMember, clock: Any
) -> None:
    said = {"assessment": decided(client_record, counselor), "found": "A", "done": "B", "need": 0, "by": medical}
    first = medical_needs.record_evaluation(**said)
    clock.shift(5)
    assert medical_needs.record_evaluation(**said) == first
    clock.shift(120)
    assert medical_needs.record_evaluation(**said) != first


def test_what_was_evaluated_stands(client_record: Client, counselor: StaffMember, medical: StaffMember) -> None:
    row = decided(client_record, counselor)
    evaluation = medical_needs.record_evaluation(assessment=row, found="A", done="B", need=0, by=medical)
    with as_owner(), pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        MedicalEvaluation.objects.update(found="C")
    with as_owner(), pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        evaluation.delete()
    for wrong, rule in (
        ({"assessment": None}, "evaluation_is_about_something"),
        ({"found": " "}, "evaluation_says_found_and_done"),
        ({"done": ""}, "evaluation_says_found_and_done"),
        ({"need": 9}, "evaluation_need_is_known"),
    ):
        facts = {"assessment": row, "found": "A", "done": "B", "need": 0, "at": NOW, "by": medical, **wrong}
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            MedicalEvaluation.objects.create(**facts)


def test_only_a_decided_need_is_unmet(client_record: Client, counselor: StaffMember) -> None:
    row = decided(client_record, counselor, M.NONE)
    with pytest.raises(IntegrityError, match="unmet_need_was_decided"), transaction.atomic():
        LevelOfCareAssessment.objects.filter(pk=row.pk).update(unmet_need_reason="Why")
