"""Somebody comes back, and comes back again: nothing that was learned is lost on the way."""

from __future__ import annotations

import datetime

from cases.episodes import admissions
from cases.models import TreatmentEpisode
from cases.people import care_team
from cases.recovery import relapses, sobriety
from counseling import carry_over, notes, plans, signing
from counseling.models import CarryOverItem, DischargePlan, Goal, SessionNote

from .first_stay import ADMITTED, she_was_here_before
from .house import FirstStay, House, at

D = datetime.date
BACK, LEFT_AGAIN, BACK_AGAIN = D(2025, 9, 1), D(2025, 11, 14), D(2026, 2, 2)


def returned_to_use(house: House, before: FirstStay, first: D, last: D, **learned: object) -> object:
    return relapses.record(
        client=before.client, started_on=first, ended_on=last, days_used=2, substances=["alcohol"], by=house.counselor,
        **learned,
    )  # fmt: skip


def admitted(house: House, before: FirstStay, day: D, relapse: object) -> TreatmentEpisode:
    house.it_is(day, 9)
    return admissions.admit(
        client=before.client,
        program=house.evenings,
        level_of_care="2.1",
        admitted_on=day,
        relapse=relapse,
        by=house.counselor,
    )


def wordings(items: list[CarryOverItem], kind: str) -> set[str]:
    return {item.wording for item in items if item.kind == kind}


def decide(house: House, items: list[CarryOverItem], **verdicts: str) -> None:
    """Each item held, but for those whose wording begins so."""
    for item in items:
        told = [verdict for begins, verdict in verdicts.items() if item.wording.startswith(begins)]
        carry_over.decide(item=item, verdict=told[0] if told else "held", by=house.counselor)


def second_stay(house: House, before: FirstStay) -> TreatmentEpisode:
    """Back after a return to use: the goal goes on, one trigger has passed, a new trigger and a new goal are found."""
    house.it_is(BACK, 8)
    care_team.assign(client=before.client, staff_member=house.counselor, by=house.intake)
    relapse = returned_to_use(
        house,
        before,
        D(2025, 8, 20),
        D(2025, 8, 23),
        triggers=["Payday with nothing planned", "The wedding"],
        coping_tried=[("Call my sister before I leave work", "helped")],
    )
    episode = admitted(house, before, BACK, relapse)
    items = carry_over.gather(episode=episode, by=house.counselor)
    decide(house, items, Arguing="no_longer_true", Walk="never_used")
    plans.add_goal(episode=episode, wording="See my brother every week", by=house.counselor)
    note = notes.start(
        client=before.client,
        episode=episode,
        by=house.counselor,
        session_started_at=at(BACK, 8),
        sections={"plan": "Go on with the sleep diary."},
    )
    signing.sign(note=note, by=house.counselor)
    house.it_is(LEFT_AGAIN, 15)
    plans.write_discharge_plan(episode=episode, by=house.counselor, if_use_returns="Call my sister, then the clinic.")
    admissions.discharge(episode=episode, discharged_on=LEFT_AGAIN, reason="left", by=house.counselor)
    return episode


def test_readmitted_twice_in_a_row(house: House) -> None:
    before = she_was_here_before(house)
    second = second_stay(house, before)
    house.it_is(BACK_AGAIN, 8)
    relapse = returned_to_use(
        house,
        before,
        D(2026, 1, 20),
        D(2026, 1, 22),
        triggers=["the WEDDING", "An empty weekend"],
        coping_tried=[("Walk the canal path until it passes", "helped")],
    )
    third = admitted(house, before, BACK_AGAIN, relapse)
    assert (third.prior_episode, third.prior_episode.prior_episode) == (second, before.episode)
    assert (admissions.prior_count(second), admissions.prior_count(third)) == (1, 2)

    laid_out = carry_over.lay_out(third)
    items = carry_over.gather(episode=third, by=house.counselor)
    assert [item.token for item in items] == [item.token for item in laid_out]
    assert carry_over.gather(episode=third, by=house.counselor) == items
    assert CarryOverItem.objects.filter(episode=third).count() == len(items)
    nothing_learned_is_lost(before, second, items)
    nothing_is_active_before_it_is_decided(third, items)

    decide(house, items, See="did_not_hold")
    assert carry_over.gather(episode=third, by=house.counselor) == items, "deciding adds nothing to the board either"
    lineage_goes_through_all_three(before, second, third)
    the_record_of_each_stay_stands(house, before, second)


def nothing_learned_is_lost(before: FirstStay, second: TreatmentEpisode, items: list[CarryOverItem]) -> None:
    assert wordings(items, "trigger") == {"Payday with nothing planned", "The wedding", "An empty weekend"}
    assert wordings(items, "warning_sign") == {"I stop answering texts"}
    assert wordings(items, "strategy") == {
        "Call my sister before I leave work",
        "Walk the canal path until it passes",  # never used the first time; it comes up again
    }
    origins = {item.wording: item.origin_episode for item in items}
    assert origins["Payday with nothing planned"] == before.episode, "where it was learned, not where it was last"
    assert [item.discharge_plan.episode for item in items if item.kind == "discharge_plan"] == [second]
    assert [(item.goal.wording, item.origin_episode) for item in items if item.kind == "goal"] == [
        ("See my brother every week", second),
        ("Sleep six hours without sedatives", second),  # its lineage once, at its latest end
    ]
    before.triggers[1].refresh_from_db()
    assert before.triggers[1].no_longer_true_since == BACK, "what has passed is kept, with its day"


def nothing_is_active_before_it_is_decided(third: TreatmentEpisode, items: list[CarryOverItem]) -> None:
    assert {item.verdict for item in items} == {""}
    assert not Goal.objects.filter(episode=third).exists()
    assert plans.current(third) is None


def lineage_goes_through_all_three(before: FirstStay, second: TreatmentEpisode, third: TreatmentEpisode) -> None:
    now = Goal.objects.active().get(episode=third)
    assert now.carried_from.episode == second
    assert now.carried_from.carried_from == before.open_goal
    assert before.open_goal.carried_from is None
    step = now.objectives.get()
    assert step.carried_from.carried_from == before.objective
    same = Goal.objects.filter(client=before.client, wording=before.open_goal.wording)
    assert list(same.filter(carried_to=None)) == [now]


def the_record_of_each_stay_stands(house: House, before: FirstStay, second: TreatmentEpisode) -> None:
    notes_read = SessionNote.objects.visible_to(house.counselor).filter(client=before.client)
    assert [note.episode for note in notes_read] == [second, before.episode]
    assert all(signing.verify(note).unchanged for note in notes_read)
    assert before.discharge_plan in DischargePlan.objects.visible_to(house.counselor)
    assert before.client.relapses.count() == 2
    wedding = before.client.trigger_set.get(wording="The wedding")
    assert wedding.relapses.count() == 2, "the same words on both occasions are one trigger with two occasions"
    standing = sobriety.standing(before.client, BACK_AGAIN)
    stretches = [
        (D(2025, 8, 20) - ADMITTED).days,
        (D(2026, 1, 20) - D(2025, 8, 24)).days,
        (BACK_AGAIN - D(2026, 1, 23)).days,
    ]
    assert standing.longest_streak == stretches[0]
    assert standing.lifetime_recovery_days == sum(stretches)
