"""Client views: search, registration, demographics and contact information."""

from __future__ import annotations

from copy import copy
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from cases.filters import ClientFilter
from cases.forms.people import CareTeamForm, ClientForm, ContactForm, NewClientForm
from cases.intake import inquiries, intake_steps
from cases.models import CareTeamMember, Client, ContactPoint, Inquiry
from cases.people import births, care_team, client_list, finding, registration
from cases.people.chart_page import client_or_404
from staff import outside, phones
from staff.access import Permission, StaffRequest, can, requires
from staff.refusals import Refusal, refusal_on

SEARCH = "cases.client_search"  # what was looked for stays in the session: names do not belong in addresses or logs
LONGEST = 120


@requires(Permission.CLIENT_VIEW)
def clients(request: StaffRequest) -> HttpResponse:
    """Clients the reader may see: searched, filtered, paged."""
    if request.method == "POST":
        request.session[SEARCH] = asked = request.POST.get("q", "").strip()[:LONGEST]
        return redirect(_only_hit(request, asked) or request.get_full_path())
    text = request.GET.get("q", "").strip() or request.session.get(SEARCH, "")
    filters = ClientFilter(request, Client.objects.visible_to(request.user).current())
    visible = filters.qs
    context: dict[str, Any] = {"filters": filters, "q": text, "may_edit": can(request.user, Permission.CLIENT_EDIT)}
    if text:
        found = finding.search_with_care(staff_member=request.user, text=text)
        kept = {*visible.filter(pk__in=[match.client.pk for match in found]).values_list("pk", flat=True)}
        context["matches"] = [match for match in found if match.client.pk in kept]
    else:
        after = request.GET.get("after", "")
        context["page"] = client_list.page(visible, after=outside.number(after))
        following = request.GET.copy()
        following["after"] = str(context["page"].after or "")
        context["next_url"] = f"?{following.urlencode()}" if context["page"].after else ""
        first = request.GET.copy()
        first.pop("after", None)
        context["first_url"] = f"?{first.urlencode()}" if after else ""
    return render(request, "cases/people/clients.html", context)


def _only_hit(request: StaffRequest, asked: str) -> str:
    """The chart of the only exact match; for namesakes, the question which one is meant."""
    found = finding.search(staff_member=request.user, text=asked) if asked else []
    if len(found) != 1 or not found[0].is_sure:
        return ""
    client = found[0].client
    if finding.namesakes(client, staff_member=request.user):
        return reverse("cases:client_which", args=[client.pk])
    return intake_steps.link_to("desk:chart", client.pk)


@requires(Permission.CLIENT_VIEW)
@require_POST
def client_suggest(request: StaffRequest) -> HttpResponse:
    """Search suggestions while typing. Sent by POST: names belong in no URL or log."""
    found = finding.suggest(staff_member=request.user, text=request.POST.get("q", "")[:LONGEST])
    return render(request, "cases/people/_suggestions.html", {"matches": found})


@requires(Permission.CLIENT_VIEW)
def client_which(request: StaffRequest, client_id: int) -> HttpResponse:
    """Ask which of several people with one name and birth date is meant, before a chart is opened."""
    client = get_object_or_404(finding.with_identifiers(Client.objects.visible_to(request.user)), pk=client_id)
    others = finding.namesakes(client, staff_member=request.user)
    people = [{"client": each, "url": intake_steps.link_to("desk:chart", each.pk)} for each in (client, *others)]
    return render(request, "cases/people/which.html", {"people": people, "client": client})


@requires(Permission.CLIENT_EDIT)
def client_new(request: StaffRequest) -> HttpResponse:
    """New client; from a call, with the call's facts filled in."""
    inquiry = _inquiry(request)
    form = NewClientForm(request.POST or None, staff_member=request.user, initial=_from_call(inquiry))
    matches: list[finding.Match] = []
    if request.method == "POST" and form.is_valid():
        try:
            client = _register(request, form, inquiry)
        except registration.LookFirst as refusal:
            matches = refusal.matches
            form.add_error("looked", str(refusal))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{client.full_name} added.")
            if inquiry:
                return redirect("cases:inquiry", inquiry.pk)
            return redirect(intake_steps.link_to("desk:chart", client.pk) or "cases:clients")
    context = {"form": form, "inquiry": inquiry, "matches": matches}
    return render(request, "cases/people/new.html", context, status=422 if form.is_bound else 200)


@requires(Permission.CLIENT_EDIT)
def client_edit(request: StaffRequest, client_id: int) -> HttpResponse:
    """Who the client is, how to reach them, and who is on their care team."""
    client = _client(request, client_id)
    form = ClientForm(request.POST or None, instance=copy(client))  # it writes on it; the page shows what is on record
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            registration.change(client=client, by=request.user, **form.facts)
            messages.success(request, "Saved.")
            return redirect("cases:client_edit", client.pk)
    return _person_page(request, client, form=form)


@requires(Permission.CLIENT_EDIT)
@require_POST
def contact_add(request: StaffRequest, client_id: int) -> HttpResponse:
    """A new way to reach the client."""
    client, form = _client(request, client_id), ContactForm(request.POST)
    if form.is_valid():
        with refusal_on(form, "value"):
            registration.add_contact(client=client, by=request.user, **form.cleaned_data)
            messages.success(request, "Added.")
            return redirect("cases:client_edit", client.pk)
    return _person_page(request, client, contact_form=form)


@requires(Permission.CLIENT_EDIT)
@require_POST
def contact_end(request: StaffRequest, client_id: int, contact_id: int) -> HttpResponse:
    """This no longer reaches the client."""
    point = get_object_or_404(ContactPoint.objects.visible_to(request.user), pk=contact_id, client=client_id)
    registration.end_contact(point=point, by=request.user)
    messages.success(request, f"{phones.spoken(point.value)} is no longer in use. Search still finds the client by it.")
    return redirect("cases:client_edit", client_id)


@requires(Permission.CLIENT_EDIT)
@require_POST
def contact_prefer(request: StaffRequest, client_id: int, contact_id: int) -> HttpResponse:
    """From now on this is the one to use first."""
    point = get_object_or_404(ContactPoint.objects.visible_to(request.user), pk=contact_id, client=client_id)
    registration.change_contact(point=point, is_preferred=True, by=request.user)
    return redirect("cases:client_edit", client_id)


@requires(Permission.CARE_TEAM_ASSIGN)
@require_POST
def care_team_assign(request: StaffRequest, client_id: int) -> HttpResponse:
    """Add someone to the care team."""
    client, form = _client(request, client_id), CareTeamForm(request.POST, by=request.user)
    if form.is_valid():
        with refusal_on(form):
            care_team.assign(client=client, by=request.user, **form.cleaned_data)
            messages.success(request, f"{form.cleaned_data['staff_member']} added to the care team.")
            return redirect("cases:client_edit", client.pk)
    return _person_page(request, client, team_form=form)


@requires(Permission.CARE_TEAM_ASSIGN)
@require_POST
def care_team_end(request: StaffRequest, client_id: int, member_id: int) -> HttpResponse:
    """Remove someone from the care team."""
    member = get_object_or_404(CareTeamMember.objects.visible_to(request.user), pk=member_id, client=client_id)
    care_team.end(member=member, by=request.user)
    messages.success(request, f"{member.staff_member} removed from the care team.")
    return redirect("cases:client_edit", client_id)


def _client(request: StaffRequest, client_id: int) -> Client:
    return client_or_404(request, client_id)


def _person_page(request: StaffRequest, client: Client, **forms: Any) -> HttpResponse:
    refused = any(form.is_bound and form.errors for form in forms.values())
    context = {
        "client": client,
        "form": forms.get("form") or ClientForm(instance=client),
        "contact_form": forms.get("contact_form") or ContactForm(),
        "team_form": forms.get("team_form") or CareTeamForm(by=request.user),
        "contacts": ContactPoint.objects.visible_to(request.user).current().filter(client=client),
        "team": CareTeamMember.objects.visible_to(request.user)
        .current()
        .filter(client=client)
        .select_related("staff_member", "covers_for"),
        "may_assign": can(request.user, Permission.CARE_TEAM_ASSIGN),
        "may_merge": can(request.user, Permission.CLIENT_MERGE),
        "namesakes": finding.namesakes(client, staff_member=request.user),
    }
    return render(request, "cases/people/person.html", context, status=422 if refused else 200)


def _inquiry(request: StaffRequest) -> Inquiry | None:
    wanted = outside.number(request.GET.get("inquiry"))
    return None if wanted is None else get_object_or_404(Inquiry.objects.visible_to(request.user), pk=wanted)


def _from_call(inquiry: Inquiry | None) -> dict[str, Any]:
    if inquiry is None:
        return {}
    same = ("given_name", "family_name", *births.FIELDS, "ssn_last4", "language", "must_not_reveal", "voicemail_ok")
    said = {name: getattr(inquiry, name) for name in same}
    return {**said, "phone": inquiry.phone or inquiry.call_back_phone, "safe_words": inquiry.voicemail_words}


def _register(request: StaffRequest, form: NewClientForm, inquiry: Inquiry | None) -> Client:
    client = registration.register(
        by=request.user, has_looked=form.cleaned_data["looked"], **form.contact, **form.facts
    )
    counselor = form.cleaned_data["counselor"]
    if inquiry is not None and inquiry.client_id == client.pk:
        return client  # the same form sent again
    if inquiry is not None:
        inquiries.link(inquiry=inquiry, client=client, assigned_to=counselor, by=request.user)
    elif counselor is not None:
        care_team.assign(client=client, staff_member=counselor, by=request.user)
    return client
