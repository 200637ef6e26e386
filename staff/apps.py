from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "staff"
    verbose_name = "Clinic and staff"

    def ready(self) -> None:
        """Declare the threshold of sessions."""
        from staff import sessions  # noqa: F401
