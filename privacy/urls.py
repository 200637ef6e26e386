"""URLs of privacy/. Every page about a client has client_id in its URL, so the access log sees it."""

from django.urls import path

from privacy.views import access, asked, audit, consents, disclosures, unusual

CHART = "clients/<int:client_id>/"

app_name = "privacy"
urlpatterns = [
    path(f"{CHART}consents/", consents.client_consents, name="client_consents"),
    path(f"{CHART}consents/new/", consents.consent_new, name="consent_new"),
    path(f"{CHART}consents/<int:consent_id>/", consents.consent, name="consent"),
    path(f"{CHART}consents/<int:consent_id>/edit/", consents.consent_edit, name="consent_edit"),
    path(f"{CHART}consents/<int:consent_id>/revoke/", consents.revoke, name="consent_revoke"),
    path(f"{CHART}disclosures/", disclosures.disclosures, name="disclosures"),
    path(f"{CHART}disclosures/new/", disclosures.disclosure_new, name="disclosure_new"),
    path(f"{CHART}opened/", access.chart_openings, name="chart_openings"),
    path(f"{CHART}asked/", asked.client_asked, name="client_asked"),
    path("asked/", asked.asked, name="asked"),
    path("asked/<int:pk>/letter/", asked.letter, name="asked_letter"),
    path("privacy/access-log/", access.access_log, name="access_log"),
    path("privacy/access-log/entries/", access.access_entries, name="access_entries"),
    path("privacy/unusual/", unusual.unusual, name="unusual"),
    path("privacy/unusual/<int:unusual_id>/", unusual.unusual_one, name="unusual_one"),
    path("privacy/lists/", access.list_log, name="list_log"),
    path("privacy/recipients/", disclosures.recipients_list, name="recipients"),
    path("privacy/recipients/<int:recipient_id>/end/", disclosures.recipient_end, name="recipient_end"),
    path("privacy/log-checks/", audit.audit_checks, name="audit_checks"),
    path("privacy/log-checks/<int:check_id>/", audit.acknowledge, name="acknowledge_findings"),
    path("privacy/emergency/", access.emergency, name="emergency"),
    path("privacy/emergency/look-ups/", access.look_ups, name="look_ups"),
    path("privacy/emergency/<int:pk>/", access.emergency_review, name="emergency_review"),
    path("privacy/emergency/<int:pk>/reviewed/", access.emergency_reviewed, name="emergency_reviewed"),
]
