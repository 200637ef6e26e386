from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "referrals"
    verbose_name = "Mutual-help referrals"

    def ready(self) -> None:
        """Register the thresholds that a clinic may change."""
        from . import thresholds  # noqa: F401
