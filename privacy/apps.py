from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "privacy"
    verbose_name = "Privacy"
    # A check that takes several slices; an entry of the register that is locked while its next step is written.
    rows_go_on = ("privacy_auditcheck", "privacy_breach")

    def ready(self) -> None:
        """Declare the thresholds."""
        from privacy import thresholds  # noqa: F401
