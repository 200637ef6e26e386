from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "reminders"
    verbose_name = "Reminders"
    # What stands in them is of the present: rows are taken out again (staff/table_rights.py).
    rows_may_go = (
        "reminders_messagetemplate",
        "reminders_channelpause",
        "reminders_turn",
        "reminders_deliveryattempt",
    )

    def ready(self) -> None:
        """Declare the thresholds that a clinic may change, and the check of the addresses that clients see."""
        from reminders import sender_addresses, thresholds  # noqa: F401
