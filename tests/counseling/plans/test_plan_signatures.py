"""Client and counselor sign exactly what a plan says; a changed plan needs new signatures."""

from __future__ import annotations

import json

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse

from counseling import plans
from counseling.models import Goal, PlanSignature, TreatmentPlan
from counseling.plans import plan_signatures, plan_text
from counseling.plans.plan_progress import NotTheLatestVersion
from staff.access import NotPermitted
from staff.paper import drawn_signature
from tests.ownership import as_owner

pytestmark = pytest.mark.django_db
PASSWORD = "sample-password-1"
DRAWN = [[[10, 20], [40, 60], [80, 20], [120, 60], [160, 20]], [[20, 150], [300, 148], [560, 152]]]


@pytest.fixture
def plan(episode, counselor):
    plan = plans.start(episode=episode, by=counselor, needs="Sleep")
    goal = plans.add_goal(episode=episode, wording="Sleep six hours", need="Sleep", by=counselor)
    plans.add_objective(goal=goal, wording="Keep the sleep diary", by=counselor)
    return plan


def stands(plan):
    return {str(each.signer): each.stands for each in plan_signatures.standing_of(fresh(plan))}


def fresh(plan):
    return TreatmentPlan.objects.select_related("client__clinic", "episode__client").get(pk=plan.pk)


def client_signs(plan, by, **more):
    return plan_signatures.sign(plan=plan, signer="client", by=by, **{"typed_name": "Robin Sample", **more})


def test_client_and_counselor_sign_what_the_plan_says(plan, counselor):
    client_signs(plan, counselor, typed_name="", strokes=DRAWN)
    mine = plan_signatures.sign(plan=plan, signer="counselor", by=counselor, typed_name="Somebody Else")
    assert stands(plan) == {"client": True, "counselor": True}
    assert mine.typed_name == counselor.signature_name
    assert mine.hash == plan_text.hash_of(plan_text.contents(fresh(plan)))


@pytest.mark.parametrize("change", ["goal added", "objective added", "wording", "needs", "set aside", "due date"])
def test_a_changed_plan_is_signed_again(plan, counselor, change):
    client_signs(plan, counselor)
    goal = Goal.objects.get()
    if change == "goal added":
        plans.add_goal(episode=plan.episode, wording="Work half days", by=counselor)
    elif change == "objective added":
        plans.add_objective(goal=goal, wording="Lights out at eleven", by=counselor)
    elif change == "wording":
        Goal.objects.update(wording="Sleep eight hours")
    elif change == "needs":
        TreatmentPlan.objects.update(needs="Sleep\nWork")
    elif change == "set aside":
        plans.close_goal(goal=goal, status="set_aside", by=counselor)
    else:
        goal.objectives.update(due_on="2026-09-01")
    standing = plan_signatures.standing_of(fresh(plan))[0]
    assert standing.changed_since
    if change != "set aside":
        client_signs(plan, counselor)
        assert stands(plan)["client"]
        assert PlanSignature.objects.count() == 2


def test_meeting_a_goal_changes_no_agreement(plan, counselor):
    client_signs(plan, counselor)
    plans.close_goal(goal=Goal.objects.get(), status="met", by=counselor)
    assert stands(plan)["client"]


def test_a_next_version_is_signed_anew_and_the_earlier_signature_stays_good(plan, counselor):
    client_signs(plan, counselor)
    second = plans.new_version(episode=plan.episode, by=counselor, needs="Sleep")
    plans.add_goal(episode=plan.episode, wording="Work half days", by=counselor)
    assert stands(plan)["client"]
    assert not stands(second)["client"]
    with pytest.raises(NotTheLatestVersion):
        client_signs(plan, counselor)


def test_what_the_signer_did_not_read_is_not_signed(plan, counselor):
    read = plan_text.hash_of(plan_text.contents(fresh(plan)))
    plans.add_goal(episode=plan.episode, wording="Added in another window", by=counselor)
    with pytest.raises(plan_signatures.PlanChangedSinceRead):
        client_signs(plan, counselor, read=read)
    assert not PlanSignature.objects.exists()


def test_signing_twice_is_one_signature_and_nothing_is_signed_without_a_name_or_goal(plan, counselor, episode):
    with pytest.raises(plan_signatures.NoName):
        client_signs(plan, counselor, typed_name="  ")
    assert client_signs(plan, counselor) == client_signs(plan, counselor)
    empty = plans.new_version(episode=episode, by=counselor, needs="Sleep")
    Goal.objects.update(status="set_aside", closed_on="2026-01-01")
    with pytest.raises(plan_signatures.NothingToSign):
        client_signs(empty, counselor)


def test_a_plan_of_an_ended_episode_is_signed_no_more(plan, counselor, episode):
    type(episode).objects.update(discharged_on=episode.admitted_on, discharge_reason="completed")
    with pytest.raises(plans.PlanEpisodeEnded):
        client_signs(plan, counselor)


def test_who_may_not_write_plans_signs_none(plan, medical, make_staff, other_clinic):
    for stranger in (medical, make_staff(), make_staff("supervisor", clinic=other_clinic)):
        with pytest.raises(NotPermitted):
            client_signs(plan, stranger)
        assert not PlanSignature.objects.exists()


def test_nobody_sees_a_signature_from_outside(plan, counselor, intake, make_staff, other_clinic, signed_in):
    client_signs(plan, counselor, strokes=DRAWN, typed_name="")
    path = drawn_signature.path_of(DRAWN)
    url = reverse("counseling:plan_sign", args=[plan.client_id])
    assert path in signed_in(counselor).get(url).content.decode()
    for person in (intake, make_staff(), make_staff("supervisor", clinic=other_clinic)):
        answer = signed_in(person).get(url)
        assert answer.status_code in {403, 404}
        assert path not in answer.content.decode()
        assert not PlanSignature.objects.visible_to(person).exists()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE counseling_plansignature SET typed_name = 'Another'",
        "DELETE FROM counseling_plansignature",
        "TRUNCATE counseling_plansignature",
    ],
)
def test_nobody_rewrites_a_signature(plan, counselor, sql):
    client_signs(plan, counselor)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with as_owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(sql)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"typed_name": ""}, "plan_signature_typed_or_drawn"),
        ({"hash": "x" * 64}, "plan_signature_hash_is_sha256"),
        ({"signer": "counselor", "strokes": DRAWN}, "plan_signature_of_counselor_is_named"),
        ({"strokes": {"not": "a list"}}, "plan_signature_drawing_has_a_size"),
        ({"strokes": [[[1, 1]] * 20000]}, "plan_signature_drawing_has_a_size"),
        ({}, "plan_text_signed_once_by_each"),
    ],
)
def test_the_database_refuses_what_is_no_signature(plan, counselor, fields, constraint):
    one = client_signs(plan, counselor)
    row = {
        "plan": plan,
        "signer": "client",
        "typed_name": "Robin",
        "signed_at": one.signed_at,
        "by": counselor,
        "hash": one.hash if not fields else "0" * 64,
        "text_version": 1,
    }
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        PlanSignature.objects.create(**{**row, **fields})


def test_a_drawing_is_checked_and_kept_inside_its_box():
    assert drawn_signature.read(json.dumps([[[-5, 300.4], [700, 20]] * 5])) == [[[0, 200], [600, 20]] * 5]
    assert drawn_signature.path_of([[[1, 2], [3, 4]], [[5, 6]]]) == "M1 2L3 4M5 6"
    bad = [
        "",
        "null",
        "7",
        "{}",
        '[["a"]]',
        "[[[1]]]",
        "[[[1,2,3]]]",
        "[[[true,1]]]",
        "[[[NaN,1]]]",
        "[[[1e999,1]]]",
        "[[[1,2]]]",
    ]
    for text in [*bad, "[" * 100_000, json.dumps([[[1, 1]] * 4001]), json.dumps([[[1, 1]]] * 61)]:
        with pytest.raises(drawn_signature.NotDrawn):
            drawn_signature.read(text)


def test_the_page_takes_a_drawing_a_typed_name_and_the_counselors_password(plan, counselor, signed_in):
    browser = signed_in(counselor)
    url = reverse("counseling:plan_sign", args=[plan.client_id])
    said = plan_text.hash_of(plan_text.contents(fresh(plan)))
    nothing = browser.post(url, {"signer": "client", "hash": said, "strokes": "", "typed_name": ""})
    assert nothing.status_code == 422
    assert "Draw a signature or type a name." in nothing.content.decode()
    crooked = browser.post(
        url, {"signer": "client", "hash": said, "strokes": "<svg onload=x>", "typed_name": "Robin S"}
    )
    assert crooked.status_code == 422
    assert "<svg onload" not in crooked.content.decode()
    browser.post(url, {"signer": "client", "hash": said, "strokes": json.dumps(DRAWN), "typed_name": ""})
    assert PlanSignature.objects.get().strokes == DRAWN
    wrong = browser.post(url, {"signer": "counselor", "hash": said, "password": "not-mine"})
    assert "Wrong password" in wrong.content.decode()
    browser.post(url, {"signer": "counselor", "hash": said, "password": PASSWORD})
    assert stands(plan) == {"client": True, "counselor": True}
    page = browser.get(url).content.decode()
    assert f'd="{drawn_signature.path_of(DRAWN)}"' in page
    assert "style=" not in page


def test_a_changed_plan_says_so_on_its_page(plan, counselor, signed_in):
    client_signs(plan, counselor)
    url = reverse("counseling:plan", args=[plan.client_id])
    assert "sign again" not in signed_in(counselor).get(url).content.decode()
    plans.add_goal(episode=plan.episode, wording="Work half days", by=counselor)
    assert "Changed since signing: sign again" in signed_in(counselor).get(url).content.decode()
