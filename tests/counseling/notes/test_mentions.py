"""Links from a note's sentence to a known trigger, sign, strategy or goal, or to a new one."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import CopingStrategy, Trigger
from cases.recovery import evidence, learning
from counseling import notes, plans, signing
from counseling.models import NoteMention, SessionNote
from counseling.notes import mentions
from staff.models import AuditEntry, StaffMember
from staff.refusals import NotPermitted
from tests import factories
from tests.ownership import as_owner

pytestmark = pytest.mark.django_db
SignIn = Callable[[StaffMember], Browser]
SAID = "On payday I walked past the store and called my sister."


@pytest.fixture
def draft(client_record, program, counselor) -> SessionNote:
    episode = factories.TreatmentEpisodeFactory(client=client_record, program=program, admitted_by=counselor)
    now = timezone.now()
    return notes.start(
        client=client_record,
        episode=episode,
        by=counselor,
        session_started_at=now - datetime.timedelta(hours=2),
        session_ended_at=now - datetime.timedelta(hours=1),
        sections={"subjective": SAID, "objective": "Calm.", "assessment": "Steady.", "plan": "Go on."},
    )


def test_a_sentence_is_evidence_for_what_was_known_and_for_what_is_new(draft, counselor):
    payday = learning.add_trigger(client=draft.client, wording="Payday", by=counselor)
    mentions.link(note=draft, kind="trigger", what=payday, quote=SAID, by=counselor)
    made = mentions.link(note=draft, kind="strategy", what="Call my sister", quote=SAID, outcome="helped", by=counselor)
    assert (made.strategy.wording, made.strategy.first_seen_in) == ("Call my sister", draft.episode)
    assert [(each.words, each.note) for each in evidence.of(payday, staff_member=counselor)] == [
        ("Came up in a session", SAID)
    ]
    assert [each.words for each in evidence.of(made.strategy, staff_member=counselor)] == [
        "Came up in a session: strategy, helped"
    ]


def test_progress_on_a_goal_and_the_same_twice(draft, counselor):
    goal = plans.add_goal(episode=draft.episode, wording="Sleep six hours", by=counselor)
    first = mentions.link(note=draft, kind="goal", what=goal, quote=SAID, progress="better", by=counselor)
    assert mentions.link(note=draft, kind="goal", what=goal, quote=SAID, progress="better", by=counselor) == first
    assert first.what == "Goal, better"


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"quote": "  "}, mentions.SentenceNeeded),
        ({"what": ""}, mentions.NothingChosen),
        ({"kind": "goal", "what": "Something new"}, mentions.NothingChosen),
        ({"kind": "weather"}, mentions.NothingChosen),
    ],
)
def test_what_is_refused(draft, counselor, facts, refusal):
    with pytest.raises(refusal):
        mentions.link(note=draft, by=counselor, **{"kind": "trigger", "what": "Payday", "quote": SAID, **facts})
    assert not NoteMention.objects.exists()
    assert not Trigger.objects.exists()


def test_another_persons_trigger_and_a_colleagues_draft(draft, counselor, make_client, make_staff):
    other = make_client(counselor=counselor)
    theirs = learning.add_trigger(client=other, wording="Rain", by=counselor)
    with pytest.raises(mentions.NotThisClient):
        mentions.link(note=draft, kind="trigger", what=theirs, quote=SAID, by=counselor)
    colleague = make_staff()
    with pytest.raises(NotPermitted):
        mentions.link(note=draft, kind="trigger", what="Payday", quote=SAID, by=colleague)
    factories.CareTeamMemberFactory(client=draft.client, staff_member=colleague)
    with pytest.raises(notes.NotTheAuthor):
        mentions.link(note=draft, kind="trigger", what="Payday", quote=SAID, by=colleague)
    mentions.link(note=draft, kind="trigger", what="Payday", quote=SAID, by=counselor)
    assert not NoteMention.objects.visible_to(colleague).exists()  # it is still a draft


def test_once_signed_it_stands(draft, counselor):
    mention = mentions.link(note=draft, kind="trigger", what="Payday", quote=SAID, by=counselor)
    signing.sign(note=draft, by=counselor)
    with pytest.raises(notes.AlreadySigned):
        mentions.unlink(mention=mention, by=counselor)
    with pytest.raises(notes.AlreadySigned):
        mentions.link(note=draft, kind="trigger", what="Rain", quote=SAID, by=counselor)
    for attempt in (
        lambda: NoteMention.objects.update(quote="Something else"),
        lambda: NoteMention.objects.all().delete(),
        lambda: NoteMention.objects.create(
            note=draft, quote="x", trigger=mention.trigger, recorded_at=timezone.now(), recorded_by=counselor
        ),
    ):
        with as_owner(), pytest.raises(IntegrityError), transaction.atomic():
            attempt()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute("TRUNCATE counseling_notemention")


def test_two_wordings_joined_later_keep_the_evidence_together(draft, counselor):
    one = learning.add_trigger(client=draft.client, wording="Payday", by=counselor)
    mentions.link(note=draft, kind="trigger", what="The day I am paid", quote=SAID, by=counselor)
    signing.sign(note=draft, by=counselor)
    two = Trigger.objects.get(wording="The day I am paid")
    joined = learning.merge_wordings(keep=one, other=two, by=counselor)
    assert [each.note for each in evidence.of(one, staff_member=counselor)] == [SAID]
    learning.separate_wordings(join=joined, by=counselor)
    assert evidence.of(one, staff_member=counselor) == []


def test_the_database_wants_exactly_one_thing(draft, counselor):
    trigger = learning.add_trigger(client=draft.client, wording="Payday", by=counselor)
    fields = {"note": draft, "quote": "x", "recorded_at": timezone.now(), "recorded_by": counselor}
    strategy = CopingStrategy.objects.create(
        client=draft.client,
        wording="Walk",
        first_seen_on="2026-01-05",
        recorded_by=counselor,
        recorded_at=timezone.now(),
    )
    for wrong in (
        {},
        {"trigger": trigger, "strategy": strategy},
        {"trigger": trigger, "outcome": "helped"},
        {"strategy": strategy, "progress": "better"},
        {"trigger": trigger, "quote": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            NoteMention.objects.create(**(fields | wrong))


def test_from_the_editor_without_scripts_the_draft_is_saved_with_it(draft, counselor, signed_in: SignIn):
    office = signed_in(counselor)
    url = reverse("counseling:note_edit", args=[draft.client_id, draft.pk])
    typed = {
        "version": draft.version, "section_subjective": SAID + " More.", "session_on": "2026-01-05",
        "begins": "10:00", "modality": "individual", "place": "clinic", "then": "mention",
        "mention_quote": SAID, "mention_about": "trigger:", "mention_new": "Payday",
    }  # fmt: skip
    answer = office.post(url, typed)
    assert answer["Location"] == f"{url}#note-mentions"
    draft.refresh_from_db()
    assert draft.sections["subjective"] == SAID + " More."
    page = office.get(url).content.decode()
    assert "Payday" in page
    mention = NoteMention.objects.get()
    refused = office.post(url, typed | {"version": draft.version, "mention_about": "", "mention_new": "Kept words"})
    assert refused.status_code == 422
    assert "Choose what came up" in refused.content.decode()
    assert "Kept words" in refused.content.decode()
    draft.refresh_from_db()
    office.post(url, typed | {"version": draft.version, "then": f"unlink:{mention.pk}"})
    assert not NoteMention.objects.exists()
    assert Trigger.objects.get().wording == "Payday"


def test_with_scripts_only_the_part_comes_back(draft, counselor, signed_in: SignIn):
    office = signed_in(counselor)
    add = reverse("counseling:mention_add", args=[draft.client_id, draft.pk])
    part = office.post(
        add,
        {
            "mention_quote": SAID,
            "mention_about": "strategy:",
            "mention_new": "Call my sister",
            "mention_said": "partly",
        },
    ).content.decode()
    assert part.lstrip().startswith("<details")
    assert "Strategy, helped partly" in part
    signing.sign(note=draft, by=counselor)
    read = office.get(reverse("counseling:note_edit", args=[draft.client_id, draft.pk])).content.decode()
    assert "What came up" in read


def test_a_stranger_finds_nothing(draft, counselor, other_clinic, signed_in: SignIn):
    mention = mentions.link(note=draft, kind="trigger", what="Payday", quote=SAID, by=counselor)
    stranger = signed_in(factories.StaffMemberFactory(clinic=other_clinic))
    args = [draft.client_id, draft.pk]
    assert stranger.post(reverse("counseling:mention_add", args=args), {"mention_quote": "x"}).status_code == 404
    assert stranger.post(reverse("counseling:mention_remove", args=[*args, mention.pk])).status_code == 404
    assert NoteMention.objects.count() == 1


def test_the_editor_costs_the_same_with_one_and_with_five(draft, counselor, signed_in: SignIn):
    office = signed_in(counselor)
    url = reverse("counseling:note_edit", args=[draft.client_id, draft.pk])

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            office.get(url)
        return len(asked)

    mentions.link(note=draft, kind="trigger", what="Payday", quote=SAID, by=counselor)
    cost()
    one = cost()
    for wording in ("Rain", "Snow", "Court dates", "Sundays"):
        mentions.link(note=draft, kind="trigger", what=wording, quote=SAID, by=counselor)
    assert cost() == one


@pytest.mark.parametrize("worded", [True, False])
def test_a_sentence_brings_back_what_was_called_past(draft, counselor, worded):
    """In its own words or as the row that an open page still offers; not in the note of a session before that day."""
    payday = learning.add_trigger(client=draft.client, wording="Payday", by=counselor)
    session = timezone.localdate(draft.session_started_at, draft.client.clinic.zone)
    Trigger.objects.filter(pk=payday.pk).update(no_longer_true_since=session + datetime.timedelta(days=1))
    payday.refresh_from_db()
    what = "Payday" if worded else payday
    mentions.link(note=draft, kind="trigger", what=what, quote="Before it passed.", by=counselor)
    assert not Trigger.objects.still_true().exists()
    Trigger.objects.filter(pk=payday.pk).update(no_longer_true_since=session - datetime.timedelta(days=1))
    payday.refresh_from_db()
    mentions.link(note=draft, kind="trigger", what=what, quote=SAID, by=counselor)
    assert Trigger.objects.still_true().get() == payday
    entry = AuditEntry.objects.get(act="cases.still_true")
    assert (entry.subject_id, entry.staff_member) == (payday.pk, counselor)
