from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "reminders"
    verbose_name = "Reminders"

    def ready(self) -> None:
        """Declare the thresholds that a clinic may change, and the check of the addresses that clients see."""
        from reminders import sender_addresses, thresholds  # noqa: F401
