"""Pages of note formats: list, versions, create, change, retire."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST

from counseling.forms.notes.formats import (
    BLANK,
    FormatForm,
    Row,
    SectionForms,
    arranged,
    rows_of,
    rows_typed,
    sections_of,
)
from counseling.models import NoteFormat
from counseling.models.notes.format import MOST_SECTIONS, kinds_in_words
from counseling.notes import format_making, formats
from staff import outside
from staff.access import Permission, StaffRequest, requires
from staff.refusals import refusal_as_message, refusal_on


@requires(Permission.NOTE_FORMATS)
def format_list(request: StaffRequest) -> HttpResponse:
    """The clinic's own formats, retired ones, and the built-in ones."""
    own = list(NoteFormat.objects.visible_to(request.user).last_versions())
    context = {
        "offered": [each for each in own if each.is_offered],
        "retired": [each for each in own if not each.is_offered],
        "shipped": formats.SHIPPED,
    }
    return render(request, "counseling/notes/formats.html", context)


@requires(Permission.NOTE_FORMATS)
def format_page(request: StaffRequest, format_id: int) -> HttpResponse:
    """One version of a format as a writer sees it, how much it is used, and the other versions."""
    row = _row(request, format_id)
    versions = list(NoteFormat.objects.visible_to(request.user).filter(code=row.code).select_related("made_by"))
    context = {
        "row": row,
        "versions": versions,
        "latest": versions[0],
        "is_latest": row == versions[0],
        "notes": format_making.notes_in(row),
        "preview": _preview(row.name, row.layout),
    }
    return render(request, "counseling/notes/format.html", context)


@requires(Permission.NOTE_FORMATS)
@require_http_methods(["GET", "HEAD", "POST"])
def format_new(request: StaffRequest) -> HttpResponse:
    """Make a format, from nothing or (`?copy=`) from one that there is."""
    if request.method == "POST":
        return _posted(request, None)
    copied = _to_copy(request, request.GET.get("copy", ""))
    rows = rows_of(copied.layout) if copied else [dict(BLANK), dict(BLANK)]
    for row in rows:
        row["key"] = ""  # sections of its own
    name = f"{copied.name}(copy)"[:60] if copied else ""
    return _form_page(request, None, FormatForm(initial={"name": name, "kinds": copied.kinds if copied else ()}), rows)


@requires(Permission.NOTE_FORMATS)
@require_http_methods(["GET", "HEAD", "POST"])
def format_change(request: StaffRequest, format_id: int) -> HttpResponse:
    """Change a format; if notes use it, that makes its next version."""
    row = _row(request, format_id)
    if request.method == "POST":
        return _posted(request, row)
    latest = NoteFormat.objects.visible_to(request.user).filter(code=row.code).order_by("-version").first()
    if latest is not None and latest != row:
        return redirect("counseling:format_change", format_id=latest.pk)
    return _form_page(request, row, FormatForm(initial={"name": row.name, "kinds": row.kinds}), rows_of(row.layout))


@requires(Permission.NOTE_FORMATS)
@require_POST
def format_retire(request: StaffRequest, format_id: int) -> HttpResponse:
    """Retire a format, or (`again`) restore it."""
    row = _row(request, format_id)
    with refusal_as_message(request):
        if "again" in request.POST:
            now = format_making.offer_again(row=row, by=request.user)
            messages.success(request, f"“{now.name}” is available again.")
        else:
            now = format_making.retire(row=row, by=request.user)
            messages.success(request, f"“{now.name}” is retired. Existing notes don’t change.")
    return redirect("counseling:format", format_id=row.pk)


def _posted(request: StaffRequest, row: NoteFormat | None) -> HttpResponse:
    """Save, or arrange the sections and show the form again: adding, moving and removing need no script."""
    wish = request.POST.get("then", "save")
    rows = rows_typed(request.POST)
    if wish != "save":
        rows, place = arranged(rows, wish)
        typed = {"name": request.POST.get("name", ""), "kinds": request.POST.getlist("kinds")}
        return _form_page(request, row, FormatForm(initial=typed), rows, focus=place)
    form, sections = FormatForm(request.POST), SectionForms(request.POST, prefix="sections")
    if not (form.is_valid() and sections.is_valid()):
        return _form_page(request, row, form, rows, sections=sections, status=422)
    said: dict[str, Any] = {**form.cleaned_data, "sections": sections_of(sections.cleaned_data), "by": request.user}
    with refusal_on(form):
        saved = (
            format_making.make(clinic=request.user.clinic, **said)
            if row is None
            else format_making.change(row=_as_seen(request, row), **said)
        )
        is_next = row is not None and saved.pk != row.pk
        messages.success(
            request,
            f"“{saved.name}” is saved as version {saved.version}. Existing notes keep their version."
            if is_next
            else f"“{saved.name}” is saved.",
        )
        return redirect("counseling:format", format_id=saved.pk)
    return _form_page(request, row, form, rows, sections=sections, status=422)


def _form_page(
    request: StaffRequest,
    row: NoteFormat | None,
    form: FormatForm,
    rows: list[Row],
    *,
    sections: Any = None,
    focus: int | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form with its sections, next to a preview."""
    shown = sections if sections is not None else SectionForms(initial=rows, prefix="sections")
    if focus is not None:
        shown.forms[focus].fields["label"].widget.attrs["autofocus"] = True
    seen = request.POST.get("seen", "") or (row.changed_at.isoformat() if row else "")
    context = {
        "row": row,
        "form": form,
        "sections": shown,
        "most": MOST_SECTIONS,
        "seen": seen,
        "makes_next": row is not None and format_making.is_used(row),
        "preview": _preview(form["name"].value(), [each for each in rows if each["label"].strip()]),
        "fits": kinds_in_words(form["kinds"].value() or []),
    }
    return render(request, "counseling/notes/format_edit.html", context, status=status)


def _preview(name: str | None, layout: list[Row]) -> dict[str, Any]:
    return {"name": (name or "").strip() or "Untitled", "parts": layout}


def _row(request: StaffRequest, format_id: int) -> NoteFormat:
    rows = NoteFormat.objects.visible_to(request.user).select_related("clinic", "made_by")
    return get_object_or_404(rows, pk=format_id)


def _as_seen(request: StaffRequest, row: NoteFormat) -> NoteFormat:
    """The version as the form showed it, to detect a change in between."""
    try:
        row.changed_at = parse_datetime(request.POST.get("seen", "")) or row.changed_at
    except ValueError as error:
        raise Http404 from error
    return row


def _to_copy(request: StaffRequest, asked_for: str) -> formats.Format | NoteFormat | None:
    shipped = next((each for each in formats.SHIPPED if each.code == asked_for), None)
    if shipped is not None:
        return shipped
    return outside.row(NoteFormat.objects.visible_to(request.user), asked_for)
