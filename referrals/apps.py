from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "referrals"
    verbose_name = "Mutual-help referrals"
    # Public lists of meetings, which a clinic may share with the others of its installation (staff/row_security.py).
    shared_rows = {
        "referrals_meetingfeed": "is_shared",
        "referrals_meeting": "feed_id IN (SELECT id FROM referrals_meetingfeed WHERE is_shared)",
    }

    rows_may_go = ("referrals_uploadedpart",)  # an uploaded list, once it is imported

    def ready(self) -> None:
        """Register the thresholds that a clinic may change."""
        from . import thresholds  # noqa: F401
