from django.apps import AppConfig


class CounselingConfig(AppConfig):
    name = "counseling"
    verbose_name = "Counseling"

    def ready(self) -> None:
        """Register the app's thresholds, for the admin and the seed, and its evidence about learned items."""
        from counseling import thresholds  # noqa: F401
        from counseling.carry_over import learned  # noqa: F401
