"""Addresses of counseling/. Every page about a client carries client_id, so that the access log sees it."""

from django.urls import path

from counseling.views import (
    carry_over,
    measures,
    plan_versions,
    plans,
    reading,
    separate,
    signing,
    thread,
    together,
    writing,
)

SEPARATE = "clients/<int:client_id>/notes/separate/"

app_name = "counseling"
urlpatterns = [
    path("notes/", signing.worklist, name="worklist"),
    path("notes/sign/", together.sign_together, name="sign_together"),
    path("notes/cosign/", together.cosign_together, name="cosign_together"),
    path("clients/<int:client_id>/notes/", reading.notes, name="notes"),
    path("clients/<int:client_id>/notes/new/", writing.note_new, name="note_new"),
    path("clients/<int:client_id>/notes/<int:note_id>/", writing.note_edit, name="note_edit"),
    path("clients/<int:client_id>/notes/<int:note_id>/earlier/", reading.earlier, name="earlier"),
    path("clients/<int:client_id>/notes/<int:note_id>/settle/", writing.note_settle, name="note_settle"),
    path("clients/<int:client_id>/notes/<int:note_id>/discard/", writing.note_discard, name="note_discard"),
    path("clients/<int:client_id>/notes/<int:note_id>/sign/", signing.note_sign, name="note_sign"),
    path("clients/<int:client_id>/notes/<int:note_id>/cosign/", signing.note_cosign, name="note_cosign"),
    path("clients/<int:client_id>/notes/<int:note_id>/addenda/", signing.note_addendum, name="note_addendum"),
    path(SEPARATE, separate.separate_notes, name="separate_notes"),
    path(f"{SEPARATE}begin/", separate.separate_begin, name="separate_begin"),
    path(f"{SEPARATE}<int:separate_id>/", separate.separate_note, name="separate_note"),
    path(f"{SEPARATE}<int:separate_id>/sign/", separate.separate_sign, name="separate_sign"),
    path(f"{SEPARATE}<int:separate_id>/disclose/", separate.separate_disclose, name="separate_disclose"),
    path(f"{SEPARATE}<int:separate_id>/disclose/<int:sent_id>/", separate.separate_sheet, name="separate_sheet"),
    path("clients/<int:client_id>/notes/<int:note_id>/objective/", thread.note_file, name="note_file"),
    path("clients/<int:client_id>/carry-over/", carry_over.carry_over_latest, name="carry_over_latest"),
    path("clients/<int:client_id>/carry-over/comparison/", carry_over.comparison, name="comparison"),
    path("clients/<int:client_id>/carry-over/<int:episode_id>/", carry_over.board, name="carry_over"),
    path("clients/<int:client_id>/carry-over/<int:episode_id>/decide/", carry_over.decide, name="carry_over_decide"),
    path("clients/<int:client_id>/plan/", plans.plan, name="plan"),
    path("clients/<int:client_id>/plan/goals/", plans.goal_add, name="goal_add"),
    path("clients/<int:client_id>/plan/goals/<int:goal_id>/objectives/", plans.objective_add, name="objective_add"),
    path("clients/<int:client_id>/plan/goals/<int:goal_id>/close/", plans.goal_close, name="goal_close"),
    path(
        "clients/<int:client_id>/plan/objectives/<int:objective_id>/close/",
        plans.objective_close,
        name="objective_close",
    ),
    path("clients/<int:client_id>/plan/thread/", thread.thread, name="thread"),
    path("clients/<int:client_id>/plan/versions/", plan_versions.plan_versions, name="plan_versions"),
    path("clients/<int:client_id>/plan/versions/new/", plan_versions.plan_new_version, name="plan_new_version"),
    path("clients/<int:client_id>/plan/review/", plan_versions.plan_review, name="plan_review"),
    path("clients/<int:client_id>/plan/sign/", plan_versions.plan_sign, name="plan_sign"),
    path("clients/<int:client_id>/plan/safety/", plans.safety_plan, name="safety_plan"),
    path("clients/<int:client_id>/plan/safety/write/", plans.safety_plan_write, name="safety_plan_write"),
    path("clients/<int:client_id>/plan/discharge/write/", plans.discharge_plan_write, name="discharge_plan_write"),
    path("clients/<int:client_id>/notes/measures/", measures.measure_list, name="measures"),
    path("clients/<int:client_id>/notes/measures/<slug:instrument>/", measures.measure_new, name="measure_new"),
]
