from django.apps import AppConfig


class AppointmentsConfig(AppConfig):
    name = "appointments"
    verbose_name = "Appointments"
    # What stands in them is of the present: rows are taken out again (staff/table_rights.py).
    rows_may_go = (
        "appointments_bookedspan",
        "appointments_calendarfeed",
        "appointments_workinghours",
        "appointments_timeoff",
        "appointments_holiday",
    )

    def ready(self) -> None:
        """Register the thresholds that a clinic can change."""
        from . import thresholds  # noqa: F401
