"""Meeting feeds: the list, one feed with its imports, and the report of one import."""

from __future__ import annotations

import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST

from referrals import feed_schedule, feed_settings, holding, missing, orders, uploads
from referrals.forms import FeedForm, ImportForm
from referrals.models import ImportDecision, ImportOrder, ImportRun, MeetingFeed
from referrals.models.feed import MeetingFeedQuerySet
from staff.access import Permission, StaffRequest, requires
from staff.refusals import refusal_as_message

PAGE = 20


def _own(request: StaffRequest) -> MeetingFeedQuerySet:
    """The clinic's own feeds: a feed shared by another clinic is for that clinic to import."""
    return MeetingFeed.objects.visible_to(request.user).filter(clinic=request.user.clinic_id)


def _published(request: StaffRequest) -> MeetingFeedQuerySet:
    """Those of them that are read from a list: what is kept by hand has no settings and no import."""
    return _own(request).exclude(format=MeetingFeed.Format.OWN)


@requires(Permission.FEED_IMPORT)
def feeds_list(request: StaffRequest) -> HttpResponse:
    """All feeds with their meetings and last import."""
    runs = ImportRun.objects.visible_to(request.user).filter(feed=OuterRef("pk"))
    rows = (
        MeetingFeed.objects.visible_to(request.user)
        .select_related("clinic")
        .annotate(
            listed=Count("meetings", filter=Q(meetings__retired_at=None)),
            last_import=Subquery(runs.values("at")[:1]),
            last_error=Subquery(runs.values("error")[:1]),
            is_held=Exists(ImportRun.objects.visible_to(request.user).held().filter(feed=OuterRef("pk"))),
        )
    )
    return render(request, "referrals/feeds.html", {"feeds": rows})


@requires(Permission.FEED_IMPORT)
def feed_new(request: StaffRequest) -> HttpResponse:
    """Add a feed."""
    form = FeedForm(request.POST or None, clinic=request.user.clinic)
    if request.method == "POST" and form.is_valid():
        feed = feed_settings.add(feed=form.save(commit=False), by=request.user)
        messages.success(request, "Feed added. Import it now.")
        return redirect("referrals:feed", feed_id=feed.pk)
    return render(request, "referrals/feed_form.html", {"form": form})


@requires(Permission.FEED_IMPORT)
def feed_edit(request: StaffRequest, feed_id: int) -> HttpResponse:
    """Change a feed's settings."""
    feed = get_object_or_404(_published(request), pk=feed_id)
    form = FeedForm(request.POST or None, instance=feed, clinic=request.user.clinic)
    if request.method == "POST" and form.is_valid():
        feed_settings.change(feed=form.save(commit=False), changed=form.changed_data, by=request.user)
        messages.success(request, "Saved. Listed meetings update with the next import.")
        return redirect("referrals:feed", feed_id=feed.pk)
    return render(request, "referrals/feed_form.html", {"form": form, "feed": feed})


@requires(Permission.FEED_IMPORT)
def feed(request: StaffRequest, feed_id: int) -> HttpResponse:
    """One feed: its meetings, its imports, and the next one."""
    row = get_object_or_404(_own(request), pk=feed_id)
    if row.is_kept_by_hand:
        return redirect("referrals:own_meetings")
    return _feed_page(request, row, ImportForm(feed=row))


def _feed_page(request: StaffRequest, row: MeetingFeed, form: ImportForm) -> HttpResponse:
    runs = (
        ImportRun.objects.visible_to(request.user)
        .filter(feed=row)
        .select_related("by", "order")
        .defer("rejected_rows", "remarks", "missing")
    )
    page = Paginator(runs, PAGE).get_page(request.GET.get("page"))
    counted = row.meetings.aggregate(
        listed=Count("pk", filter=Q(retired_at=None)), retired=Count("pk", filter=Q(retired_at__isnull=False))
    )
    order = ImportOrder.objects.visible_to(request.user).waiting().filter(feed=row).first()
    held = runs.held().first()
    last = feed_schedule.last_time(row, timezone.now()) if row.url and row.often else None
    next_time = last + datetime.timedelta(days=row.often) if last else None
    context = {"feed": row, "page": page, "form": form, "order": order, "held": held, "next_time": next_time}
    return render(request, "referrals/feed.html", {**context, **counted})


@requires(Permission.FEED_IMPORT)
@require_POST
def import_now(request: StaffRequest, feed_id: int) -> HttpResponse:
    """Import a file, or order the current content of the feed's URL: a worker fetches it."""
    row = get_object_or_404(_published(request), pk=feed_id)
    form = ImportForm(request.POST, request.FILES, feed=row)
    if not form.is_valid():
        return _feed_page(request, row, form)
    file, confirm_drop = form.cleaned_data["file"], form.cleaned_data["confirm_drop"]
    order, imported = None, None
    with refusal_as_message(request):
        order = orders.place(
            feed=row,
            file=file.file if file else None,
            file_name=file.name if file else "",
            confirm_drop=confirm_drop,
            by=request.user,
        )
        if file and file.size <= orders.AT_ONCE:
            imported = orders.carry_out(order, timezone.now())
    if imported is None:
        if order is not None:
            messages.success(request, "Import started. The report appears below when it is done.")
        return redirect("referrals:feed", feed_id=row.pk)
    if imported.error:
        messages.error(request, imported.error)
    else:
        messages.success(
            request,
            f"Imported: {imported.created} new, {imported.updated} changed, {imported.retired} no longer listed.",
        )
    return redirect("referrals:run", run_id=imported.pk)


@requires(Permission.FEED_IMPORT)
@require_POST
def decide(request: StaffRequest, run_id: int) -> HttpResponse:
    """Use a list that has shrunk, or keep the meetings."""
    row = get_object_or_404(ImportRun.objects.visible_to(request.user).select_related("feed__clinic"), pk=run_id)
    verdict = request.POST.get("verdict")
    if verdict in ImportDecision.Verdict.values:
        with refusal_as_message(request):
            order = holding.decide(run=row, verdict=ImportDecision.Verdict(verdict), at=timezone.now(), by=request.user)
            messages.success(
                request,
                "Import started. The report appears below when it is done." if order else "The meetings are kept.",
            )
    return redirect("referrals:feed", feed_id=row.feed_id)


@requires(Permission.FEED_IMPORT)
def run(request: StaffRequest, run_id: int) -> HttpResponse:
    """The result of each row of one import, and of a list that lacked too much, what it lacked."""
    row = _run(request, run_id)
    context: dict[str, object] = {"run": row, "feed": row.feed}
    if row.needs_confirmation:
        context["is_held"] = ImportRun.objects.visible_to(request.user).held().filter(pk=row.pk).exists()
        context["file"] = _kept_file(row)
    if row.missing:
        context["missing"] = missing.page_of(row, number=request.GET.get("page"), by=request.user)
    return render(request, "referrals/run.html", context)


@requires(Permission.FEED_IMPORT)
def run_file(request: StaffRequest, run_id: int) -> HttpResponseBase:
    """The list that waits for a decision, as it was read: nobody else may have it any more."""
    row = _run(request, run_id)
    order = _kept_file(row)
    if order is None:
        raise Http404
    # Whatever it is, no browser is to open it here.
    sent = StreamingHttpResponse(uploads.pieces(order), content_type="application/octet-stream")
    sent["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=_file_name(order, row))
    sent["Cache-Control"] = "no-store"
    return sent


def _run(request: StaffRequest, run_id: int) -> ImportRun:
    runs = ImportRun.objects.visible_to(request.user)
    return get_object_or_404(runs.select_related("feed", "by", "same_as", "order", "decision__by"), pk=run_id)


def _kept_file(row: ImportRun) -> ImportOrder | None:
    """The order with which the list itself is kept, if it still is."""
    order: ImportOrder | None = getattr(row, "order", None)
    return order if order is not None and order.parts.exists() else None


def _file_name(order: ImportOrder, row: ImportRun) -> str:
    name = order.file_name.rsplit("/")[-1]
    return name if "." in name else f"list-{row.pk}.txt"
