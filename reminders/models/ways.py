from __future__ import annotations

from django.db import models

from privacy.models import Channel


class Way(models.TextChoices):
    """How a reminder leaves: the channels that a consent names, and the inbox in the product, for staff alone."""

    EMAIL = Channel.EMAIL.value, Channel.EMAIL.label
    SMS = Channel.SMS.value, Channel.SMS.label
    VOICE = Channel.VOICE.value, Channel.VOICE.label
    INBOX = "inbox", "Inbox"
