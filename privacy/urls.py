"""URLs of privacy/. Every page about a client has client_id in its URL, so the access log sees it."""

from django.urls import path

from privacy.views import access, asked, audit, breaches, consents, disclosures, medical_emergencies, retention

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
    path(f"{CHART}medical-emergency/", medical_emergencies.medical_emergency, name="medical_emergency"),
    path(f"{CHART}asked/", asked.client_asked, name="client_asked"),
    path(f"{CHART}legal-holds/", retention.legal_holds, name="legal_holds"),
    path(f"{CHART}legal-holds/<int:hold_id>/lift/", retention.legal_hold_lift, name="legal_hold_lift"),
    path("asked/", asked.asked, name="asked"),
    path("asked/<int:pk>/letter/", asked.letter, name="asked_letter"),
    path("privacy/access-log/", access.access_log, name="access_log"),
    path("privacy/lists/", access.list_log, name="list_log"),
    path("privacy/recipients/", disclosures.recipients_list, name="recipients"),
    path("privacy/recipients/<int:recipient_id>/end/", disclosures.recipient_end, name="recipient_end"),
    path("privacy/service-organizations/", disclosures.agreements, name="agreements"),
    path("privacy/service-organizations/<int:agreement_id>/end/", disclosures.agreement_end, name="agreement_end"),
    path("privacy/log-checks/", audit.audit_checks, name="audit_checks"),
    path("privacy/breaches/", breaches.breaches, name="breaches"),
    path("privacy/breaches/report/", breaches.breach_report, name="breach_report"),
    path("privacy/breaches/<int:breach_id>/", breaches.breach, name="breach"),
    path("privacy/retention/", retention.retention_list, name="retention"),
    path("privacy/emergency/", access.emergency, name="emergency"),
    path("privacy/emergency/look-ups/", access.look_ups, name="look_ups"),
    path(
        "privacy/medical-emergencies/<int:disclosure_id>/",
        medical_emergencies.disclosure_review,
        name="disclosure_review",
    ),
    path("privacy/emergency/<int:pk>/", access.emergency_review, name="emergency_review"),
    path("privacy/emergency/<int:pk>/reviewed/", access.emergency_reviewed, name="emergency_reviewed"),
]
