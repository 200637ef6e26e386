"""Worded twice: one trigger, sign or strategy stands for both, everywhere, until somebody separates them again."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases import merging
from cases.models import Client, CopingStrategy, LearnedJoin, Relapse, RelapseCoping, Trigger, WarningSign
from cases.recovery import learned_item, learning, relapses, wording_merge
from cases.recovery.wording_merge import relations
from counseling.models import CarryOverItem, DischargePlan
from staff.models import AuditEntry, Program, StaffMember
from staff.refusals import NotPermitted
from tests import factories

D = datetime.date
NOW = datetime.datetime(2026, 3, 9, 16, tzinfo=datetime.UTC)


def told(client: Client, by: StaffMember, day: D, **facts: object) -> Relapse:
    return relapses.record(client=client, started_on=day, ended_on=day, by=by, **facts)  # type: ignore[arg-type]


def trigger(client: Client, wording: str) -> Trigger:
    return Trigger.everything.get(client=client, wording=wording)


def strategy(client: Client, wording: str) -> CopingStrategy:
    return CopingStrategy.everything.get(client=client, wording=wording)


def every_row() -> dict[str, list[dict[str, Any]]]:
    """All rows that refer to anything learned, and the lists themselves."""
    models = {related for model in wording_merge.MODELS.values() for related, _ in relations(model)}
    models |= set(wording_merge.MODELS.values())
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in sorted(models, key=lambda each: each._meta.label)
    }


@pytest.fixture
def payday(client_record: Client, counselor: StaffMember, program: Program) -> tuple[Trigger, Trigger]:
    """Worded twice, and each noted in places of its own; both in one return to use."""
    told(client_record, counselor, D(2025, 1, 3), triggers=["Pay day, nothing planned"])
    told(client_record, counselor, D(2025, 6, 6), triggers=["Payday with nothing planned"])
    told(client_record, counselor, D(2025, 9, 5), triggers=["Pay day, nothing planned", "Payday with nothing planned"])
    keep, other = (
        trigger(client_record, "Payday with nothing planned"),
        trigger(client_record, "Pay day, nothing planned"),
    )
    Trigger.objects.filter(pk=other.pk).update(strength=7)
    episode = factories.TreatmentEpisodeFactory(client=client_record, program=program, admitted_by=counselor)
    CarryOverItem.objects.create(
        client=client_record, episode=episode, kind="trigger", trigger=other, gathered_at=timezone.now(),
        verdict="held", note="Every month", decided_at=NOW, decided_by=counselor,
    )  # fmt: skip
    plan = DischargePlan.objects.create(
        client=client_record, episode=episode, written_at=NOW, written_by=counselor,
    )  # fmt: skip
    plan.triggers.add(other)
    return keep, other


def test_every_reference_moves_to_the_kept_one_in_every_app(
    payday: tuple[Trigger, Trigger], client_record: Client, counselor: StaffMember
) -> None:
    keep, other = payday
    join = learning.merge_wordings(keep=keep, other=other, by=counselor)
    assert keep.relapses.count() == 3
    assert CarryOverItem.objects.get().trigger == keep
    assert list(DischargePlan.objects.get().triggers.all()) == [keep]
    assert (keep.first_seen_on, keep.strength) == (D(2025, 1, 3), 7)
    assert list(Trigger.objects.filter(client=client_record)) == [keep]
    assert Trigger.objects.with_evidence().get().evidence == 3
    both = Relapse.objects.get(started_on=D(2025, 9, 5))
    assert list(both.triggers.all()) == [keep]  # noted there twice, counted once
    assert (join.wording, join.kept_id, join.joined_id) == ("Pay day, nothing planned", keep.pk, other.pk)
    assert {name: len(ids) for name, ids in join.moved["rows"].items()} == {
        "cases.Relapse_triggers.trigger": 1,
        "counseling.CarryOverItem.trigger": 1,
        "counseling.DischargePlan_triggers.trigger": 1,
    }


def test_separating_restores_every_row_exactly(payday: tuple[Trigger, Trigger], counselor: StaffMember) -> None:
    before = every_row()
    join = learning.merge_wordings(keep=payday[0], other=payday[1], by=counselor)
    assert every_row() != before
    learning.separate_wordings(join=join, by=counselor)
    assert every_row() == before
    join.refresh_from_db()
    assert (join.undone_by, join.undone_at is not None) == (counselor, True)
    with pytest.raises(wording_merge.AlreadySeparated):
        learning.separate_wordings(join=join, by=counselor)
    learning.merge_wordings(keep=payday[1], other=payday[0], by=counselor)  # and the other way round


def test_what_was_noted_since_stays_with_the_kept_one(payday: tuple[Trigger, Trigger], counselor: StaffMember) -> None:
    keep, other = payday
    join = learning.merge_wordings(keep=keep, other=other, by=counselor)
    told(keep.client, counselor, D(2026, 1, 5), triggers=["PAY DAY, nothing planned"])  # the alias finds the kept one
    learning.rate(trigger=keep, strength=3, by=counselor)
    learning.separate_wordings(join=join, by=counselor)
    assert Relapse.objects.get(started_on=D(2026, 1, 5)).triggers.get() == keep
    keep.refresh_from_db()
    assert (keep.strength, keep.first_seen_on) == (3, D(2025, 6, 6))
    assert trigger(keep.client, "Pay day, nothing planned").relapses.count() == 2


def test_writing_an_alias_again_finds_the_kept_one_however_often_it_was_joined(
    client_record: Client, counselor: StaffMember
) -> None:
    first, second, third = (
        learning.add_warning_sign(client=client_record, wording=words, by=counselor)
        for words in ("Phone off", "I turn my phone off", "My phone is off all day")
    )
    inner = learning.merge_wordings(keep=second, other=first, by=counselor)
    outer = learning.merge_wordings(keep=third, other=second, by=counselor)
    assert learning.add_warning_sign(client=client_record, wording="phone OFF", by=counselor) == third
    assert WarningSign.objects.count() == 1
    with pytest.raises(wording_merge.MergedFurther):
        learning.separate_wordings(join=inner, by=counselor)
    learning.separate_wordings(join=outer, by=counselor)
    learning.separate_wordings(join=inner, by=counselor)
    assert WarningSign.objects.count() == 3


def test_still_true_wins(client_record: Client, counselor: StaffMember) -> None:
    gone, held = (
        learning.add_trigger(client=client_record, wording=words, by=counselor) for words in ("Rows", "Rows at home")
    )
    learning.mark_no_longer_true(item=gone, on=D(2025, 5, 1), by=counselor)
    join = learning.merge_wordings(keep=gone, other=held, by=counselor)
    assert gone.no_longer_true_since is None
    learning.separate_wordings(join=join, by=counselor)
    gone.refresh_from_db()
    assert gone.no_longer_true_since == D(2025, 5, 1)


def test_tries_of_a_strategy_are_added_up_and_two_outcomes_in_one_place_are_refused(
    client_record: Client, counselor: StaffMember
) -> None:
    told(client_record, counselor, D(2025, 1, 3), coping_tried=[("Call my sister", "helped")])
    told(client_record, counselor, D(2025, 6, 6), coping_tried=[("Calling my sister", "did_not")])
    both = told(
        client_record,
        counselor,
        D(2025, 9, 5),
        coping_tried=[("Call my sister", "helped"), ("Calling my sister", "partly")],
    )
    keep, other = strategy(client_record, "Call my sister"), strategy(client_record, "Calling my sister")
    with pytest.raises(wording_merge.TriedWithTwoOutcomes, match="Sep 5, 2025") as refused:
        learning.merge_wordings(keep=keep, other=other, by=counselor)
    assert "with different results" in str(refused.value)
    assert not LearnedJoin.objects.exists()
    relapses.amend(
        relapse=both, coping_tried=[("Call my sister", "helped"), ("Calling my sister", "helped")], by=counselor
    )
    before = every_row()
    join = learning.merge_wordings(keep=keep, other=other, by=counselor)
    counted = CopingStrategy.objects.with_outcomes().get()
    assert (counted.helped, counted.partly, counted.did_not) == (2, 0, 1)
    assert both.coping.count() == 1
    relapses.amend(relapse=both, coping_tried=[("Call my sister", "helped")], by=counselor)
    learning.separate_wordings(join=join, by=counselor)
    assert every_row() == before
    assert RelapseCoping.objects.count() == 4


def test_it_is_audited_and_in_the_history(payday: tuple[Trigger, Trigger], counselor: StaffMember) -> None:
    join = learning.merge_wordings(keep=payday[0], other=payday[1], by=counselor)
    learning.separate_wordings(join=join, by=counselor)
    entries = AuditEntry.objects.filter(act__in=("cases.join_learned", "cases.separate_learned")).order_by("pk")
    assert [(each.act, each.staff_member, each.client_id) for each in entries] == [
        ("cases.join_learned", counselor, payday[0].client_id),
        ("cases.separate_learned", counselor, payday[0].client_id),
    ]
    assert "Pay day" not in str([each.details for each in entries])
    states = apps.get_model("cases", "TriggerEvent").objects.filter(pgh_obj=payday[1].pk).order_by("pgh_id")
    assert [each.joined_into_id for each in states][-2:] == [payday[0].pk, None]


def test_never_across_people_kinds_or_permissions(
    client_record: Client,
    counselor: StaffMember,
    administrator: StaffMember,
    make_staff: Callable[..., StaffMember],
    make_client: Callable[..., Client],
) -> None:
    own = learning.add_trigger(client=client_record, wording="Payday", by=counselor)
    sign = learning.add_warning_sign(client=client_record, wording="Payday", by=counselor)
    theirs = learning.add_trigger(client=make_client(counselor=counselor), wording="Pay day", by=counselor)
    second = learning.add_trigger(client=client_record, wording="Pay days", by=counselor)
    with pytest.raises(wording_merge.NotTheSameKind):
        learning.merge_wordings(keep=own, other=sign, by=counselor)
    with pytest.raises(wording_merge.NotTheSamePerson):
        learning.merge_wordings(keep=own, other=theirs, by=counselor)
    not_hers = learning.add_trigger(
        client=make_client(counselor=(colleague := make_staff())), wording="Pay", by=colleague
    )
    for pair in ((not_hers, own), (own, not_hers)):
        with pytest.raises(NotPermitted):
            learning.merge_wordings(keep=pair[0], other=pair[1], by=counselor)
    with pytest.raises(wording_merge.NotTwoWordings):
        learning.merge_wordings(keep=own, other=own, by=counselor)
    for stranger in (administrator, make_staff()):
        with pytest.raises(NotPermitted):
            learning.merge_wordings(keep=own, other=second, by=stranger)
    join = learning.merge_wordings(keep=own, other=second, by=counselor)
    with pytest.raises(wording_merge.NotTwoWordings):
        learning.merge_wordings(keep=theirs.__class__.objects.get(pk=own.pk), other=second, by=counselor)
    with pytest.raises(NotPermitted):
        learning.separate_wordings(join=join, by=administrator)


def test_joined_wordings_stand_when_two_records_of_one_person_become_one(
    client_record: Client, counselor: StaffMember, supervisor: StaffMember, make_client: Callable[..., Client]
) -> None:
    learning.merge_wordings(
        keep=learning.add_trigger(client=client_record, wording="Payday", by=counselor),
        other=learning.add_trigger(client=client_record, wording="Pay day", by=counselor),
        by=counselor,
    )
    twin = make_client(counselor=counselor)
    learning.add_trigger(client=twin, wording="pay day", by=counselor)
    before = every_row()
    merge = merging.merge(keep=client_record, absorb=twin, by=supervisor)
    assert Trigger.objects.filter(client=client_record).count() == 2
    merging.unmerge(merge=merge, by=supervisor)
    assert every_row() == before


# --- the page -----------------------------------------------------------------------------------------------------


def page(browser: Browser, kind: str, item: Any) -> str:
    answer = browser.get(reverse("cases:learned", args=[item.client_id, kind, item.pk]))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_the_story_of_a_trigger(
    payday: tuple[Trigger, Trigger], counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    keep, other = payday
    with time_machine.travel(NOW, tick=False):
        for strength in (8, 8, 5):
            learning.rate(trigger=other, strength=strength, by=counselor)
        learning.mark_no_longer_true(item=other, on=D(2026, 2, 1), by=counselor)
        learning.mark_still_true(item=other, by=counselor)
        story = learned_item.story(other, staff_member=counselor)
    assert [each.relapse.started_on for each in story.showings] == [D(2025, 9, 5), D(2025, 1, 3)]
    assert [each.strength for each in story.ratings] == [5, 8, 7]  # the latest first; the same again is no change
    assert [(each.since, each.by) for each in story.turns] == [(None, str(counselor)), (D(2026, 2, 1), str(counselor))]
    assert [each.words for each in story.elsewhere] == [
        "Reviewed at readmission to Outpatient: held up", "Part of a discharge plan",
    ]  # fmt: skip
    assert [(dot.value, dot.y) for dot in story.rating_dots] == [("7", 34), ("8", 28), ("5", 46)]
    assert [each.item for each in story.doubles] == [keep]
    shown = page(signed_in(counselor), "trigger", other)
    for said in ("First seen Jan 3, 2025", "Every month", "5 of 10", "Marked as current", "Combine", "<svg"):
        assert said in shown


def test_the_story_of_a_strategy(
    client_record: Client, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    for day, outcome in ((D(2025, 1, 3), "did_not"), (D(2025, 6, 6), "partly"), (D(2025, 9, 5), "helped")):
        told(client_record, counselor, day, coping_tried=[("Call my sister", outcome)])
    Relapse.objects.filter(started_on=D(2025, 6, 6)).update(started_precision="year")
    Relapse.objects.filter(started_on=D(2025, 1, 3)).update(started_precision="unknown")
    item = strategy(client_record, "Call my sister")
    story = learned_item.story(item, staff_member=counselor)
    assert [(dot.x, dot.y, dot.value) for dot in story.outcome_dots] == [
        (89, 72, "did_not"), (139, 44, "partly"), (189, 16, "helped"),
    ]  # fmt: skip
    assert [dot.label for dot in story.outcome_dots] == ["?", "2025", "Sep ’25"]
    shown = page(signed_in(counselor), "strategy", item)
    assert "Tried in 3 returns to use" in shown
    assert "Did not help" in shown


def test_joining_and_separating_on_the_page(
    payday: tuple[Trigger, Trigger], counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    keep, other = payday
    office = signed_in(counselor)
    office.post(reverse("cases:learned_join", args=[keep.client_id, "trigger", keep.pk]), {"other": other.pk})
    shown = page(office, "trigger", keep)
    assert "Separate" in shown
    assert "Came up in 3 returns to use" in shown
    old = office.get(reverse("cases:learned", args=[other.client_id, "trigger", other.pk]))
    assert old["Location"] == reverse("cases:learned", args=[keep.client_id, "trigger", keep.pk])
    (join,) = LearnedJoin.objects.all()
    office.post(reverse("cases:learned_separate", args=[keep.client_id, "trigger", keep.pk, join.pk]))
    assert Trigger.objects.count() == 2
    office.post(reverse("cases:trigger_rate", args=[keep.client_id, keep.pk]), {"strength": "4"})
    keep.refresh_from_db()
    assert keep.strength == 4
    refused = office.post(reverse("cases:trigger_rate", args=[keep.client_id, keep.pk]), {"strength": "11"})
    assert refused.status_code == 422


def test_nobody_from_elsewhere_sees_or_joins_anything(
    payday: tuple[Trigger, Trigger],
    administrator: StaffMember,
    counselor: StaffMember,
    make_staff: Callable[..., StaffMember],
    make_client: Callable[..., Client],
    other_clinic: Any,
    signed_in: Callable[[StaffMember], Browser],
) -> None:
    keep, other = payday
    join = learning.merge_wordings(keep=keep, other=other, by=counselor)
    theirs = learning.add_trigger(
        client=make_client(counselor=counselor), wording="Payday with nothing planned", by=counselor
    )
    shown = reverse("cases:learned", args=[keep.client_id, "trigger", keep.pk])
    posts = [
        (reverse("cases:learned_join", args=[keep.client_id, "trigger", keep.pk]), {"other": theirs.pk}),
        (reverse("cases:learned_separate", args=[keep.client_id, "trigger", keep.pk, join.pk]), {}),
        (reverse("cases:trigger_rate", args=[keep.client_id, keep.pk]), {"strength": 1}),
    ]
    for stranger in (make_staff(clinic=other_clinic), make_staff()):
        assert signed_in(stranger).get(shown).status_code == 404
        assert [signed_in(stranger).post(url, typed).status_code for url, typed in posts] == [404, 404, 404]
    assert signed_in(administrator).get(shown).status_code == 403
    office = signed_in(counselor)
    assert office.post(*posts[0]).status_code == 404  # what another person has learned
    assert office.get(reverse("cases:learned", args=[theirs.client_id, "trigger", keep.pk])).status_code == 404
    assert office.get(reverse("cases:learned", args=[keep.client_id, "sign", keep.pk])).status_code == 404
    assert office.get(reverse("cases:learned", args=[keep.client_id, "nothing", keep.pk])).status_code == 404
    assert learned_item.likely_doubles(keep, staff_member=counselor) == []
    join.refresh_from_db()
    assert join.undone_at is None


def test_the_page_costs_the_same_with_one_and_with_five(
    client_record: Client, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    office = signed_in(counselor)
    told(client_record, counselor, D(2025, 1, 3), triggers=["Payday", "Pay day"])
    item = trigger(client_record, "Payday")
    learning.rate(trigger=item, strength=2, by=counselor)

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            page(office, "trigger", item)
        return len(asked)

    page(office, "trigger", item)
    before = cost()
    for day in (3, 4, 5, 6):
        told(client_record, counselor, D(2025, 2, day), triggers=["Payday", f"Pay day {day}"])
        learning.rate(trigger=item, strength=day, by=counselor)
    assert cost() == before
