"""The suggestion: what a clinician would read, rule by rule, and what can never happen."""

from __future__ import annotations

import dataclasses
import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.codes import SEDATIVES
from cases.models import LevelOfCareAssessment
from cases.placement import RULES_VERSION, Inputs, evaluate, replay
from cases.placement.inputs import worse
from cases.placement.rules import RULES
from cases.placement.thresholds import DEFAULTS
from staff.models.clinic import MedicalIntensity as M
from staff.models.clinic import Setting as S

# Everything asked and answered: nobody in danger, a safe home, nothing used lately.
CALM = Inputs(
    emergency_signs=False,
    suicidal_intent=False,
    suicidal_behavior=False,
    suicide_risk_moderate=False,
    substances=("cannabis",),
    use_days=1,
    span_days=1,
    use_stopped=True,
    past_withdrawal_seizure=False,
    pregnant=False,
    overdose_since_last_episode=False,
    phq9=4,
    psychosis=False,
    no_housing=False,
    violence_at_home=False,
    substances_at_home=False,
    preference="Evenings",
)


def having(**answers: object) -> Inputs:
    return dataclasses.replace(CALM, **answers)


def test_two_one_day_lapses_in_a_week_are_a_slip() -> None:
    found = evaluate(having(use_days=2, span_days=4, substances=("alcohol",), days_since_alcohol=8))
    assert [rule for rule in found.rules if rule != "L1"] == ["D1"]
    assert (found.setting, found.medical) == (S.OUTPATIENT, M.NONE)


def test_low_score_with_a_past_withdrawal_seizure_needs_24_hour_care() -> None:
    found = evaluate(
        having(
            substances=("alcohol",),
            ciwa_ar=8,
            past_withdrawal_seizure=True,
            days_since_alcohol=0,
            alcohol_daily=False,
            use_days=2,
            span_days=2,
        )
    )
    assert (found.setting, found.medical) == (S.RESIDENTIAL, M.MANAGED)
    fired = {each.rule: each for each in found.fired}
    assert fired["W3"].medical == M.MANAGED
    assert not fired["W3"].outranked
    assert fired["D1"].outranked
    assert found.alternatives == ()


@pytest.mark.parametrize(
    ("answers", "rule", "setting", "medical"),
    [
        ({"emergency_signs": True}, "E1", S.HOSPITAL, M.EMERGENCY),
        ({"substances": ("alcohol",), "days_since_alcohol": 1, "ciwa_ar": 19}, "W1", S.RESIDENTIAL, M.MANAGED),
        (
            {
                "substances": ("alcohol",),
                "days_since_alcohol": 1,
                "ciwa_ar": 12,
                "intoxicated": False,
                "complicating_illness": False,
                "cannot_attend_visits": False,
            },
            "W2",
            S.OUTPATIENT,
            M.EVALUATION,
        ),
        (
            {"substances": ("alcohol",), "days_since_alcohol": 1, "ciwa_ar": 12, "cannot_attend_visits": True},
            "W2",
            S.RESIDENTIAL,
            M.MANAGED,
        ),
        (
            {"substances": ("alcohol",), "days_since_alcohol": 3, "ciwa_ar": 9, "alcohol_daily": True},
            "W3",
            S.OUTPATIENT,
            M.EVALUATION,
        ),
        ({"sedative_stopped": True, "sedative_severe": False}, "W4", S.OUTPATIENT, M.EVALUATION),
        ({"sedative_stopped": True, "sedative_severe": True}, "W4", S.RESIDENTIAL, M.MANAGED),
        ({"substances": ("heroin",), "days_since_opioid": 1, "cows": 5}, "W5", S.OUTPATIENT, M.EVALUATION),
        ({"substances": ("heroin",), "days_since_opioid": 1, "cows": 25}, "W5", S.RESIDENTIAL, M.MANAGED),
        (
            {"substances": ("fentanyl",), "days_since_opioid": 9, "pregnant": True},
            "P1",
            S.OUTPATIENT,
            M.EVALUATION,
        ),
        ({"substances": ("alcohol",), "days_since_alcohol": 9, "pregnant": True}, "P2", S.RESIDENTIAL, M.MANAGED),
        ({"overdose_since_last_episode": True, "days_since_overdose": 30}, "O1", S.INTENSIVE, M.EVALUATION),
        ({"overdose_since_last_episode": True, "days_since_overdose": 31}, "O1", S.OUTPATIENT, M.EVALUATION),
        ({"use_days": 4, "span_days": 10}, "D2", S.INTENSIVE, M.NONE),
        ({"use_days": 3, "span_days": 15}, "D2", S.INTENSIVE, M.NONE),
        ({"use_days": 2, "span_days": 5, "use_stopped": False}, "D2", S.INTENSIVE, M.NONE),
        ({"use_days": 80, "span_days": 120}, "D3", S.RESIDENTIAL, M.EVALUATION),
        ({"use_days": 50, "span_days": 120}, "D2", S.INTENSIVE, M.NONE),
        ({"violence_at_home": True}, "H1", S.RESIDENTIAL, M.NONE),
        ({"phq9": 20}, "C1", S.INTENSIVE, M.NONE),
        ({"suicide_risk_moderate": True}, "C1", S.INTENSIVE, M.NONE),
        ({"prior_setting": 1, "days_from_discharge_to_use": 90}, "R1", S.INTENSIVE, M.NONE),
        ({"prior_setting": 2, "days_from_discharge_to_use": 3}, "R1", S.RESIDENTIAL, M.NONE),
        ({"prior_setting": 2, "days_from_discharge_to_use": 0}, "R1", S.RESIDENTIAL, M.NONE),
        ({"prior_setting": 2, "days_from_discharge_to_use": -1}, "R1", S.RESIDENTIAL, M.NONE),
        ({"prior_setting": 3, "days_from_discharge_to_use": 5}, "R1", S.RESIDENTIAL, M.NONE),
        ({"prior_setting": 4, "days_from_discharge_to_use": 5}, "R1", S.HOSPITAL, M.NONE),
        ({"present_setting": 2, "used_during_care": True}, "R1", S.RESIDENTIAL, M.NONE),
        ({"prior_setting": 1, "present_setting": 3, "used_during_care": True}, "R1", S.RESIDENTIAL, M.NONE),
    ],
)
def test_each_rule_sets_its_floor_and_says_why(answers: dict[str, object], rule: str, setting: S, medical: M) -> None:
    found = evaluate(having(**answers))
    assert rule in found.rules
    assert (found.setting, found.medical) == (setting, medical), found.not_enough
    assert all(each.reason.endswith(".") or each.rule == "L1" for each in found.fired)


@pytest.mark.parametrize(
    "answers",
    [
        {"prior_setting": 1, "days_from_discharge_to_use": 91},
        {"prior_setting": 2, "days_from_discharge_to_use": 91},
        {"present_setting": 3, "used_during_care": False},
        {"phq9": 19},
        {"substances": ("alcohol",), "days_since_alcohol": 4, "ciwa_ar": 9, "alcohol_daily": True},
        {"substances": ("heroin",), "days_since_opioid": 1, "cows": 4},
    ],
)
def test_just_outside_a_band_nothing_more_is_asked_for(answers: dict[str, object]) -> None:
    found = evaluate(having(**answers))
    assert (found.setting, found.medical) == (S.OUTPATIENT, M.NONE), found.rules


def test_an_emergency_stops_everything_even_when_nothing_else_is_known() -> None:
    found = evaluate(Inputs(emergency_signs=True))
    assert found.stop
    assert (found.setting, found.medical) == (S.HOSPITAL, M.EMERGENCY)
    assert "911" in found.fired[0].do_now
    assert found.missing == ()


def test_suicidal_intent_locks_the_decision_until_a_safety_assessment_is_signed() -> None:
    assert evaluate(having(suicidal_intent=True)).locked
    assert evaluate(having(suicidal_behavior=True)).locked
    assert not evaluate(having(suicidal_intent=True, safety_assessed=True)).locked


def test_recent_use_without_a_score_is_not_enough_and_says_what_is_needed() -> None:
    found = evaluate(having(substances=("alcohol", "heroin"), days_since_alcohol=7, days_since_opioid=2))
    assert (found.setting, found.medical) == (None, None)
    assert "CIWA-Ar" in found.not_enough
    assert "COWS" in found.not_enough


@pytest.mark.parametrize("name", ["emergency_signs", "suicidal_intent", "suicidal_behavior", "use_days", "use_stopped"])
def test_a_missing_safety_answer_gives_no_level(name: str) -> None:
    found = evaluate(having(**{name: None}))
    assert found.setting is None
    assert name in [each.input for each in found.missing]


def test_a_missing_answer_that_endangers_nobody_is_asked_for_but_not_waited_for() -> None:
    found = evaluate(having(phq9=None, preference=""))
    assert found.setting == S.OUTPATIENT
    assert {each.input for each in found.missing} == {"phq9", "preference"}


def test_months_of_use_with_a_safe_home_lists_intensive_care_as_an_alternative() -> None:
    found = evaluate(having(use_days=100, span_days=120))
    assert [each.setting for each in found.alternatives] == [S.INTENSIVE]
    unsafe = evaluate(having(use_days=100, span_days=120, substances_at_home=True))
    assert unsafe.alternatives == ()


def test_no_housing_lists_a_recovery_residence() -> None:
    found = evaluate(having(no_housing=True))
    assert found.setting == S.RESIDENTIAL
    assert [each.setting for each in found.alternatives] == [S.OUTPATIENT]
    assert "recovery residence" in found.alternatives[0].reason


def test_what_another_rule_asks_for_is_no_alternative() -> None:
    soon = {"prior_setting": 2, "days_from_discharge_to_use": 10}  # rule R1: one step above intensive care
    months = evaluate(having(use_days=100, span_days=120, **soon))
    assert {"D3", "R1"} <= set(months.rules)
    assert months.alternatives == ()
    homeless = evaluate(having(no_housing=True, **soon))
    assert {"H1", "R1"} <= set(homeless.rules)
    assert homeless.alternatives == ()
    milder = evaluate(having(no_housing=True, prior_setting=1, days_from_discharge_to_use=10))
    assert [each.setting for each in milder.alternatives] == [S.INTENSIVE]


def test_a_clinic_changes_a_number_and_the_rule_follows() -> None:
    from cases.placement.thresholds import LAPSE_USE_DAYS

    assert "D2" in evaluate(having(use_days=4, span_days=10)).rules
    assert "D1" in evaluate(having(use_days=4, span_days=10), DEFAULTS | {LAPSE_USE_DAYS.key: 5}).rules


# --- what can never happen

TRI = st.sampled_from([None, False, True])
SUBSTANCES = ["alcohol", "heroin", "benzodiazepines", "barbiturates", "sedatives", "cannabis", "fentanyl"]


@st.composite
def inputs(draw: st.DrawFn) -> Inputs:
    values: dict[str, object] = {}
    for field in dataclasses.fields(Inputs):
        if field.name == "substances":
            values["substances"] = tuple(sorted(draw(st.sets(st.sampled_from(SUBSTANCES)))))
        elif field.name in {"preference", "barriers"}:
            values[field.name] = draw(st.sampled_from(["", "evenings"]))
        elif field.name in {"safety_assessed", "cannot_be_pregnant"}:
            values[field.name] = draw(st.booleans())
        elif field.name in {"prior_setting", "present_setting"}:
            values[field.name] = draw(st.sampled_from([None, 1, 2, 3, 4]))
        elif field.name == "days_from_discharge_to_use":
            values[field.name] = draw(st.one_of(st.none(), st.integers(-400, 400)))
        elif "int" in str(field.type):
            values[field.name] = draw(st.one_of(st.none(), st.integers(0, 150)))
        else:
            values[field.name] = draw(TRI)
    if values["use_days"] is not None and values["span_days"] is not None:
        values["span_days"] = max(values["use_days"], values["span_days"])  # type: ignore[type-var]
    return Inputs(**values)  # type: ignore[arg-type]


MORE_DANGER = [
    "emergency_signs", "suicidal_intent", "suicidal_behavior", "suicide_risk_moderate", "intoxicated",
    "past_withdrawal_seizure", "complicating_illness", "cannot_attend_visits", "sedative_stopped",
    "sedative_severe", "pregnant", "overdose_since_last_episode", "psychosis", "no_housing",
    "violence_at_home", "substances_at_home", "alcohol_daily", "used_during_care",
]  # fmt: skip
HIGHER_IS_WORSE = ["ciwa_ar", "cows", "phq9"]
LOWER_IS_WORSE = ["days_since_alcohol", "days_since_overdose"]
SETTINGS = ["prior_setting", "present_setting"]


@settings(max_examples=400, deadline=None)
@given(inputs(), st.sampled_from(MORE_DANGER + HIGHER_IS_WORSE + LOWER_IS_WORSE), st.integers(0, 40))
def test_adding_danger_never_lowers_a_floor(before: Inputs, name: str, by: int) -> None:
    now = getattr(before, name)
    if name in MORE_DANGER:
        worse: object = True
    elif now is None:
        worse = by
    else:
        worse = now + by if name in HIGHER_IS_WORSE else max(0, now - by)
    old, new = evaluate(before), evaluate(dataclasses.replace(before, **{name: worse}))
    assert new.floor_setting >= old.floor_setting
    assert new.floor_medical >= old.floor_medical
    assert new.locked or not old.locked


@settings(max_examples=600, deadline=None)
@given(inputs(), st.sampled_from(["D3", "H1", "both", "neither"]), st.booleans())
def test_an_alternative_meets_every_other_floor_and_is_another_setting(
    answers: Inputs, which: str, soon_after_treatment: bool
) -> None:
    if which in {"D3", "both"}:
        answers = dataclasses.replace(answers, use_days=100, span_days=120)
    if which in {"H1", "both"}:
        answers = dataclasses.replace(answers, no_housing=True)
    if which == "D3":
        answers = dataclasses.replace(answers, no_housing=False, violence_at_home=False, substances_at_home=False)
    if soon_after_treatment:
        answers = dataclasses.replace(answers, prior_setting=2, days_from_discharge_to_use=10)
    found = evaluate(answers)
    for each in found.alternatives:
        others = [fired.setting for fired in found.fired if fired.setting and fired.rule != each.rule]
        assert each.setting >= max(others, default=S.OUTPATIENT)
        assert each.setting != found.floor_setting
    assert len({each.setting for each in found.alternatives}) == len(found.alternatives)


@settings(max_examples=200, deadline=None)
@given(inputs(), st.randoms(use_true_random=False))
def test_the_order_of_rules_never_matters(answers: Inputs, chance: random.Random) -> None:
    shuffled = list(RULES)
    chance.shuffle(shuffled)
    assert evaluate(answers) == evaluate(answers, rules=shuffled)


@settings(max_examples=300, deadline=None)
@given(inputs())
def test_it_always_answers_with_a_level_or_with_what_it_needs(answers: Inputs) -> None:
    found = evaluate(answers)
    assert found.is_enough or found.not_enough
    assert (found.setting is None) == (found.medical is None)
    if found.medical == M.MANAGED:
        assert found.setting >= S.RESIDENTIAL
    assert evaluate(Inputs.from_json(found.inputs), found.thresholds) == found


EDGES = {
    "ciwa_ar": [None, 0, 9, 10, 18, 19, 67],
    "cows": [None, 0, 4, 5, 24, 25, 48],
    "use_days": [None, 1, 3, 4, 89, 90],
    "span_days": [None, 14, 15, 89, 90, 180],
    "use_stopped": [None, False, True],
    "days_since_alcohol": [None, 0, 3, 4, 7, 8],
}


def test_every_combination_of_band_edges_answers() -> None:
    for values in itertools.product(*EDGES.values()):
        answers = dict(zip(EDGES, values, strict=True))
        if answers["use_days"] and answers["span_days"] and answers["use_days"] > answers["span_days"]:
            continue
        found = evaluate(having(substances=("alcohol", "heroin"), days_since_opioid=1, alcohol_daily=False, **answers))
        assert found.is_enough or found.not_enough
        if answers["use_days"] is not None and answers["use_stopped"] is not None:
            assert len({"D1", "D2", "D3"} & set(found.rules)) == 1, answers


@pytest.mark.parametrize("substance", ["benzodiazepines", "barbiturates", "sedatives", "tranquilizers"])
@pytest.mark.parametrize(
    ("known", "asked"),
    [
        ({"days_since_sedative": 3}, {"sedative_stopped", "sedative_severe"}),
        ({"days_since_sedative": 3, "sedative_stopped": False}, {"sedative_severe"}),
        ({"days_since_sedative": 10, "sedative_stopped": True}, {"sedative_severe"}),
        ({"days_since_sedative": 10, "sedative_stopped": True, "sedative_severe": False}, set()),
        ({"days_since_sedative": 40, "sedative_stopped": False}, set()),
    ],
)
def test_withdrawal_from_any_sedative_is_never_taken_for_mild(substance: str, known: dict, asked: set) -> None:
    """Rules W4 and W6 (one owner each: rules.w4, needs._withdrawal) hold for every sedative of codes.SEDATIVES."""
    found = evaluate(having(substances=(substance,), **known))
    assert {need.input for need in found.missing if need.input.startswith("sedative")} == asked


@pytest.mark.parametrize("substance", sorted(SEDATIVES))
def test_the_last_use_of_any_sedative_is_asked_for(substance: str) -> None:
    found = evaluate(having(substances=(substance,)))
    assert not found.is_enough
    assert "days_since_sedative" in {need.input for need in found.missing if need.safety}


# --- rule R1: use during care or soon after it


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (
            {"present_setting": 2, "used_during_care": True},
            "during intensive outpatient (IOP) or partial hospitalization (PHP) care: one step",
        ),
        (
            {"prior_setting": 2, "days_from_discharge_to_use": -1},
            "during intensive outpatient (IOP) or partial hospitalization (PHP) care",
        ),
        ({"prior_setting": 1, "days_from_discharge_to_use": 3}, "3 days after outpatient care: one step above that."),
        ({"prior_setting": 3, "days_from_discharge_to_use": 5}, "5 days after residential care: not below that level."),
        ({"prior_setting": 4, "used_during_care": True}, "during hospital care: not below that level."),
        (
            {"prior_setting": 1, "present_setting": 3, "used_during_care": True},
            "not below the current residential care",
        ),
    ],
)
def test_use_during_care_or_soon_after_it_says_so(answers: dict[str, object], words: str) -> None:
    """The one owner of what care before and now asks for is rules.r1."""
    [reason] = [each.reason for each in evaluate(having(**answers)).fired if each.rule == "R1"]
    assert words in reason


@settings(max_examples=400, deadline=None)
@given(inputs(), st.sampled_from([1, 2, 3, 4]), st.sampled_from(["during", "soon"]))
def test_after_use_in_care_nothing_less_than_that_care_is_suggested(answers: Inputs, care: int, when: str) -> None:
    how = {"used_during_care": True} if when == "during" else {"days_from_discharge_to_use": 90}
    found = evaluate(dataclasses.replace(answers, prior_setting=care, **how))
    assert "R1" in found.rules
    assert found.floor_setting >= min(care + (1 if care < S.RESIDENTIAL else 0), S.HOSPITAL)
    if answers.present_setting:
        assert found.floor_setting >= answers.present_setting


@settings(max_examples=300, deadline=None)
@given(inputs(), st.sampled_from(SETTINGS), st.integers(1, 3))
def test_more_care_before_or_now_never_lowers_a_floor(before: Inputs, name: str, by: int) -> None:
    now = getattr(before, name)
    if now is None:
        return
    more = dataclasses.replace(before, **{name: min(4, now + by)})
    assert evaluate(more).floor_setting >= evaluate(before).floor_setting


def test_a_decision_by_earlier_rules_is_worked_out_by_those_rules() -> None:
    """What 2026.1 called its answers is read back, and its silence on barbiturates and use in care is kept."""
    kept = {
        **having(substances=("barbiturates",), prior_setting=3, days_from_discharge_to_use=5).as_json(),
        "benzodiazepine_stopped": True,
        "benzodiazepine_severe": False,
        "days_since_benzodiazepine": None,
    }
    for name in ("sedative_stopped", "sedative_severe", "days_since_sedative", "present_setting", "used_during_care"):
        kept.pop(name)
    row = LevelOfCareAssessment(suggestion={"rules_version": "2026.1", "inputs": kept, "thresholds": DEFAULTS})
    found = replay(row)
    assert (found.rules, found.rules_version) == (("W4", "D1", "L1"), "2026.1")
    assert found.fired[0].reason == "Regular benzodiazepine use was stopped or cut down."
    assert (found.setting, found.medical) == (S.OUTPATIENT, M.EVALUATION)
    row.suggestion["rules_version"] = RULES_VERSION
    assert not replay(row).is_enough, "today's rules ask when the sedative was taken last"
    row.suggestion["rules_version"] = "2019.4"
    with pytest.raises(LookupError, match=r"2019\.4"):
        replay(row)


# --- what was measured and what was typed: the more dangerous one counts


@given(st.one_of(st.none(), st.integers(0, 67)), st.one_of(st.none(), st.integers(0, 67)))
def test_of_typed_and_measured_the_worse_one_counts(typed: int | None, taken: int | None) -> None:
    known = [each for each in (typed, taken) if each is not None]
    for name, worst in (("ciwa_ar", max), ("days_from_discharge_to_use", min)):  # sooner after care is worse
        assert worse(name, typed, taken) == worse(name, taken, typed) == (worst(known) if known else None)
