"""The golden thread: need → goal → objective → intervention → notes → review, and its gaps."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import TreatmentEpisode
from counseling import golden_thread, notes, plans, signing
from counseling.golden_thread import thread_checks
from counseling.golden_thread.thread_checks import Check
from counseling.models import Goal, LaterFiling, Objective, SessionNote
from counseling.panels import today_plans
from staff.access import NotPermitted
from tests import factories
from tests.ownership import as_owner
from tests.reading import as_read

pytestmark = pytest.mark.django_db

NOW = datetime.datetime(2026, 5, 4, 15, tzinfo=datetime.UTC)
SECRET = "Tell nobody that I sleep in the car"


@pytest.fixture
def clock():
    with time_machine.travel(NOW - datetime.timedelta(days=60), tick=False) as moving:
        yield moving


@pytest.fixture
def story(clock, client_record, program, counselor):
    """A plan of 60 days ago with two needs, one goal with its objective, and today's date after it."""
    episode = factories.TreatmentEpisodeFactory(
        client=client_record, program=program, admitted_by=counselor, admitted_on=datetime.date(2026, 3, 1)
    )
    episode = TreatmentEpisode.objects.select_related("client__clinic", "program").get(pk=episode.pk)
    plans.start(episode=episode, by=counselor, needs="Sleep\nWork and money")
    goal = plans.add_goal(episode=episode, wording="Sleep six hours", need="Sleep", by=counselor)
    step = plans.add_objective(goal=goal, wording="Keep the diary", intervention="CBT for insomnia", by=counselor)
    work = plans.add_goal(episode=episode, wording="Work half days", need="Work and money", by=counselor)
    plans.add_objective(goal=work, wording="Meet the job coach", intervention="Referral", by=counselor)
    clock.move_to(NOW)
    return episode, goal, step


def session(episode, by, days_ago=5, **links):
    began = timezone.now() - datetime.timedelta(days=days_ago)
    note = notes.start(
        client=episode.client,
        episode=episode,
        by=by,
        session_started_at=began,
        session_ended_at=began + datetime.timedelta(minutes=50),
        sections={"subjective": "Slept four nights."},
        modality=links.pop("modality", "individual"),
        **links,
    )
    signing.sign(note=note, by=by)
    return note


def read(episode, reader):
    return golden_thread.of(episode=episode, reader=reader, now=timezone.now())


def gaps(episode, reader):
    now = timezone.now()
    return [
        (gap.check, gap.pk)
        for gap in thread_checks.gaps(golden_thread.of(episode=episode, reader=reader, now=now), now)
    ]


def keep_whole(episode, by):
    """Notes on everything, so that only what a story breaks is broken."""
    session(episode, by, objectives=list(Objective.objects.filter(goal__episode=episode)))


def test_from_the_need_to_the_review(story, counselor):
    episode, goal, step = story
    note = session(episode, counselor, goals=[goal], objectives=[step])
    said = dict.fromkeys(Goal.objects.filter(episode=episode), "better")
    done = plans.review(plan=plans.current(episode), by=counselor, summary="Nights are longer.", progress=said)
    whole = read(episode, counselor)
    assert [each.need for each in whole.needs] == ["Sleep", "Work and money"]
    branch = whole.needs[0].goals[0]
    strand = branch.strands[0]
    assert (branch.goal, strand.objective, strand.objective.intervention) == (goal, step, "CBT for insomnia")
    assert [mark.pk for mark in strand.notes] == [note.pk]
    assert [(each.review_id, each.progress) for each in branch.progress] == [(done.pk, "better")]


def test_a_whole_thread_has_no_gaps(story, counselor):
    keep_whole(story[0], counselor)
    assert gaps(story[0], counselor) == []


def test_a_need_without_a_goal(story, counselor):
    episode, *_ = story
    keep_whole(episode, counselor)
    plans.new_version(episode=episode, by=counselor, needs="Sleep\nWork and money\nA place to live")
    assert gaps(episode, counselor) == [(Check.NEED_WITHOUT_GOAL, None)]
    plans.add_objective(
        goal=plans.add_goal(episode=episode, wording="A lease", need="a place to live", by=counselor),
        wording="Apply twice a week",
        by=counselor,
    )
    assert gaps(episode, counselor) == []


def test_an_active_goal_without_an_objective(story, counselor):
    episode, _, step = story
    keep_whole(episode, counselor)
    plans.close_objective(objective=step, status="met", by=counselor)
    assert gaps(episode, counselor) == [(Check.GOAL_WITHOUT_OBJECTIVE, step.goal_id)]
    plans.close_goal(goal=step.goal, status="met", by=counselor)
    assert gaps(episode, counselor) == []


def test_an_objective_that_no_note_worked_on_for_thirty_days(story, counselor, clock, clinic):
    episode, _, step = story
    keep_whole(episode, counselor)
    clock.move_to(NOW + datetime.timedelta(days=24))
    assert Check.OBJECTIVE_WITHOUT_NOTE not in dict(gaps(episode, counselor))
    clock.move_to(NOW + datetime.timedelta(days=26))
    quiet = [pk for check, pk in gaps(episode, counselor) if check == Check.OBJECTIVE_WITHOUT_NOTE]
    assert quiet == list(Objective.objects.order_by("pk").values_list("pk", flat=True))
    session(episode, counselor, objectives=[step])
    assert step.pk not in [pk for _, pk in gaps(episode, counselor)]
    clinic.thresholds.create(key="counseling.objective_without_note", value=90)
    assert Check.OBJECTIVE_WITHOUT_NOTE not in dict(gaps(episode, counselor))


def test_a_new_objective_has_time_and_a_draft_is_no_note(story, counselor):
    episode, goal, step = story
    fresh = plans.add_objective(goal=goal, wording="Lights out at eleven", by=counselor)
    notes.start(client=episode.client, episode=episode, by=counselor, objectives=[step])
    quiet = [pk for check, pk in gaps(episode, counselor) if check == Check.OBJECTIVE_WITHOUT_NOTE]
    assert step.pk in quiet
    assert fresh.pk not in quiet


def test_a_note_on_a_goal_counts_for_its_only_objective(story, counselor):
    episode, goal, step = story
    note = session(episode, counselor, goals=[goal])
    assert step.pk not in [pk for _, pk in gaps(episode, counselor)]
    assert [mark.pk for mark in read(episode, counselor).needs[0].goals[0].strands[0].notes] == [note.pk]
    plans.add_objective(goal=goal, wording="Lights out at eleven", by=counselor)
    branch = read(episode, counselor).needs[0].goals[0]
    assert [mark.pk for mark in branch.notes] == [note.pk]
    assert step.pk in [pk for _, pk in gaps(episode, counselor)]


def test_a_signed_note_without_an_objective_is_filed_and_stays_as_signed(story, counselor):
    episode, _, step = story
    keep_whole(episode, counselor)
    loose = session(episode, counselor, days_ago=3)
    session(episode, counselor, days_ago=2, modality="crisis")
    assert gaps(episode, counselor) == [(Check.NOTE_WITHOUT_OBJECTIVE, loose.pk)]
    golden_thread.file_note(note=loose, objective=step, by=counselor)
    assert golden_thread.file_note(note=loose, objective=step, by=counselor) == LaterFiling.objects.get()
    assert gaps(episode, counselor) == []
    assert loose.pk in [mark.pk for mark in read(episode, counselor).needs[0].goals[0].strands[0].notes]
    assert signing.verify(loose).unchanged


def test_a_note_filed_later_is_a_note_on_its_objective(story, counselor):
    episode, _, step = story
    loose = session(episode, counselor)
    assert step.pk in [pk for _, pk in gaps(episode, counselor)]
    golden_thread.file_note(note=loose, objective=step, by=counselor)
    assert step.pk not in [pk for _, pk in gaps(episode, counselor)]


def test_a_late_plan_and_a_late_review(clock, client_record, program, counselor):
    row = factories.TreatmentEpisodeFactory(
        client=client_record, program=program, admitted_by=counselor, admitted_on=datetime.date(2026, 3, 1)
    )
    episode = TreatmentEpisode.objects.select_related("client__clinic", "program").get(pk=row.pk)
    assert gaps(episode, counselor) == []
    clock.move_to(NOW)
    assert gaps(episode, counselor) == [(Check.PLAN_LATE, None)]
    plan = plans.start(episode=episode, by=counselor, needs="")
    assert gaps(episode, counselor) == []
    clock.move_to(NOW + datetime.timedelta(days=92))
    assert gaps(episode, counselor) == [(Check.REVIEW_LATE, None)]
    plans.review(plan=plan, by=counselor, summary="As before.", progress={})
    assert gaps(episode, counselor) == []


def test_an_ended_episode_has_nothing_left_to_mend(story, counselor):
    episode, *_ = story
    assert gaps(episode, counselor)
    episode.discharged_on = timezone.localdate(timezone=episode.client.clinic.zone)
    assert gaps(episode, counselor) == []


def test_each_gap_leads_to_the_form_that_mends_it(story, counselor, signed_in):
    episode, goal, step = story
    plans.new_version(episode=episode, by=counselor, needs="Sleep\nWork and money\nA place to live")
    bare = plans.add_goal(episode=episode, wording="No step yet", need="Sleep", by=counselor)
    session(episode, counselor)
    now = timezone.now()
    listed = thread_checks.gaps(read(episode, counselor), now)
    found = {gap.check: gap for gap in reversed(listed)}  # the first of each kind
    assert set(found) == {
        Check.NEED_WITHOUT_GOAL,
        Check.GOAL_WITHOUT_OBJECTIVE,
        Check.OBJECTIVE_WITHOUT_NOTE,
        Check.NOTE_WITHOUT_OBJECTIVE,
    }
    browser = signed_in(counselor)
    pages = {check: as_read(browser.get(gap.url)) for check, gap in found.items()}
    assert 'value="A place to live"' in pages[Check.NEED_WITHOUT_GOAL]
    assert f'id="goal-{bare.pk}"' in pages[Check.GOAL_WITHOUT_OBJECTIVE]
    assert '<details class="ow-fold" open><summary>Add an objective' in pages[Check.GOAL_WITHOUT_OBJECTIVE]
    assert f'name="objective" value="{step.pk}"' in pages[Check.OBJECTIVE_WITHOUT_NOTE]
    assert "Link this note to an objective" in pages[Check.NOTE_WITHOUT_OBJECTIVE]
    answer = browser.post(found[Check.OBJECTIVE_WITHOUT_NOTE].url, {"format": "dap", "objective": step.pk})
    begun = SessionNote.objects.get(pk=answer["Location"].rstrip("/").rpartition("/")[2])
    assert (list(begun.goals.all()), list(begun.objectives.all())) == ([goal], [step])
    loose = found[Check.NOTE_WITHOUT_OBJECTIVE]
    assert browser.post(loose.url, {"objective": ""}).status_code == 422
    browser.post(loose.url, {"objective": step.pk})
    assert LaterFiling.objects.get().objective == step


def test_the_page_is_a_picture_with_its_table(story, counselor, signed_in):
    episode, _, step = story
    note = session(episode, counselor, objectives=[step])
    page = as_read(signed_in(counselor).get(reverse("counseling:thread", args=[episode.client_id])))
    assert f'href="{reverse("counseling:note_edit", args=[episode.client_id, note.pk])}" aria-label="Note of' in page
    assert "View as table" in page
    assert "style=" not in page


def test_no_note_is_begun_for_somebody_elses_objective(story, counselor, make_client, program, signed_in):
    episode, *_ = story
    other = factories.TreatmentEpisodeFactory(
        client=make_client(counselor=counselor), program=program, admitted_by=counselor
    )
    theirs = plans.add_objective(
        goal=plans.add_goal(episode=other, wording=SECRET, by=counselor), wording=SECRET, by=counselor
    )
    browser = signed_in(counselor)
    url = reverse("counseling:note_new", args=[episode.client_id])
    assert SECRET not in as_read(browser.get(f"{url}?objective={theirs.pk}"))
    browser.post(url, {"format": "dap", "objective": theirs.pk})
    assert not SessionNote.objects.latest("pk").objectives.exists()
    signed = session(episode, counselor)
    with pytest.raises(golden_thread.ObjectiveOfSomebodyElse):
        golden_thread.file_note(note=signed, objective=theirs, by=counselor)
    with pytest.raises(DatabaseError, match="its own client"), transaction.atomic():
        LaterFiling.objects.create(note=signed, objective=theirs, filed_at=timezone.now(), filed_by=counselor)


def test_a_draft_is_not_filed_and_a_filing_is_not_rewritten(story, counselor):
    episode, _, step = story
    draft = notes.start(client=episode.client, episode=episode, by=counselor)
    with pytest.raises(golden_thread.NoteNotSigned):
        golden_thread.file_note(note=draft, objective=step, by=counselor)
    with pytest.raises(DatabaseError, match="a signed note"), transaction.atomic():
        LaterFiling.objects.create(note=draft, objective=step, filed_at=timezone.now(), filed_by=counselor)
    filing = golden_thread.file_note(note=session(episode, counselor), objective=step, by=counselor)
    with as_owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        LaterFiling.objects.filter(pk=filing.pk).update(filed_at=NOW)


def test_nobody_outside_sees_the_thread_or_files_a_note(
    story, counselor, intake, make_staff, other_clinic, privacy_officer, signed_in
):
    episode, _, step = story
    plans.new_version(episode=episode, by=counselor, needs=SECRET)
    note = session(episode, counselor)
    url = reverse("counseling:thread", args=[episode.client_id])
    filing = reverse("counseling:note_file", args=[episode.client_id, note.pk])
    assert SECRET in as_read(signed_in(counselor).get(url))
    for person in (intake, privacy_officer, make_staff(), make_staff("supervisor", clinic=other_clinic)):
        browser = signed_in(person)
        for answer in (browser.get(url), browser.get(filing), browser.post(filing, {"objective": step.pk})):
            assert answer.status_code in {403, 404}
            assert SECRET not in as_read(answer)
        whole = read(episode, person)
        assert (whole.plan, whole.needs, whole.loose_notes, whole.quiet) == (None, (), (), frozenset())
        with pytest.raises(NotPermitted):
            golden_thread.file_note(note=note, objective=step, by=person)
    assert not LaterFiling.objects.exists()


def test_an_earlier_episode_opens_too_and_nobody_elses(story, counselor, make_client, program, signed_in):
    episode, *_ = story
    earlier = factories.TreatmentEpisodeFactory(
        client=episode.client,
        program=program,
        admitted_by=counselor,
        admitted_on=datetime.date(2025, 1, 5),
        discharged_on=datetime.date(2025, 3, 1),
        discharge_reason="completed",
    )
    Goal.objects.create(
        client=episode.client,
        episode=earlier,
        plan=earlier.treatment_plans.create(client=episode.client, started_at=NOW, started_by=counselor),
        wording="Ride a bicycle again",
        opened_on=earlier.admitted_on,
        recorded_by=counselor,
    )
    other = factories.TreatmentEpisodeFactory(
        client=make_client(counselor=counselor), program=program, admitted_by=counselor
    )
    plans.add_goal(episode=other, wording=SECRET, by=counselor)
    browser = signed_in(counselor)
    for page in ("thread", "plan_versions"):
        url = reverse(f"counseling:{page}", args=[episode.client_id])
        assert "Ride a bicycle again" not in as_read(browser.get(url))
        asked = as_read(browser.get(f"{url}?episode={earlier.pk}"))
        assert "Ride a bicycle again" in asked
        assert reverse("counseling:plan_review", args=[episode.client_id]) not in asked
        assert SECRET not in as_read(browser.get(f"{url}?episode={other.pk}"))


def test_a_note_does_not_open_for_filing_under_another_clients_address(story, counselor, make_client, signed_in):
    note = session(story[0], counselor)
    other = make_client(counselor=counselor)
    url = reverse("counseling:note_file", args=[other.pk, note.pk])
    assert signed_in(counselor).get(url).status_code == 404


def grow(episode, by, number):
    for each in range(number):
        goal = plans.add_goal(episode=episode, wording=f"Goal {each}", need=f"Need {each}", by=by)
        step = plans.add_objective(goal=goal, wording=f"Step {each}", by=by)
        session(episode, by, goals=[goal], objectives=[step])
        golden_thread.file_note(note=session(episode, by), objective=step, by=by)


def test_one_goal_and_six_cost_the_same_number_of_queries(story, counselor, signed_in):
    episode, *_ = story
    grow(episode, counselor, 1)
    said = dict.fromkeys(Goal.objects.filter(episode=episode), "same")
    plans.review(plan=plans.current(episode), by=counselor, summary="As before.", progress=said)
    browser = signed_in(counselor)
    url = reverse("counseling:thread", args=[episode.client_id])
    browser.get(url)
    with CaptureQueriesContext(connection) as few:
        browser.get(url)
    grow(episode, counselor, 6)
    with CaptureQueriesContext(connection) as many:
        browser.get(url)
    assert len(many) == len(few) <= 40


# Today


def today(person):
    return [(need.title, need.client_name) for need in today_plans.needs(staff_member=person, now=timezone.now())]


def test_today_tells_who_leads_the_care_and_nobody_else(story, counselor, make_staff, supervisor, medical, clock):
    episode, *_ = story
    second = make_staff()
    factories.CareTeamMemberFactory(client=episode.client, staff_member=second, part="counselor")
    name = episode.client.full_name
    assert today(counselor) == [("2 objectives with no recent note", name)]
    for person in (second, supervisor, medical, make_staff()):
        assert today(person) == []
    clock.move_to(NOW + datetime.timedelta(days=40))
    assert today(counselor) == [("Review the plan", name), ("2 objectives with no recent note", name)]
    keep_whole(episode, counselor)
    said = dict.fromkeys(Goal.objects.filter(episode=episode), "same")
    plans.review(plan=plans.current(episode), by=counselor, summary="As before.", progress=said)
    assert today(counselor) == []


def test_today_says_that_a_plan_is_late_until_it_is_made(story, counselor, make_client, program):
    keep_whole(story[0], counselor)
    other = factories.TreatmentEpisodeFactory(
        client=make_client(counselor=counselor),
        program=program,
        admitted_by=counselor,
        admitted_on=datetime.date(2026, 4, 1),
    )
    assert today(counselor) == [("Write the treatment plan", other.client.full_name)]
    plans.start(episode=other, by=counselor, needs="Sleep")
    assert today(counselor) == []


def test_today_lists_twenty_at_most_for_the_same_number_of_queries(story, counselor, make_client, program):
    now = timezone.now()
    with CaptureQueriesContext(connection) as few:
        today_plans.needs(staff_member=counselor, now=now)
    for number in range(24):
        factories.TreatmentEpisodeFactory(
            client=make_client(counselor=counselor),
            program=program,
            admitted_by=counselor,
            admitted_on=datetime.date(2026, 2, 1 + number),
        )
    with CaptureQueriesContext(connection) as many:
        found = today_plans.needs(staff_member=counselor, now=now)
    assert len(found) == 20
    assert len(many) <= len(few)
    assert [need.due for need in found] == sorted(need.due for need in found)


def test_goals_that_have_no_room_among_the_earlier_ones_are_counted_and_linked(
    client_record, episode, counselor, signed_in
):
    browser, address = signed_in(counselor), reverse("counseling:plan", args=[client_record.pk])
    plan = plans.start(episode=episode, by=counselor)

    def closed(*numbers):
        Goal.objects.bulk_create(
            Goal(
                client=client_record,
                episode=episode,
                plan=plan,
                wording=f"Goal {number}",
                status="met",
                opened_on=episode.admitted_on,
                closed_on=episode.admitted_on,
                recorded_by=counselor,
            )
            for number in numbers
        )
        return as_read(browser.get(address))

    assert "more in plan versions" not in closed(*range(40))
    page = closed(40, 41)
    assert 'Earlier goals <span class="ow-muted">42</span>' in page
    assert page.count('<li id="goal-') == 40
    versions = reverse("counseling:plan_versions", args=[client_record.pk])
    assert f'<a href="{versions}">2 more in plan versions</a>' in page
