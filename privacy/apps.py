from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "privacy"
    verbose_name = "Privacy"

    def ready(self) -> None:
        """Declare the thresholds."""
        from privacy import thresholds  # noqa: F401
