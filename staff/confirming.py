"""Signing requires the password or a passkey again. Every form that signs derives from this one."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.contrib.auth import authenticate

from staff import passkeys
from staff.access import StaffRequest
from staff.credentials import SignedWith

WRONG_PASSWORD = "Wrong password. After five attempts, your account is locked for a while."  # noqa: S105
WRONG_PASSKEY = "The passkey wasn’t accepted. {} Try again, or enter your password."


class AnswerOnce(forms.HiddenInput):
    """A passkey's response is never rendered again: it is used up, and a later password would be sent with it."""

    def format_value(self, value: Any) -> None:
        """Nothing."""


class SignatureForm(forms.Form):
    """After `is_valid`, `signed_with` says how the signer confirmed who they are.

    If the form has another error, it does not check the password: a wrong one counts toward the account's lockout.
    `fault` is an error the page has already found.
    """

    not_done = "Nothing was signed."
    password = forms.CharField(
        label="Your password",
        strip=False,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "required": True}),
        help_text="Your password is your signature.",
    )
    credential = forms.CharField(required=False, widget=AnswerOnce(attrs={"data-passkey-answer": True}))

    def __init__(self, *args: Any, request: StaffRequest, fault: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.fault = request, fault
        self.signed_with = ""

    @cached_property
    def has_passkey(self) -> bool:
        """Whether the page can offer one."""
        return passkeys.has_passkey(self.request.user)

    def clean(self) -> dict[str, Any]:
        """Ask the key or the password, if all else is right."""
        said = super().clean() or {}
        if self.fault:
            self.add_error(None, self.fault)
        elif not self.errors:
            self._ask(said)
        return said

    def _ask(self, said: dict[str, Any]) -> None:
        if said["credential"]:
            if passkeys.accepted(self.request, said["credential"]):
                self.signed_with = SignedWith.PASSKEY
            else:
                self.add_error(None, WRONG_PASSKEY.format(self.not_done))
        elif not said["password"]:
            self.add_error("password", f"{self.not_done} Enter your password or use a passkey.")
        elif is_the_signer(self.request, said["password"]):
            self.signed_with = SignedWith.PASSWORD
        else:
            self.add_error("password", WRONG_PASSWORD)


def is_the_signer(request: StaffRequest, password: str) -> bool:
    """Whether it is the signed-in person's password. Wrong ones count toward the lockout, as on the sign-in page."""
    email = request.user.email
    person = authenticate(request, username=email, login=email, password=password)
    return person is not None and person.pk == request.user.pk
