"""How a signer confirms their identity."""

from django.db import models


class SignedWith(models.TextChoices):
    """What stood for the signature. Empty where it was not recorded: imports, and signatures older than the record."""

    PASSWORD = "password", "Password"
    PASSKEY = "passkey", "Passkey"
