"""Secrets of the second step: encrypted in the database, and each code of an authenticator app good for once.

django-allauth keeps them in `Authenticator.data`: the secret of an authenticator app, and the seed of recovery codes.
Its hook knows no row, so they are bound to their column alone. A secret from before they were encrypted still opens,
until `rotate_field_keys` has encrypted it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db import transaction

from staff import field_keys

COLUMN, ROW = "mfa.Authenticator.data", 0
KEPT = ("secret", "seed", "migrated_codes")  # of what the library keeps, what is secret


class MFAAdapter(DefaultMFAAdapter):
    """Encrypts what the library stores, with FIELD_KEYS."""

    def encrypt(self, text: str) -> str:
        """As it is stored, under the newest key."""
        return field_keys.encrypt(text, column=COLUMN, row=ROW)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret. Raises Unreadable; what was stored before secrets were encrypted is one as it is."""
        if not field_keys.is_stored(encrypted_text):
            return encrypted_text
        return field_keys.decrypt(encrypted_text, column=COLUMN, row=ROW)


def not_under_newest() -> int:
    """How many factors have a secret that isn't encrypted with the newest key."""
    return sum(any(not _is_newest(each) for each in _secrets(factor)) for factor in _factors())


def under_missing_keys() -> int:
    """How many factors nobody can sign in with, since FIELD_KEYS lacks their key."""
    known = field_keys.known()
    return sum(
        any(field_keys.is_stored(each) and field_keys.key_of(each) not in known for each in _secrets(factor))
        for factor in _factors()
    )


def rotate() -> tuple[int, list[str]]:
    """Encrypt each secret with the newest key that isn't yet: how many factors, and what could not be read."""
    adapter, done, faults = MFAAdapter(), 0, []
    for number in [factor.pk for factor in _factors()]:
        with transaction.atomic():
            factor = Authenticator.objects.select_for_update(no_key=True).filter(pk=number).first()
            if factor is None or all(_is_newest(each) for each in _secrets(factor)):
                continue
            try:
                factor.data = _with_secrets(factor.data, lambda each: adapter.encrypt(adapter.decrypt(each)))
            except field_keys.Unreadable as fault:
                faults.append(_named(factor, fault))
                continue
            factor.save(update_fields=["data"])
            done += 1
    return done, faults


def unreadable() -> Iterator[str]:
    """Read every secret; what can't be read, in words."""
    for factor in _factors():
        for each in _secrets(factor):
            try:
                MFAAdapter().decrypt(each)
            except field_keys.Unreadable as fault:
                yield _named(factor, fault)


def _factors() -> Iterator[Authenticator]:
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)  # passkeys keep public keys only
    yield from Authenticator.objects.filter(type__in=kinds).order_by("pk")


def _secrets(factor: Authenticator) -> list[str]:
    found = [factor.data[name] for name in KEPT if name in factor.data]
    return [each for value in found for each in (value if isinstance(value, list) else [value])]


def _with_secrets(data: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    anew = {
        name: [change(each) for each in data[name]] if isinstance(data[name], list) else change(data[name])
        for name in KEPT
        if name in data
    }
    return data | anew


def _is_newest(stored: str) -> bool:
    return field_keys.is_stored(stored) and field_keys.key_of(stored) == field_keys.newest()


def _named(factor: Authenticator, fault: field_keys.Unreadable) -> str:
    return f"mfa_authenticator {factor.pk}: {fault}"
