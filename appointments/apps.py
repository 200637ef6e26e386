from django.apps import AppConfig


class AppointmentsConfig(AppConfig):
    name = "appointments"
    verbose_name = "Appointments"

    def ready(self) -> None:
        """Register the thresholds that a clinic can change."""
        from . import thresholds  # noqa: F401
