"""URLs of privacy/. Every page about a client has client_id in its URL, so the access log sees it."""

from django.urls import path

from privacy.views import (
    access,
    accounting,
    asked,
    audit,
    breaches,
    consents,
    copies,
    disclosures,
    medical_emergencies,
    requests,
    retention,
)

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
    path(f"{CHART}disclosures/accounting/", accounting.accounting_page, name="accounting"),
    path(f"{CHART}disclosures/accounting/give/", accounting.give, name="accounting_give"),
    path(f"{CHART}record-copy/", copies.copy_page, name="record_copy"),
    path(f"{CHART}record-copy/give/", copies.give, name="record_copy_give"),
    path(f"{CHART}medical-emergency/", medical_emergencies.medical_emergency, name="medical_emergency"),
    path(f"{CHART}asked/", asked.client_asked, name="client_asked"),
    path(f"{CHART}legal-holds/", retention.legal_holds, name="legal_holds"),
    path(f"{CHART}legal-holds/<int:hold_id>/lift/", retention.legal_hold_lift, name="legal_hold_lift"),
    path("asked/", asked.asked, name="asked"),
    path("asked/<int:pk>/letter/", asked.letter, name="asked_letter"),
    path("privacy/requests/", requests.requests, name="requests"),
    path("privacy/requests/<int:request_id>/", requests.request_page, name="request"),
    path("privacy/requests/<int:request_id>/take/", requests.take, name="request_take"),
    path("privacy/requests/<int:request_id>/client/", requests.identify, name="request_client"),
    path("privacy/requests/<int:request_id>/extend/", requests.extend, name="request_extend"),
    path("privacy/requests/<int:request_id>/note/", requests.note, name="request_note"),
    path("privacy/requests/<int:request_id>/close/", requests.close, name="request_close"),
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
