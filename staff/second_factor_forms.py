"""Forms of the second step, in which a code of an authenticator app opens nothing twice (RFC 6238, section 5.2)."""

from __future__ import annotations

from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as webauthn
from django.core.cache import cache


class AuthenticateForm(forms.AuthenticateForm):
    """The second step of signing in."""

    def clean_code(self) -> str:
        """The code, the first time it is used while it is good."""
        return _once(self, super().clean_code())


class ReauthenticateForm(forms.ReauthenticateForm):
    """The same again, before something that asks for it; the session goes on under a new key (staff/sign_in.py)."""

    def clean_code(self) -> str:
        """The code, the first time it is used while it is good."""
        return _once(self, super().clean_code())

    def save(self) -> None:
        """Note that it was done."""
        super().save()
        context.request.session.cycle_key()


class ReauthenticateWebAuthnForm(webauthn.ReauthenticateWebAuthnForm):
    """The same with a passkey."""

    def save(self) -> None:
        """Note that it was done."""
        super().save()
        context.request.session.cycle_key()


def _once(form: forms.BaseAuthenticateForm, code: str) -> str:
    """The library remembers a used code for one time step; with MFA_TOTP_TOLERANCE it is good for longer than that."""
    if form.authenticator.type != Authenticator.Type.TOTP:
        return code
    lasts = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
    if not cache.add(f"totp.used:{form.user.pk}:{code.strip()}", 1, timeout=lasts):
        raise get_adapter().validation_error("incorrect_code")
    return code
