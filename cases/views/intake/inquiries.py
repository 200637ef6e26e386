"""Inquiry views: the board, taking a call, and one inquiry."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from cases.forms import concurrent_edits
from cases.forms.intake.inquiry import LANGUAGES, CallForm, MoveForm, NoDangerForm, PersonForm
from cases.intake import board, earlier_calls, inquiries, inquiry_history, intake_steps, priority
from cases.models import Client, Inquiry, MedicalEvaluation
from cases.panels import inquiry_panels
from cases.people import births, finding, numbers_to_call
from cases.safety.danger_signs import WHAT_TO_DO, what_to_do
from staff import outside
from staff.access import Permission, StaffRequest, can, requires
from staff.encrypted_fields import if_readable, shown
from staff.refusals import Refusal, refusal_as_message, refusal_on

ASK_WHY = "why"  # the code of an error that asks why a danger sign was removed


@requires(Permission.INQUIRY_VIEW)
def inquiries_board(request: StaffRequest) -> HttpResponse:
    """The open inquiries by stage, most urgent first; one stage in full where the address names it (`?stage=`)."""
    now = timezone.now()
    context = {"may_take": can(request.user, Permission.INQUIRY_TAKE), "now": now}
    asked = request.GET.get("stage")
    if asked in board.OPEN:
        return _one_stage(request, board.Stage(asked), context)
    columns = board.shown(staff_member=request.user, now=now)
    context |= {"columns": columns, "total": sum(column.total for column in columns)}
    return render(request, "cases/intake/board.html", context)


def _one_stage(request: StaffRequest, stage: board.Stage, context: dict[str, Any]) -> HttpResponse:
    page = outside.number(request.GET.get("page"), highest=outside.LARGEST_COUNT) or 1
    column = board.one_stage(stage=stage, page=page, staff_member=request.user, now=context["now"])
    start = board.starts_at(page, column.total)
    number, end = start // board.ON_A_PAGE + 1, start + len(column.cards)
    context |= {
        "column": column,
        "is_paged": column.total > board.ON_A_PAGE,
        "words": f"{start + 1}–{end} of {column.total}",
        "previous_url": f"?stage={stage}&page={number - 1}" if start else "",
        "next_url": f"?stage={stage}&page={number + 1}" if end < column.total else "",
    }
    return render(request, "cases/intake/stage.html", context)


@requires(Permission.INQUIRY_TAKE)
def take_inquiry(request: StaffRequest) -> HttpResponse:
    """Take a call: one page, filled in while the caller talks.

    About a client who is known (`client`, from a follow-up call), it begins with what is on record, and saving links
    the call to them.
    """
    client = _client_of_call(request)
    if request.method != "POST":
        return _call_page(request, CallForm(initial=_on_record(request, client)), uuid.uuid4(), client=client)
    form, key = CallForm(request.POST), _key(request)
    if "look" in request.POST or not form.is_valid():
        form.is_valid()
        return _call_page(request, form, key, client=client, status=200 if "look" in request.POST else 422)
    person = request.POST.get("open_with", "")
    if client is not None and person == str(client.pk):
        person = ""  # chosen among the likely ones, too
    with refusal_on(form), transaction.atomic():
        inquiry = inquiries.take(by=request.user, entry_key=key, **form.facts)
        if client is not None and not person:
            inquiry = inquiries.link(inquiry=inquiry, client=client, by=request.user)
        linked = f" and linked to {inquiry.client.full_name}" if inquiry.client else ""
        messages.success(request, f"Call saved{linked}.")
        return redirect(_inquiry_with(inquiry, person))
    return _call_page(request, form, key, client=client, status=422)


def _client_of_call(request: StaffRequest) -> Client | None:
    """The client named by the address or the form, if the reader may see the chart; a 404 otherwise."""
    if not (request.POST.get("client") or request.GET.get("client")):
        return None
    client = get_object_or_404(Client.objects.visible_to(request.user).current(), pk=_number(request, "client"))
    request.opened_client_ids = {client.pk}  # type: ignore[attr-defined]  # for the access log
    return client


def _on_record(request: StaffRequest, client: Client | None) -> dict[str, Any]:
    """What the chart knows of the person that a call asks for."""
    if client is None:
        return {}
    number = numbers_to_call.of(client.pk, staff_member=request.user)
    words = if_readable(number, "safe_words") if number else ""
    same = ("given_name", "family_name", *births.FIELDS, "language", "must_not_reveal")
    return {name: getattr(client, name) for name in same} | (
        {}
        if number is None
        else {
            "call_back_phone": number.value,
            # No voicemail where what it may say can't be read.
            "voicemail_ok": number.voicemail_ok and bool(words) == bool(shown(number, "safe_words")),
            "voicemail_words": words,
        }
    )


@requires(Permission.INQUIRY_TAKE)
@require_POST
def autosave_inquiry(request: StaffRequest) -> HttpResponse:
    """Save a call in progress; the response says when, and what it could not parse."""
    form = CallForm(request.POST)
    form.is_valid()
    try:
        inquiries.save_draft(by=request.user, entry_key=_key(request), **(form.facts | form.as_typed))
    except Refusal as refusal:
        return render(request, "cases/intake/_saved.html", {"refusal": refusal})
    kept = {"saved_at": timezone.now(), "not_understood": form.not_understood}
    return render(request, "cases/intake/_saved.html", kept)


@requires(Permission.INQUIRY_TAKE)
@require_POST
def inquiry_matches(request: StaffRequest) -> HttpResponse:
    """Who the caller may be, as the name is typed. By POST, to keep names out of URLs and logs."""
    form = CallForm(request.POST)
    form.is_valid()
    return render(request, "cases/intake/_matches.html", _matches(request, form, _own_call(request)))


@requires(Permission.INQUIRY_TAKE)
def edit_inquiry(request: StaffRequest, inquiry_id: int) -> HttpResponse:
    """Complete or correct a call; a draft becomes an inquiry."""
    inquiry = get_object_or_404(Inquiry.objects.visible_to(request.user), pk=inquiry_id)
    if request.method != "POST":
        return _call_page(request, CallForm(initial=_initial(inquiry)), inquiry.entry_key, inquiry=inquiry)
    with transaction.atomic():
        inquiry = (
            Inquiry.objects.visible_to(request.user).select_for_update(of=("self",), no_key=True).get(pk=inquiry.pk)
        )
        own_draft = inquiry.is_draft and inquiry.taken_by_id == request.user.pk
        now = CallForm(initial=_initial(inquiry))
        # a draft is saved every few seconds from this very page: what was typed last is what counts
        merged = concurrent_edits.Merged(request.POST, ()) if own_draft else concurrent_edits.merge(request.POST, now)
        form = CallForm(merged.data, initial=_initial(inquiry))
        concurrent_edits.ask(form, now, merged.clashes)
        saved = _saved(request, inquiry, form) if form.is_valid() and "look" not in request.POST else None
    if saved is None:
        status = 200 if form.is_valid() else 422
        return _call_page(request, form, inquiry.entry_key, inquiry=inquiry, status=status)
    messages.success(request, "Saved.")
    return redirect(_inquiry_with(saved, request.POST.get("open_with", "")))


def _saved(request: StaffRequest, inquiry: Inquiry, form: CallForm) -> Inquiry | None:
    try:
        if inquiry.is_draft and inquiry.taken_by_id == request.user.pk:
            return inquiries.take(draft=inquiry, by=request.user, **form.facts)
        asked = NoDangerForm(request.POST)
        why = asked.cleaned_data["no_danger_because"] if asked.is_valid() else ""
        return inquiries.amend(inquiry=inquiry, by=request.user, no_danger_because=why, **form.facts)
    except inquiries.SayWhyNoDanger as refusal:
        form.add_error("danger_signs", ValidationError(str(refusal), code=ASK_WHY))
        return None
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return None


@requires(Permission.INQUIRY_VIEW)
def inquiry_page(request: StaffRequest, inquiry_id: int) -> HttpResponse:
    """One inquiry: the call, who the person may be, and the next step."""
    inquiry = _load(request, inquiry_id)
    looked_for = request.POST.get("look_for", "").strip() if request.method == "POST" else ""
    return show_inquiry(request, inquiry, looked_for=looked_for)


@requires(Permission.INQUIRY_VIEW)
def decision_balance(request: StaffRequest, inquiry_id: int) -> HttpResponse:
    """Pros and cons in the caller's own words, on one sheet to print and hand over."""
    return render(request, "cases/intake/balance.html", {"inquiry": _load(request, inquiry_id)})


@requires(Permission.INQUIRY_TAKE)
@require_POST
def link_inquiry(request: StaffRequest, inquiry_id: int) -> HttpResponse:
    """“This is the person”: link them, with the counselor who takes over."""
    inquiry = _load(request, inquiry_id)
    client = get_object_or_404(Client.objects.visible_to(request.user).current(), pk=_number(request, "client"))
    form = PersonForm(request.POST, staff_member=request.user)
    if not form.is_valid():
        return show_inquiry(request, inquiry, person_form=form, chosen=client.pk)
    if finding.namesakes(client, staff_member=request.user) and not form.cleaned_data["asked"]:
        form.add_error("asked", "Two people have this name and birth date. Check a second identifier first.")
        return show_inquiry(request, inquiry, person_form=form, chosen=client.pk)
    counselor = form.cleaned_data["counselor"]
    with refusal_on(form):
        if counselor and client.episodes.exists():
            inquiries.start_readmission(inquiry=inquiry, client=client, counselor=counselor, by=request.user)
        else:
            inquiries.link(inquiry=inquiry, client=client, assigned_to=counselor, by=request.user)
        messages.success(request, f"Linked to {client.full_name}.")
        return redirect("cases:inquiry", inquiry.pk)
    return show_inquiry(request, inquiry, person_form=form, chosen=client.pk)


@requires(Permission.INQUIRY_TAKE)
@require_POST
def unlink_inquiry(request: StaffRequest, inquiry_id: int) -> HttpResponse:
    """Unlink the client: it was the wrong person."""
    inquiry = _load(request, inquiry_id)
    with refusal_as_message(request):
        inquiries.unlink(inquiry=inquiry, reason=request.POST.get("reason", ""), by=request.user)
        messages.success(request, "Unlinked. Link the right person.")
    return redirect("cases:inquiry", inquiry.pk)


def _load(request: StaffRequest, inquiry_id: int) -> Inquiry:
    rows = Inquiry.objects.visible_to(request.user).select_related(
        "client", "client__clinic", "clinic", "assigned_to", "taken_by", "program"
    )
    return get_object_or_404(rows, pk=inquiry_id)


def _call_page(
    request: StaffRequest,
    form: CallForm,
    key: uuid.UUID | None,
    *,
    inquiry: Inquiry | None = None,
    client: Client | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "about_client": client,
        "form": form,
        "entry_key": key,
        "inquiry": inquiry,
        "shown": concurrent_edits.shown(CallForm(initial=_initial(inquiry))) if inquiry else "",
        "autosaves": inquiry is None or (inquiry.is_draft and inquiry.taken_by_id == request.user.pk),
        "no_danger_form": NoDangerForm(request.POST) if form.has_error("danger_signs", ASK_WHY) else None,
        "what_to_do": WHAT_TO_DO,
        "languages": LANGUAGES,
        "more_substances": form.shows_rarer_substances,
        **_matches(request, form, inquiry),
    }
    return render(request, "cases/intake/call.html", context, status=status)


def _evaluations(request: StaffRequest, inquiry: Inquiry) -> QuerySet[MedicalEvaluation] | None:
    """A medical provider's findings about a danger sign; skipped if no sign was heard."""
    if not inquiry.danger_signs or not can(request.user, Permission.EPISODE_VIEW):
        return None
    return MedicalEvaluation.objects.visible_to(request.user).told_to(request.user).filter(inquiry=inquiry)


def show_inquiry(
    request: StaffRequest,
    inquiry: Inquiry,
    *,
    looked_for: str = "",
    person_form: PersonForm | None = None,
    chosen: int | None = None,
    move_form: MoveForm | None = None,
) -> HttpResponse:
    """An inquiry's page; a form that was refused is shown as it was typed."""
    may_take = can(request.user, Permission.INQUIRY_TAKE)
    found: list[finding.Match] = []
    if inquiry.client_id is None and may_take:
        found = (
            finding.search(staff_member=request.user, text=looked_for)
            if looked_for
            else finding.likely(
                staff_member=request.user,
                given_name=inquiry.given_name,
                family_name=inquiry.family_name,
                birth_date=inquiry.birth_date,
                birth_year=inquiry.birth_year,
                phone=inquiry.phone or inquiry.call_back_phone,
                ssn_last4=if_readable(inquiry, "ssn_last4"),
            )
        )
    other_calls: list[earlier_calls.EarlierCall] = []
    if may_take and inquiry.stage not in Inquiry.CLOSED_STAGES:
        other_calls = earlier_calls.alike(
            staff_member=request.user,
            given_name=inquiry.given_name,
            family_name=inquiry.family_name,
            birth_date=inquiry.birth_date,
            birth_year=inquiry.birth_year,
            numbers=(inquiry.phone, inquiry.call_back_phone),
            ssn_last4=if_readable(inquiry, "ssn_last4"),
            besides=inquiry,
        )
    client_visible = inquiry.client_id and Client.objects.visible_to(request.user).filter(pk=inquiry.client_id).exists()
    since = intake_steps.followed([inquiry], staff_member=request.user).get(inquiry.pk, intake_steps.Followed())
    context: dict[str, Any] = {
        "inquiry": inquiry,
        "steps": intake_steps.steps(inquiry, staff_member=request.user, since=since),
        "next_step": intake_steps.next_step(inquiry, staff_member=request.user, since=since),
        "priority": priority.of(inquiry, priority.limits(inquiry.clinic)),
        "what_to_do": what_to_do(inquiry.danger_signs),
        "evaluations": _evaluations(request, inquiry),
        "may_evaluate": bool(inquiry.danger_signs) and can(request.user, Permission.MEDICAL_EVALUATE),
        "substances": _labels(inquiry),
        **_apart(found, other_calls),
        "any_former": any(match.client.episodes_latest_first for match in found),  # type: ignore[attr-defined]
        "looked_for": looked_for,
        "chosen": chosen or _number(request, "person"),
        "person_form": person_form or PersonForm(staff_member=request.user),
        "move_form": move_form or MoveForm(staff_member=request.user),
        "stages": board.moves(inquiry),
        "history": inquiry_history.steps(inquiry),
        "may_take": may_take,
        "panels": inquiry_panels.shown(inquiry=inquiry, staff_member=request.user, now=timezone.now()),
        "chart_url": intake_steps.link_to("desk:chart", inquiry.client_id) if client_visible else "",
        "now": timezone.now(),
    }
    return render(request, "cases/intake/inquiry.html", context, status=422 if move_form else 200)


def _matches(request: StaffRequest, form: CallForm, inquiry: Inquiry | None) -> dict[str, Any]:
    """Who the call may be about, and open inquiries that may be about the same person.

    Before a form is submitted, uses its initial values.
    """
    said = form.cleaned_data if form.is_bound else form.initial
    known: dict[str, Any] = {name: said.get(name) or "" for name in ("given_name", "family_name", "ssn_last4")}
    numbers = [said.get(name) or "" for name in ("phone", "call_back_phone")]
    phone = numbers[0] or numbers[1]
    born: dict[str, Any] = {name: said.get(name) or None for name in births.FIELDS}
    matches = finding.likely(staff_member=request.user, phone=phone, **born, **known)
    calls = earlier_calls.alike(
        staff_member=request.user,
        numbers=numbers,
        besides=inquiry,
        entry_key=inquiry.entry_key if inquiry else _key(request),
        **born,
        **known,
    )
    has_looked = any((*known.values(), *born.values(), phone))
    return {**_apart(matches, calls), "has_looked": has_looked}


def _apart(matches: list[finding.Match], calls: list[earlier_calls.EarlierCall]) -> dict[str, Any]:
    """Matches by name or birth date come first; those who only share the number are collapsed below."""
    return {
        "matches": [match for match in matches if not match.by_number_only],
        "same_number": [match for match in matches if match.by_number_only],
        "earlier_calls": [call for call in calls if not call.by_number_only],
        "same_number_calls": [call for call in calls if call.by_number_only],
    }


def _own_call(request: StaffRequest) -> Inquiry | None:
    """The call that the form belongs to, if it was saved before."""
    return Inquiry.objects.visible_to(request.user).filter(pk=_number(request, "inquiry")).first()


def _initial(inquiry: Inquiry) -> dict[str, Any]:
    return {name: getattr(inquiry, name) for name in CallForm.Meta.fields}


def _labels(inquiry: Inquiry) -> list[str]:
    labels = dict(CallForm.base_fields["substances"].choices)  # type: ignore[attr-defined]
    return [labels.get(code, code) for code in inquiry.substances]


def _inquiry_with(inquiry: Inquiry, person: str) -> str:
    return intake_steps.link_to("cases:inquiry", inquiry.pk, person=str(outside.number(person) or ""))


def _key(request: StaffRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get("entry_key", ""))
    except ValueError:
        return None


def _number(request: StaffRequest, name: str) -> int:
    return outside.number(request.POST.get(name) or request.GET.get(name)) or 0
