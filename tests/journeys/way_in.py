"""The way in: the call, finding her again, the return to use, placement, admission."""

from __future__ import annotations

import datetime

import pytest

from cases import assessments, placement
from cases.episodes import admissions
from cases.intake import inquiries
from cases.intake.priority import CALL_BACK_HOURS
from cases.models import Client, Inquiry, LevelOfCareAssessment, Relapse, TreatmentEpisode
from cases.people import finding
from cases.recovery import relapses, sobriety
from staff.models.clinic import MedicalIntensity, Setting
from staff.refusals import NotPermitted

from .first_stay import ADMITTED, DISCHARGED
from .house import FirstStay, House

BORN = datetime.date(1988, 5, 14)
CALLED = datetime.date(2026, 3, 3)
FIRST_USE, LAST_USE, OVERDOSE = datetime.date(2026, 2, 20), datetime.date(2026, 3, 1), datetime.date(2026, 2, 27)
ASSESSED = datetime.date(2026, 3, 5)
ADMITTED_AGAIN = datetime.date(2026, 3, 6)


def her_mother_calls(house: House) -> Inquiry:
    """The line hears who calls, for whom, why, how things are now, and what a return call must not say."""
    now = house.it_is(CALLED, 10, 5)
    with pytest.raises(inquiries.NotSaidYet):
        inquiries.take(by=house.intake, relation="parent")
    inquiry = inquiries.take(
        by=house.intake,
        relation="parent",
        caller_name="A. Samplewood",
        given_name="Rozalin",
        family_name="Samplwood",
        birth_date=BORN,
        call_back_phone="518 555 0199",
        voicemail_ok=False,
        must_not_reveal="Her landlord picks up. Say only that the appointment desk called.",
        reason="She used again and nearly died on Friday. She wants to come back.",
        substances=["alcohol", "fentanyl"],
        days_since_last_use=2,
        costs_of_now="She does not sleep, and she is about to lose the flat.",
        benefits_of_now="For an hour the noise stops.",
        benefits_of_change="Her job, and her brother.",
        costs_of_change="Telling them at work.",
    )
    assert (inquiry.stage, inquiry.next_action) == ("new", "Call back")
    hours = CALL_BACK_HOURS.for_clinic(house.clinic)
    assert inquiry.next_action_at == now + datetime.timedelta(hours=hours)
    assert inquiry in Inquiry.objects.visible_to(house.intake).open()
    return inquiry


def she_is_found_again(house: House, inquiry: Inquiry, rosalind: Client, crowd: list[Client]) -> None:
    """By a name as it sounded on the phone and a birth date, first among hundreds, with the reasons; by nobody else."""
    asked = {"given_name": inquiry.given_name, "family_name": inquiry.family_name}
    assert Client.objects.visible_to(house.intake).count() == len(crowd) + 1 > 300
    best, *others = finding.likely(staff_member=house.intake, birth_date=inquiry.birth_date, **asked)
    assert best.client == rosalind
    assert best.likelihood in ("Likely", "Very likely")
    assert "same birth date" in best.reasons
    assert [reason for reason in best.reasons if reason.startswith("last name")]
    assert [reason for reason in best.reasons if reason.startswith("first name")]
    assert others, "people who are easily mistaken for her are offered too, below her"
    assert all(each.score < best.score for each in others)
    assert rosalind in [each.client for each in finding.likely(staff_member=house.intake, **asked)]
    by_phone = finding.search(staff_member=house.intake, text="518-555-0142")
    assert [each.client for each in by_phone] == [rosalind]
    everything = {**asked, "birth_date": BORN, "phone": "518 555 0142"}
    assert finding.likely(staff_member=house.strangers_intake, **everything) == []


def she_is_given_a_counselor(house: House, inquiry: Inquiry, rosalind: Client) -> Inquiry:
    """The call becomes a readmission: linked, screening, and from now on her counselor sees the chart."""
    assert not Client.objects.visible_to(house.counselor).filter(pk=rosalind.pk).exists()
    inquiry = inquiries.start_readmission(inquiry=inquiry, client=rosalind, counselor=house.counselor, by=house.intake)
    assert (inquiry.stage, inquiry.client, inquiry.assigned_to) == ("screening", rosalind, house.counselor)
    assert inquiry.next_action == "Assess placement"
    assert Client.objects.visible_to(house.counselor).get() == rosalind
    with pytest.raises(inquiries.OnlyByAdmission):
        inquiries.move(inquiry=inquiry, stage="admitted", by=house.intake)
    return inquiry


def she_tells_of_the_return_to_use(house: House, before: FirstStay) -> Relapse:
    """What happened, and what it taught: known triggers and strategies are recognized, new ones become her own."""
    house.it_is(ASSESSED, 9)
    rosalind, by = before.client, house.counselor
    relapse = relapses.record(
        client=rosalind,
        started_on=FIRST_USE,
        ended_on=LAST_USE,
        days_used=8,
        kind="relapse",
        substances=[
            {"substance": "alcohol", "route": "oral", "typical_amount": "a bottle of wine an evening"},
            {"substance": "fentanyl", "route": "smoking"},
        ],
        situations=["conflict", "positive_emotions"],
        primary_situation="conflict",
        triggers=["payday with nothing planned", "The notice from the landlord"],
        warning_signs=["I stop answering texts"],
        coping_tried=[("Call my sister before I leave work", "did_not"), ("Go to the noon meeting", "helped")],
        overdosed_on=OVERDOSE,
        naloxone_given=True,
        emergency_department=True,
        learned="The meeting held for a day. I did not go back the second day.",
        plan_change="Two meetings in a row, with somebody who expects me.",
        by=by,
    )
    assert relapse.episode is None, "it began after the discharge"
    assert relapse.situations == ["conflict", "positive_emotions"]
    assert {each.substance for each in relapse.substances.all()} == {"alcohol", "fentanyl"}
    assert before.triggers[0] in relapse.triggers.all(), "the same words are the same trigger"
    assert rosalind.trigger_set.count() == 3
    assert {each.strategy.wording: each.outcome for each in relapse.coping.all()} == {
        "Call my sister before I leave work": "did_not",
        "Go to the noon meeting": "helped",
    }
    now = sobriety.standing(rosalind, ASSESSED)
    assert (now.currently_using, now.last_use_date, now.recovery_days) == (False, LAST_USE, 3)
    well = (FIRST_USE - ADMITTED).days
    assert now.longest_streak == well, "the year before still counts"
    assert now.lifetime_recovery_days == well + 3
    with pytest.raises(relapses.MoreDaysThanThereWere):
        relapses.amend(relapse=relapse, days_used=11, by=by)
    return relapse


def placement_is_decided(house: House, inquiry: Inquiry, relapse: Relapse, before: FirstStay) -> LevelOfCareAssessment:
    """The record fills in what it knows; what is missing is named; each rule gives its reason; a clinician decides."""
    rosalind, by = before.client, house.counselor
    known = assessments.prefilled(client=rosalind, relapse=relapse)
    assert known == {
        "substances": ["alcohol", "fentanyl"],
        "use_stopped": True,
        "use_days": 8,
        "span_days": 10,
        "days_since_alcohol": 4,
        "days_since_opioid": 4,
        "overdose_since_last_episode": True,
        "days_since_overdose": 6,
        "prior_setting": Setting.INTENSIVE,
        "days_from_discharge_to_use": (FIRST_USE - DISCHARGED).days,
    }
    assessment = assessments.record(client=rosalind, inquiry=inquiry, relapse=relapse, by=house.intake, **known)
    so_far = placement.suggest(assessment)
    assert so_far.setting is None, "what nobody has asked is not taken for “no”"
    asked = {each.input for each in so_far.missing}
    assert asked >= {"emergency_signs", "suicidal_intent", "suicidal_behavior", "pregnant", "ciwa_ar", "cows"}
    assert "CIWA-Ar" in so_far.not_enough
    with pytest.raises(assessments.DecisionReasonNeeded, match="wasn’t enough information"):
        assessments.decide(assessment=assessment, setting=Setting.INTENSIVE, by=by)
    with pytest.raises(admissions.NotDecided):
        _admit(house, rosalind, inquiry, relapse, assessment)

    assessment = assessments.amend(
        assessment=assessment,
        emergency_signs=False,
        suicidal_intent=False,
        suicidal_behavior=False,
        suicide_risk_moderate=False,
        pregnant=False,
        ciwa_ar=6,
        cows=3,
        phq9=11,
        psychosis=False,
        no_housing=False,
        violence_at_home=False,
        substances_at_home=False,
        preference="Evenings, to keep her job",
        by=by,
    )
    suggestion = placement.suggest(assessment)
    assert suggestion.missing == ()
    assert {each.rule: each.reason for each in suggestion.fired} == {
        "O1": "Overdose 6 days ago.",
        "D2": "Used on 8 of 10 days: more than a slip.",
        "L1": "The client wants: Evenings, to keep her job",
    }
    assert (suggestion.setting, suggestion.medical) == (Setting.INTENSIVE, MedicalIntensity.EVALUATION)
    return _decided_otherwise(house, assessment)


def _decided_otherwise(house: House, assessment: LevelOfCareAssessment) -> LevelOfCareAssessment:
    decision = {"assessment": assessment, "setting": Setting.INTENSIVE, "medical": MedicalIntensity.NONE}
    decision |= {"level_code": "2.1", "program": house.evenings}
    with pytest.raises(NotPermitted):
        assessments.decide(**decision, reason="The evening places are free.", by=house.intake)
    with pytest.raises(assessments.DecisionReasonNeeded):
        assessments.decide(**decision, by=house.counselor)
    assessment.refresh_from_db()
    assert assessment.decided_at is None
    reason = "Our nurse practitioner saw her this morning; buprenorphine was begun."
    decided = assessments.decide(**decision, reason=reason, by=house.counselor)
    assert (decided.decided_setting, decided.decision_reason) == (Setting.INTENSIVE, reason)
    assert decided.suggestion["medical"] == MedicalIntensity.EVALUATION, "what was suggested stands beside it"
    assert placement.replay(decided).rules == ("O1", "D2", "L1")
    with pytest.raises(assessments.AlreadyDecided):
        assessments.amend(assessment=decided, cows=9, by=house.counselor)
    return decided


def she_is_admitted_again(
    house: House, inquiry: Inquiry, relapse: Relapse, assessment: LevelOfCareAssessment, before: FirstStay
) -> TreatmentEpisode:
    """A new episode linked to the one before; the call has led there."""
    house.it_is(ADMITTED_AGAIN, 9)
    episode = _admit(house, before.client, inquiry, relapse, assessment)
    assert (episode.prior_episode, episode.presenting_reason) == (before.episode, "return")
    assert (episode.relapse, episode.assessment, episode.inquiry) == (relapse, assessment, inquiry)
    assert admissions.prior_count(episode) == 1
    assert [each.level_code for each in episode.level_of_care_periods.all()] == ["2.1"]
    inquiry.refresh_from_db()
    assert (inquiry.stage, inquiry.next_action) == ("admitted", "")
    assert inquiry not in Inquiry.objects.visible_to(house.intake).open()
    with pytest.raises(admissions.AlreadyInProgram):
        _admit(house, before.client, None, relapse, None)
    return episode


def _admit(
    house: House,
    rosalind: Client,
    inquiry: Inquiry | None,
    relapse: Relapse,
    assessment: LevelOfCareAssessment | None,
) -> TreatmentEpisode:
    return admissions.admit(
        client=rosalind,
        program=house.evenings,
        level_of_care="2.1",
        admitted_on=ADMITTED_AGAIN if assessment is None or assessment.decided_at else ASSESSED,
        inquiry=inquiry,
        relapse=relapse,
        assessment=assessment,
        by=house.counselor,
    )
