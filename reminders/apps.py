from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "reminders"
    verbose_name = "Reminders"

    def ready(self) -> None:
        """Declare the thresholds that a clinic may change."""
        from reminders import thresholds  # noqa: F401
