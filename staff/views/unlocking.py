from __future__ import annotations

from allauth.account.forms import ResetPasswordForm
from allauth.account.views import PasswordResetView
from allauth.core.ratelimit import consume_or_429
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables

from staff import accounts
from staff.access import public
from staff.refusals import Refusal, refusal_on
from staff.sign_in import NoMail


class ResetPassword(PasswordResetView):
    """The library's page; if the mail server doesn’t answer, it says so."""

    def form_valid(self, form: ResetPasswordForm) -> HttpResponse:
        """Send the link."""
        with refusal_on(form):
            return super().form_valid(form)
        return self.form_invalid(form)


class UnlockForm(forms.Form):
    """Whose account."""

    email = forms.EmailField(label="Work email", widget=forms.EmailInput(attrs={"autocomplete": "email"}))


@public
@never_cache
def unlock(request: HttpRequest) -> HttpResponse:
    """Ask for a link that unlocks one's account. What comes back is the same for every address."""
    form = UnlockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"].lower()
        if refused := consume_or_429(request, action="unlock", key=email):
            return refused
        try:
            accounts.send_unlock_link(email=email, request=request)
        except NoMail as refusal:
            form.add_error(None, refusal.sentence)
        else:
            return render(request, "account/unlock_sent.html")
    return render(request, "account/unlock.html", {"form": form})


@public
@never_cache
@sensitive_variables("key")
def unlock_key(request: HttpRequest, key: str) -> HttpResponse:
    """The page behind the link. Opening it changes nothing: mail servers open links, too."""
    try:
        if request.method == "POST":
            accounts.unlock_by_link(key=key)
            messages.success(request, "Your account is unlocked. Sign in now.")
            return redirect("account_login")
        person = accounts.who_may_unlock(key)
    except Refusal as refusal:
        return render(request, "account/unlock_ended.html", {"why": refusal.sentence}, status=410)
    return render(request, "account/unlock_key.html", {"person": person})
