"""The empty task that sending is compared with."""

from celery import shared_task


@shared_task
def nothing() -> None:
    """What a task costs that does nothing."""
