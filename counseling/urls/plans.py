"""Treatment, safety and discharge plans, and homework."""

from django.urls import path

from counseling.views.plans import homework, objectives, plan_versions, plans, written_plans

urlpatterns = [
    path("clients/<int:client_id>/notes/<int:note_id>/homework/", homework.note_homework, name="note_homework"),
    path("clients/<int:client_id>/homework/", homework.homework, name="homework"),
    path("clients/<int:client_id>/homework/give/", homework.homework_give, name="homework_give"),
    path(
        "clients/<int:client_id>/homework/<int:homework_id>/review/", homework.homework_review, name="homework_review"
    ),
    path("clients/<int:client_id>/plan/", plans.plan, name="plan"),
    path("clients/<int:client_id>/plan/goals/", plans.goal_add, name="goal_add"),
    path("clients/<int:client_id>/plan/goals/<int:goal_id>/objectives/", plans.objective_add, name="objective_add"),
    path("clients/<int:client_id>/plan/goals/<int:goal_id>/close/", plans.goal_close, name="goal_close"),
    path(
        "clients/<int:client_id>/plan/objectives/<int:objective_id>/close/",
        plans.objective_close,
        name="objective_close",
    ),
    path(
        "clients/<int:client_id>/plan/objectives/<int:objective_id>/change/",
        objectives.objective_change,
        name="objective_change",
    ),
    path("clients/<int:client_id>/plan/versions/", plan_versions.plan_versions, name="plan_versions"),
    path("clients/<int:client_id>/plan/versions/new/", plan_versions.plan_new_version, name="plan_new_version"),
    path("clients/<int:client_id>/plan/review/", plan_versions.plan_review, name="plan_review"),
    path("clients/<int:client_id>/plan/sign/", plan_versions.plan_sign, name="plan_sign"),
    path("clients/<int:client_id>/plan/safety/write/", written_plans.safety_plan_write, name="safety_plan_write"),
    path(
        "clients/<int:client_id>/plan/discharge/write/", written_plans.discharge_plan_write, name="discharge_plan_write"
    ),
]
