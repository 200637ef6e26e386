"""Print content of a note, a treatment plan, a safety plan and so on. The print page and the PDF both draw it."""

from __future__ import annotations

import datetime
from dataclasses import replace

from django.utils import timezone
from django.utils.dateformat import format as worded

from cases.models import TreatmentEpisode
from counseling import plans, signing
from counseling.codes import GoalStatus, PlanSigner, Verdict
from counseling.models import DischargePlan, Goal, Objective, SafetyPlan, SessionNote, TreatmentPlan
from counseling.plans import plan_signatures
from privacy.on_paper import foot, whose
from staff.models import StaffMember
from staff.paper.sheet import Block, Sheet

FROM_BEFORE = "This plan is from a while ago. Review it to see what still applies."
NOT_THE_LATEST = "This is an old plan. You have a newer one. Ask for it and keep that one instead."
CRISIS_LINE = "In danger now? Call or text 988 (Suicide and Crisis Lifeline), or call 911."


def of_note(note: SessionNote, *, by: StaffMember, now: datetime.datetime) -> Sheet:
    """A session note with what it worked on, its signatures and hashes, and its addenda."""
    zone = note.client.clinic.zone
    worked_on = [name for names in note.addressed.values() for name in names]
    risk = note.get_risk_screen_display() + (f": {note.risk_detail}" if note.risk_detail else "")
    facts = [
        ("Session", _session(note)),
        ("Type and location", f"{note.get_modality_display()}, {note.get_place_display().lower()}"),
        ("Attendees", note.attendees),
        ("Episode", str(note.episode)),
        ("Author", note.author.signature_name),
        ("Goals and objectives", "\n".join(worked_on)),
        ("Risk screen", risk),
        ("Next session", worded(note.next_session_on, "l, F j, Y") if note.next_session_on else ""),
    ]
    if note.is_late_entry:
        facts.append(("Late entry", f"Signed {_moment(note.signed_at, zone)}, after the clinic’s time limit"))
    blocks = [Block(part["label"], part["text"].strip() or "–") for part in note.parts]
    return Sheet(
        title=f"Session note {note.pk}",
        file_name=f"note-{note.pk}",
        whose=whose(note.client),
        lede=f"{note.format_title} · {_standing(note)}",
        facts=tuple((label, value) for label, value in facts if value),
        blocks=(*blocks, *_came_up(note), *_signatures(note), *_addenda(note)),
        foot=foot(note.client, by=by, now=now),
        mark="" if note.signed_at else "Discarded draft" if note.discarded_at else "Draft, not signed",
    )


def of_plan(episode: TreatmentEpisode, *, by: StaffMember, now: datetime.datetime) -> Sheet:
    """An episode's plan: needs, goals, objectives, the last review, signatures, and lines for missing signatures."""
    client, plan = episode.client, plans.current(episode)
    if plan:
        plan.client = client
    zone = client.clinic.zone
    visible = Goal.objects.visible_to(by).filter(episode=episode).select_related("carried_from__episode__program")
    goals = list(visible.prefetch_related("objectives"))
    blocks = [Block("Client’s needs", plan.needs)] if plan and plan.needs else []
    blocks += [_goal(goal) for goal in goals if goal.status == GoalStatus.ACTIVE]
    closed = tuple(
        (str(goal), f"{goal.get_status_display()}, {worded(goal.closed_on, 'M j, Y')}")
        for goal in goals
        if goal.closed_on is not None
    )
    if closed:
        blocks.append(Block("Goals closed in this episode", lines=closed))
    blocks = blocks or [Block("Goals", "No goals in this episode.")]
    signers = plan_signatures.standing_of(plan, goals) if plan else []
    if plan:
        blocks += _last_review(plan, zone)
    return Sheet(
        title="Treatment plan",
        file_name=f"plan-{episode.pk}",
        whose=whose(client),
        lede=f"Version {plan.version}, started {_moment(plan.started_at, zone)}" if plan else "No plan yet",
        facts=(
            ("Program", str(episode.program)),
            ("Admitted", worded(episode.admitted_on, "F j, Y")),
            *((("Discharged", worded(episode.discharged_on, "F j, Y")),) if episode.discharged_on else ()),
        ),
        blocks=(*blocks, *(_signed(each, zone) for each in signers if each.signature)),
        foot=foot(client, by=by, now=now),
        to_sign=tuple(str(each.signer.label) for each in signers if not each.stands),
    )


def of_safety_plan(
    plan: SafetyPlan, *, by: StaffMember, now: datetime.datetime, is_confirmed: bool, found: str = ""
) -> Sheet:
    """The six steps on one page, for the record."""
    client = plan.client
    written = worded(timezone.localtime(plan.written_at, client.clinic.zone), "F j, Y")
    old = "" if is_confirmed else f" Written before the last return to treatment; {_gone_through(found)}."
    return Sheet(
        title="My safety plan",
        file_name=f"safety-plan-{plan.pk}",
        whose=whose(client),
        lede=f"Written {written} with {plan.written_by.get_full_name()}.{old}",
        aside="" if is_confirmed else FROM_BEFORE,
        facts=(),
        blocks=(*(Block(heading, text) for heading, text in plan.parts), Block("", CRISIS_LINE, is_alarm=True)),
        foot=foot(client, by=by, now=now),
        is_numbered=True,
        is_one_page=True,
    )


def of_discharge_plan(
    plan: DischargePlan, *, by: StaffMember, now: datetime.datetime, is_confirmed: bool, found: str = ""
) -> Sheet:
    """The discharge plan, with the triggers, signs and strategies it names."""
    client = plan.client
    written = worded(timezone.localtime(plan.written_at, client.clinic.zone), "F j, Y")
    old = "" if is_confirmed else f" Written before the last return to treatment; {_gone_through(found)}."
    return Sheet(
        title="My discharge plan",
        file_name=f"discharge-plan-{plan.pk}",
        whose=whose(client),
        lede=f"Written {written} with {plan.written_by.get_full_name()}.{old}",
        aside="" if is_confirmed else FROM_BEFORE,
        facts=(),
        blocks=(*(Block(heading, text) for heading, text in plan.parts), Block("", CRISIS_LINE, is_alarm=True)),
        foot=foot(client, by=by, now=now),
    )


def _gone_through(found: str) -> str:
    return f"reviewed again: {Verdict(found).label.lower()}" if found else "not reviewed again yet"


def to_take_along(sheet: Sheet) -> Sheet:
    """The client copy: it names neither the client nor the kind of clinic."""
    written = sheet.lede.partition(" with ")[0] + "."
    return replace(sheet, whose="", lede=" ".join(filter(None, (written, sheet.aside))), foot=())


def not_the_latest(sheet: Sheet) -> Sheet:
    """The same, marked as an old version in both the record copy and the client copy."""
    return replace(sheet, lede=f"{sheet.lede} A newer version exists.", aside=NOT_THE_LATEST)


def _last_review(plan: TreatmentPlan, zone: datetime.tzinfo) -> list[Block]:
    review = plan.reviews.select_related("reviewed_by").prefetch_related("goals__goal").first()
    if review is None:
        return []
    lines = tuple(
        (str(each.goal), " · ".join(filter(None, [each.get_progress_display(), each.words])))
        for each in review.goals.all()
    )
    detail = f"{_moment(review.reviewed_at, zone)}, {review.reviewed_by.signature_name}"
    return [Block("Last review", review.summary, detail, lines)]


def _signed(standing: plan_signatures.SignatureStatus, zone: datetime.tzinfo) -> Block:
    signature = standing.signature
    assert signature is not None
    there = f" · {signature.by} present" if standing.signer == PlanSigner.CLIENT else ""
    changed = "" if standing.stands else "The plan changed after this signature. It needs to be signed again."
    return Block(
        f"Signed by the {standing.signer.label.lower()}",
        "\n".join(filter(None, [signature.typed_name, f"SHA-256 of the plan: {signature.hash}", changed])),
        f"{_moment(signature.signed_at, zone)}{there}",
        strokes=tuple(tuple((x, y) for x, y in stroke) for stroke in signature.strokes or ()),
    )


def _goal(goal: Goal) -> Block:
    origin = goal.carried_from
    detail = [
        f"For: {goal.need}" if goal.need else "",
        f"since {worded(goal.opened_on, 'M j, Y')}",
        f"carried over from {origin.episode.program}, {worded(origin.opened_on, 'M Y')}" if origin else "",
    ]
    return Block(
        str(goal),
        detail=" · ".join(filter(None, detail)),
        lines=tuple(_objective(each) for each in goal.objectives.all()) or (("No objectives yet.", ""),),
    )


def _objective(objective: Objective) -> tuple[str, str]:
    if objective.closed_on is not None:
        standing = f"{objective.get_status_display()}, {worded(objective.closed_on, 'M j, Y')}"
    else:
        standing = f"By {worded(objective.due_on, 'M j, Y')}" if objective.due_on else "No target date"
    return str(objective), " · ".join(filter(None, [standing, objective.intervention]))


def _standing(note: SessionNote) -> str:
    if note.discarded_at is not None:
        return "Discarded draft: not part of the record"
    if note.signed_at is None:
        return "Draft: not part of the record until signed"
    if not note.needs_cosignature:
        return "Signed"
    waits = SessionNote.objects.waiting_for_cosignature().filter(pk=note.pk).exists()
    return "Signed, needs cosignature" if waits else "Signed and cosigned"


def _came_up(note: SessionNote) -> list[Block]:
    mentions = list(note.mentions.with_target())
    for mention in mentions:
        mention.note = note
    lines = tuple((each.called, f"{each.what} · “{each.quote}”") for each in mentions)
    return [Block("What came up", lines=lines)] if lines else []


def _signatures(note: SessionNote) -> list[Block]:
    if note.signed_at is None:
        return []
    checked, zone = signing.verify(note), note.client.clinic.zone
    blocks = [
        Block(
            f"{each.get_kind_display()} by {each.signature_name}",
            f"SHA-256 of the text: {each.hash}",
            _moment(each.at, zone) + (f", with {each.get_signed_with_display().lower()}" if each.signed_with else ""),
        )
        for each, _ in checked.signatures
    ]
    blocks += [
        Block("Signed with a safety step still open", f"Reason: {each.went_on_because}")
        for each, _ in checked.signatures
        if each.went_on_because
    ]
    if checked.unchanged:
        return [*blocks, Block("Checked when printed", "Unchanged since signing.")]
    faults = " ".join(f"{fault.label}." for fault in checked.faults)
    warning = f"{faults} The text above has the SHA-256 {checked.hash_now}. Don’t rely on it."
    return [*blocks, Block("This note changed after signing", warning, is_alarm=True)]


def _addenda(note: SessionNote) -> list[Block]:
    zone = note.client.clinic.zone
    return [
        Block("Addendum", each.text, f"{each.name}, {_moment(each.at, zone)} · Reason: {each.reason}")
        for each in note.addenda.all()
    ]


def _session(note: SessionNote) -> str:
    zone = note.client.clinic.zone
    began = worded(timezone.localtime(note.session_started_at, zone), "l, F j, Y, g:i A")
    if note.session_ended_at is None:
        return f"{began}; end time not recorded"
    return f"{began}–{worded(timezone.localtime(note.session_ended_at, zone), 'g:i A T')} ({note.minutes} min)"


def _moment(moment: datetime.datetime | None, zone: datetime.tzinfo) -> str:
    return worded(timezone.localtime(moment, zone), "M j, Y, g:i A T") if moment else ""
