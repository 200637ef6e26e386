"""Placement assessments: the answers, the suggestion, the decision; and evaluations of safety."""

from django.urls import path

from cases.views import assessments, safety

_ONE = "clients/<int:client_id>/assessments/<int:assessment_id>/"

urlpatterns = [
    path("clients/<int:client_id>/safety/", safety.safety_page, name="safety"),
    path("clients/<int:client_id>/assessments/new/", assessments.assessment_new, name="assessment_new"),
    path("clients/<int:client_id>/assessments/preview/", assessments.assessment_preview, name="assessment_preview"),
    path(_ONE, assessments.assessment, name="assessment"),
    path(f"{_ONE}edit/", assessments.assessment_edit, name="assessment_edit"),
    path(f"{_ONE}safety/", assessments.assessment_safety, name="assessment_safety"),
    path(f"{_ONE}decide/", assessments.assessment_decide, name="assessment_decide"),
]
