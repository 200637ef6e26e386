from django.apps import AppConfig

_ONCE_SHARED = "SELECT pgh_obj_id FROM referrals_meetingfeedevent WHERE is_shared"


class ReferralsConfig(AppConfig):
    name = "referrals"
    verbose_name = "Mutual-help referrals"
    # Public lists of meetings, which a clinic may share with the others of its installation (staff/row_security.py).
    # What was shared once stays readable, which the lists' history tells: others' charts name its meetings. Whether it
    # is found, offered or listed is asked of `is_shared` (MeetingFeedQuerySet.visible_to, models.feed.in_use_at).
    shared_rows = {
        "referrals_meetingfeedevent": "is_shared",
        "referrals_meetingfeed": f"id IN ({_ONCE_SHARED})",
        "referrals_meeting": f"feed_id IN ({_ONCE_SHARED})",
    }

    rows_may_go = ("referrals_uploadedpart",)  # an uploaded list, once it is imported

    def ready(self) -> None:
        """Register the thresholds that a clinic may change."""
        from . import thresholds  # noqa: F401
