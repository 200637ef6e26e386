"""The numbers of privacy, which the privacy officer sets."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from privacy.forms.numbers import NumberForm
from staff import own_numbers
from staff.access import Permission, StaffRequest, requires
from staff.refusals import refusal_on
from staff.thresholds import Threshold, registry, values_for


def _settable() -> list[Threshold]:
    """What the officer sets, by its key."""
    return [each for _, each in sorted(registry.items()) if each.permission is Permission.ACCESS_LOG_VIEW]


@requires(Permission.ACCESS_LOG_VIEW)
def numbers(request: StaffRequest) -> HttpResponse:
    """Each number with its default, range and source; a form for the one that was chosen."""
    clinic, thresholds = request.user.clinic, _settable()
    asked = request.POST.get("key", "") if request.method == "POST" else request.GET.get("number", "")
    chosen = next((each for each in thresholds if each.key == asked), None)
    own = own_numbers.of_clinic(clinic)
    form = None
    if chosen is not None:
        here = own.get(chosen.key)
        initial = {"value": here.value if here else chosen.default, "reason": here.reason if here else ""}
        form = NumberForm(request.POST or None, threshold=chosen, initial=initial)
        if request.method == "POST" and form.is_valid():
            with refusal_on(form, fields={own_numbers.WhyDifferent: "reason", own_numbers.OutOfRange: "value"}):
                own_numbers.set_own(clinic=clinic, key=chosen.key, by=request.user, **form.cleaned_data)
                messages.success(request, f"Saved: {chosen.label}.")
                return redirect("privacy:numbers")
    values = values_for(clinic, thresholds)
    context = {
        "form": form,
        "chosen": chosen,
        "rows": [(each, each.amount(values[each.key]), own.get(each.key)) for each in thresholds],
    }
    return render(request, "privacy/numbers.html", context, status=422 if request.method == "POST" else 200)
