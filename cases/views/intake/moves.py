"""Moving an inquiry to another stage: by its card, by its page, by an offer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from cases.forms.intake.inquiry import MoveForm
from cases.forms.intake.offer import OfferForm, WithdrawForm
from cases.inquiry_rules import AboutAnOffer, OfferNeedsReason, ProgramToWaitFor
from cases.intake import inquiries, intake_steps, offers, waitlist
from cases.medical.medical_needs import UnmetNeed
from cases.models import Inquiry
from staff import outside
from staff.access import Permission, StaffRequest, requires
from staff.models import Program
from staff.refusals import Refusal, refusal_as_message, refusal_on

from .inquiries import show_inquiry


@requires(Permission.INQUIRY_TAKE)
@require_POST
def move_inquiry(request: StaffRequest, inquiry_id: int) -> HttpResponse:
    """Move to another stage, from the board or the inquiry's page."""
    inquiry = _load(request, inquiry_id)
    form = MoveForm(request.POST, staff_member=request.user)
    if not form.is_valid():
        for error in form.errors.get("stage", []):  # it is chosen by the button, so there is no field to say it beside
            messages.error(request, str(error))
        return show_inquiry(request, inquiry, move_form=form)
    given = form.cleaned_data
    try:
        inquiry = inquiries.move(
            inquiry=inquiry,
            stage=given["stage"],
            reason=given["reason"],
            next_action=given["next_action"] or None,
            next_action_at=given["next_action_at"],
            program=given["program"],
            any_program=given["any_program"],
            offer_lapses_on=given["offer_lapses_on"],
            by=request.user,
        )
    except ProgramToWaitFor as refusal:
        return _for_which_program(request, inquiry, form, refusal)
    except (AboutAnOffer, UnmetNeed) as refusal:
        return _rest_of_the_offer(request, inquiry, given, refusal)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return _where(request, inquiry)
    messages.success(request, f"{inquiry.person_name}: {inquiry.get_stage_display().lower()}.")
    return _where(request, inquiry)


@requires(Permission.INQUIRY_TAKE)
@require_POST
def begin_interim_services(request: StaffRequest, inquiry_id: int) -> HttpResponse:
    """Interim services began."""
    inquiry = inquiries.begin_interim_services(inquiry=_load(request, inquiry_id), by=request.user)
    messages.success(request, f"{inquiry.person_name}: interim services recorded.")
    return _where(request, inquiry)


@requires(Permission.INQUIRY_TAKE)
def offer_place(request: StaffRequest, inquiry_id: int) -> HttpResponse:
    """Offer an opening to one person, or change how long an offered one is held."""
    inquiry = _load(request, inquiry_id)
    if request.method != "POST":
        return offer_page(request, inquiry, OfferForm(initial=_initial(request, inquiry), staff_member=request.user))
    form = OfferForm(request.POST, staff_member=request.user)
    if form.is_valid():
        with refusal_on(form, fields={AboutAnOffer: "reason", UnmetNeed: "reason"}):
            inquiry = offers.offer(inquiry=inquiry, by=request.user, **form.cleaned_data)
            assert inquiry.offer_lapses_on is not None
            until = date_format(inquiry.offer_lapses_on, "l, F j")
            messages.success(
                request, f"An opening in {inquiry.program} is held for {inquiry.person_name} through {until}."
            )
            return _where(request, inquiry)
    return offer_page(request, inquiry, form, status=422)


@requires(Permission.INQUIRY_TAKE)
@require_POST
def withdraw_offer(request: StaffRequest, inquiry_id: int) -> HttpResponse:
    """Withdraw an offer: back on the wait list, with a reason."""
    inquiry = _load(request, inquiry_id)
    form = WithdrawForm(request.POST)
    if form.is_valid():
        with refusal_as_message(request):
            inquiry = offers.withdraw(inquiry=inquiry, reason=form.cleaned_data["reason"], by=request.user)
            messages.success(request, f"{inquiry.person_name} is back on the wait list with their original wait.")
            return _where(request, inquiry)
        return redirect("cases:inquiry", inquiry.pk)
    again = OfferForm(initial=_initial(request, inquiry), staff_member=request.user)
    return offer_page(request, inquiry, again, withdraw_form=form, status=422)


def offer_page(
    request: StaffRequest,
    inquiry: Inquiry,
    form: OfferForm,
    *,
    withdraw_form: WithdrawForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The offer page; a move that lacks something an offer needs ends here, with what was typed."""
    now = timezone.now()
    program = _program(request, form)
    line = waitlist.of(program, now) if program else []
    visible = set(
        Inquiry.objects.visible_to(request.user).filter(program=program, stage="waitlist").values_list("pk", flat=True)
        if program
        else ()
    )
    place = next((each for each in line if each.inquiry.pk == inquiry.pk), None)
    number = waitlist.ahead_of(inquiry, program) if program and not inquiry.offer_lapses_on else 0
    context: dict[str, object] = {
        "inquiry": inquiry,
        "form": form,
        "withdraw_form": withdraw_form or WithdrawForm(),
        "program": program,
        "place": place,
        "ahead": number,
        "ahead_shown": [each for each in line[:number] if each.inquiry.pk in visible and each is not place],
        "back": request.POST.get("back") or request.GET.get("back") or "",
        "lapses_at": offers.lapses_at(inquiry),
        "now": now,
    }
    return render(request, "cases/intake/offer.html", context, status=status)


def _initial(request: StaffRequest, inquiry: Inquiry) -> dict[str, object]:
    return {
        "program": inquiry.program_id,
        "lapses_on": inquiry.offer_lapses_on or offers.usual_last_day(request.user.clinic),
    }


def _program(request: StaffRequest, form: OfferForm) -> Program | None:
    return outside.row(Program.objects.visible_to(request.user), form["program"].value())


def _load(request: StaffRequest, inquiry_id: int) -> Inquiry:
    rows = Inquiry.objects.visible_to(request.user).select_related(
        "client", "client__clinic", "clinic", "program", "assigned_to", "taken_by"
    )
    return get_object_or_404(rows, pk=inquiry_id)


def _rest_of_the_offer(
    request: StaffRequest, inquiry: Inquiry, given: dict[str, object], refusal: AboutAnOffer | UnmetNeed
) -> HttpResponse:
    """A move that lacks something goes to the offer page, with what was typed."""
    messages.warning(request, str(refusal))
    if isinstance(refusal, OfferNeedsReason):
        return redirect(
            intake_steps.link_to("cases:inquiry_offer", inquiry.pk, back=request.POST.get("back")) + "#back"
        )
    said = {
        "program": given["program"] or inquiry.program,
        "lapses_on": given["offer_lapses_on"] or offers.usual_last_day(inquiry.clinic),
        "reason": given["reason"],
    }
    return offer_page(request, inquiry, OfferForm(initial=said, staff_member=request.user), status=422)


def _for_which_program(
    request: StaffRequest, inquiry: Inquiry, form: MoveForm, refusal: ProgramToWaitFor
) -> HttpResponse:
    """A move to the wait list without a program goes to a page that asks, with what was typed."""
    form.add_error("program", str(refusal))
    context = {"inquiry": inquiry, "form": form, "back": request.POST.get("back", "")}
    return render(request, "cases/intake/wait_for.html", context, status=422)


def _where(request: StaffRequest, inquiry: Inquiry) -> HttpResponse:
    back = request.POST.get("back")
    if back == "board":
        return redirect(intake_steps.link_to("cases:inquiries") + f"#inquiry-{inquiry.pk}")
    return redirect("cases:places") if back == "places" else redirect("cases:inquiry", inquiry.pk)
