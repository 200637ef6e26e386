"""The words of the referral guide, which a supervisor or administrator changes for the clinic."""

from __future__ import annotations

from itertools import groupby

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from referrals import guide_words
from referrals.forms import GuideWordsForm
from referrals.models import GuideWords
from staff.access import Permission, StaffRequest, requires
from staff.refusals import refusal_on


@requires(Permission.REFERRAL_GUIDE)
def all_words(request: StaffRequest) -> HttpResponse:
    """Every text of the guide as the clinic says it now."""
    own = {row.key: row for row in GuideWords.objects.visible_to(request.user).in_use().select_related("by")}
    texts = [
        {"text": text, "own": row if (row := own.get(text.key)) and row.words else None} for text in guide_words.TEXTS
    ]
    parts = [(part, list(rows)) for part, rows in groupby(texts, key=lambda each: each["text"].part)]  # type: ignore[union-attr]
    return render(request, "referrals/guide/words.html", {"parts": parts})


@requires(Permission.REFERRAL_GUIDE)
def one_text(request: StaffRequest, text: str) -> HttpResponse:
    """One text: the words that ship, the clinic's own, and what was said before."""
    shipped = guide_words.BY_KEY.get(text)
    if shipped is None:
        raise Http404
    earlier = list(GuideWords.objects.visible_to(request.user).filter(key=text).select_related("by")[:20])
    own = earlier[0].words if earlier else ""
    form = GuideWordsForm(request.POST or None, initial={"words": own or shipped.words})
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            guide_words.rewrite(key=text, words=form.cleaned_data["words"], by=request.user)
            messages.success(request, "Saved. Counselors see these words from now on.")
            return redirect("referrals:guide_words")
    return render(request, "referrals/guide/text.html", {"text": shipped, "form": form, "earlier": earlier, "own": own})
