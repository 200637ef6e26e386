"""How staff sign in: the library's pages, without sign-up."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Administrators create accounts; no one creates their own."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """There is no username: users sign in with their email address."""

    def pre_authenticate(self, request: HttpRequest, **credentials: object) -> None:
        """Leave wrong passwords to axes, which counts them in the database and answers alike wherever one signs in.

        The library's own count stays on for codes of the second factor, which axes does not see.
        """


def tried_address(request: HttpRequest, credentials: dict[str, object] | None = None) -> str | None:
    """The address of a sign-in attempt, in lowercase: axes counts failures by it.

    The pages pass it as `email`, Django's own functions as `username`, axes after a success as `login`.
    """
    found = credentials or request.POST
    for key in ("login", "email", "username"):
        if found.get(key):
            return str(found[key]).strip().lower()
    return None
