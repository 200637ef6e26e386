"""Puts the project together: settings, URLs, the job schedule. Imports anything; nothing imports it."""

from .celery import app as celery_app

__all__ = ["celery_app"]
