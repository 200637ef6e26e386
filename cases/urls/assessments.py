"""Placement assessments: answers, suggestion, decision."""

from django.urls import path

from cases.views.assessments import assessments, decisions

_ONE = "clients/<int:client_id>/assessments/<int:assessment_id>/"

urlpatterns = [
    path("clients/<int:client_id>/assessments/new/", assessments.assessment_new, name="assessment_new"),
    path("clients/<int:client_id>/assessments/preview/", assessments.assessment_preview, name="assessment_preview"),
    path(_ONE, assessments.assessment, name="assessment"),
    path(f"{_ONE}edit/", assessments.assessment_edit, name="assessment_edit"),
    path(f"{_ONE}safety/", assessments.assessment_safety, name="assessment_safety"),
    path(f"{_ONE}measure/", decisions.assessment_set_aside, name="assessment_set_aside"),
    path(f"{_ONE}decide/", assessments.assessment_decide, name="assessment_decide"),
    path(f"{_ONE}keep/", decisions.assessment_keep, name="assessment_keep"),
]
