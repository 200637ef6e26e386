"""URLs of cases/. Every page about a client has client_id in its URL, so the access log sees it."""

from cases.urls import assessments, episodes, intake, medical, merging, patterns, people, recovery, safety, teds

app_name = "cases"
urlpatterns = [
    *people.urlpatterns,
    *intake.urlpatterns,
    *episodes.urlpatterns,
    *merging.urlpatterns,
    *assessments.urlpatterns,
    *medical.urlpatterns,
    *safety.urlpatterns,
    *recovery.urlpatterns,
    *patterns.urlpatterns,
    *teds.urlpatterns,
]
