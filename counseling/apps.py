from django.apps import AppConfig


class CounselingConfig(AppConfig):
    name = "counseling"
    verbose_name = "Counseling"

    def ready(self) -> None:
        """Register the app's thresholds, so that the admin and the seed know them."""
        from counseling import thresholds  # noqa: F401
