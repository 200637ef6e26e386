from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from reminders import mailbox as letters_kept
from reminders import opt_outs
from reminders.forms import ReplyForm
from staff.access import Permission, StaffRequest, requires


@requires(Permission.REMINDER_VIEW)
def mailbox(request: StaffRequest, name: str = "") -> HttpResponse:
    """The demo's mailbox: what recipients would see. Not in production."""
    if not settings.MAILBOX_DIR:
        raise Http404
    letters = letters_kept.letters()
    chosen = letters_kept.letter(name) if name else (letters[0] if letters else None)
    if name and chosen is None:
        raise Http404
    return render(request, "reminders/mailbox.html", {"letters": letters, "chosen": chosen, "form": ReplyForm()})


@requires(Permission.REMINDER_VIEW)
@require_POST
def reply(request: StaffRequest, name: str) -> HttpResponse:
    """Reply to a message as its recipient, to see what STOP does."""
    letter = letters_kept.letter(name) if settings.MAILBOX_DIR else None
    if letter is None or not letter.is_reminder:
        raise Http404
    form = ReplyForm(request.POST)
    if form.is_valid() and letter.way == "sms":
        to_us = request.build_absolute_uri(reverse("reminders:message_incoming"))
        if letters_kept.reply_by_text(letter, form.cleaned_data["words"], to_us=to_us):
            messages.success(request, "Text received. A worker reads it within a minute.")
        else:
            messages.error(request, "The demo’s phone company does not answer. Start it with “make run”.")
    elif form.is_valid():
        opt_out = opt_outs.receive(
            clinic=request.user.clinic, contact_value=letter.to, words=form.cleaned_data["words"], at=timezone.now()
        )
        said = (
            "Opted out. That address gets no more messages."
            if opt_out
            else "Reply received. Staff will see what to do."
        )
        messages.success(request, said)
    return redirect("reminders:letter", name=name)
