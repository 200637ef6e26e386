"""URLs of counseling/. Every page about a client has client_id in its URL, so the access log sees it."""

from counseling.urls import (
    carry_over,
    golden_thread,
    measures,
    notes,
    plans,
    printing,
    signing,
    sud_counseling_notes,
    tablet,
)

app_name = "counseling"
urlpatterns = [
    *notes.urlpatterns,
    *signing.urlpatterns,
    *sud_counseling_notes.urlpatterns,
    *tablet.urlpatterns,
    *measures.urlpatterns,
    *plans.urlpatterns,
    *golden_thread.urlpatterns,
    *carry_over.urlpatterns,
    *printing.urlpatterns,
]
