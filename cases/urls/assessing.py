"""Placement assessments: answers, suggestion, decision, the medical evaluation it asks for; evaluations of safety."""

from django.urls import path

from cases.views import medical, safety
from cases.views.assessments import assessments, decisions

_ONE = "clients/<int:client_id>/assessments/<int:assessment_id>/"

urlpatterns = [
    path("clients/<int:client_id>/safety/", safety.safety_page, name="safety"),
    path("clients/<int:client_id>/assessments/new/", assessments.assessment_new, name="assessment_new"),
    path("clients/<int:client_id>/assessments/preview/", assessments.assessment_preview, name="assessment_preview"),
    path(_ONE, assessments.assessment, name="assessment"),
    path(f"{_ONE}edit/", assessments.assessment_edit, name="assessment_edit"),
    path(f"{_ONE}safety/", assessments.assessment_safety, name="assessment_safety"),
    path(f"{_ONE}measure/", decisions.assessment_set_aside, name="assessment_set_aside"),
    path(f"{_ONE}decide/", assessments.assessment_decide, name="assessment_decide"),
    path(f"{_ONE}keep/", decisions.assessment_keep, name="assessment_keep"),
    path(f"{_ONE}evaluation/", medical.medical_evaluation, name="medical_evaluation"),
    path("inquiries/<int:inquiry_id>/evaluation/", medical.inquiry_evaluation, name="inquiry_evaluation"),
]
