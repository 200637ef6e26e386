"""Forms of the second step, in which a code of an authenticator app opens nothing twice (RFC 6238, section 5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms
from allauth.mfa.models import Authenticator
from django.core.cache import cache

if TYPE_CHECKING:
    _Form = forms.BaseAuthenticateForm
else:
    _Form = object


class Once(_Form):
    """The library remembers a used code for one time step; with MFA_TOTP_TOLERANCE it is good for longer than that."""

    def clean_code(self) -> str:
        """The code, the first time it is used while it is good."""
        code: str = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP:
            lasts = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
            if not cache.add(f"totp.used:{self.user.pk}:{code.strip()}", 1, timeout=lasts):
                raise get_adapter().validation_error("incorrect_code")
        return code


class AuthenticateForm(Once, forms.AuthenticateForm):
    """The second step of signing in."""


class ReauthenticateForm(Once, forms.ReauthenticateForm):
    """The same again, before something that asks for it."""
