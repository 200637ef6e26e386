"""Who signs, and how a signer confirms their identity."""

from django.db import models


class SignedWith(models.TextChoices):
    """How the signer confirmed who they are. Empty if not recorded: imports, and older signatures."""

    PASSWORD = "password", "Password"
    PASSKEY = "passkey", "Passkey"


class SignatureKind(models.TextChoices):
    """Who signs."""

    SIGN = "sign", "Signed"
    COSIGN = "cosign", "Cosigned"
