"""URLs of counseling. Every page about a client carries client_id, so that the access log sees it."""

from django.urls import path

from counseling.views.notes import draft_conflicts, formats, mentions, reading, worklist, writing
from counseling.views.signing import batch_signing, signing, verifying

from .views import printing, sud_counseling_notes
from .views.carry_over import board
from .views.golden_thread import thread, thread_rules
from .views.measures import instruments, measures
from .views.plans import homework, objectives, plan_versions, plans, written_plans
from .views.tablet import hand_over, questions

SEPARATE = "clients/<int:client_id>/notes/separate/"

app_name = "counseling"
urlpatterns = [
    path("notes/", worklist.worklist, name="worklist"),
    path("notes/sign/", batch_signing.sign_together, name="sign_together"),
    path("notes/cosign/", batch_signing.cosign_together, name="cosign_together"),
    path("formats/", formats.format_list, name="formats"),
    path("formats/new/", formats.format_new, name="format_new"),
    path("formats/thread/", thread_rules.rules, name="thread_rules"),
    path("formats/<int:format_id>/", formats.format_page, name="format"),
    path("formats/<int:format_id>/change/", formats.format_change, name="format_change"),
    path("formats/<int:format_id>/retire/", formats.format_retire, name="format_retire"),
    path("instruments/", instruments.instrument_list, name="instruments"),
    path("instruments/due/", instruments.measure_rules, name="measure_rules"),
    path("instruments/due/<slug:group>/", instruments.measure_rules_change, name="measure_rules_change"),
    path("instruments/<slug:instrument>/", instruments.instrument_page, name="instrument"),
    path("instruments/<slug:instrument>/install/", instruments.instrument_install, name="instrument_install"),
    path("instruments/<slug:instrument>/file/", instruments.instrument_file, name="instrument_file"),
    path("instruments/<slug:instrument>/use/", instruments.instrument_use, name="instrument_use"),
    path("signatures/", verifying.signatures, name="signatures"),
    path("clients/<int:client_id>/notes/", reading.notes, name="notes"),
    path("clients/<int:client_id>/notes/new/", writing.note_new, name="note_new"),
    path("clients/<int:client_id>/notes/<int:note_id>/", writing.note_edit, name="note_edit"),
    path("clients/<int:client_id>/notes/<int:note_id>/earlier/", reading.earlier, name="earlier"),
    path("clients/<int:client_id>/notes/<int:note_id>/mentions/", mentions.mention_add, name="mention_add"),
    path(
        "clients/<int:client_id>/notes/<int:note_id>/mentions/<int:mention_id>/remove/",
        mentions.mention_remove,
        name="mention_remove",
    ),
    path("clients/<int:client_id>/notes/<int:note_id>/settle/", draft_conflicts.note_settle, name="note_settle"),
    path("clients/<int:client_id>/notes/<int:note_id>/discard/", writing.note_discard, name="note_discard"),
    path("clients/<int:client_id>/notes/<int:note_id>/take-up/", worklist.note_take_up, name="note_take_up"),
    path("clients/<int:client_id>/notes/<int:note_id>/sign/", signing.note_sign, name="note_sign"),
    path("clients/<int:client_id>/notes/<int:note_id>/cosign/", signing.note_cosign, name="note_cosign"),
    path("clients/<int:client_id>/notes/<int:note_id>/addenda/", signing.note_addendum, name="note_addendum"),
    path("clients/<int:client_id>/notes/<int:note_id>/verify/", verifying.note_verify, name="note_verify"),
    path("clients/<int:client_id>/notes/<int:note_id>/print/", printing.note_print, name="note_print"),
    path("clients/<int:client_id>/notes/<int:note_id>/pdf/", printing.note_pdf, name="note_pdf"),
    path(SEPARATE, sud_counseling_notes.separate_notes, name="separate_notes"),
    path(f"{SEPARATE}begin/", sud_counseling_notes.separate_begin, name="separate_begin"),
    path(f"{SEPARATE}<int:separate_id>/", sud_counseling_notes.separate_note, name="separate_note"),
    path(f"{SEPARATE}<int:separate_id>/sign/", sud_counseling_notes.separate_sign, name="separate_sign"),
    path(f"{SEPARATE}<int:separate_id>/disclose/", sud_counseling_notes.separate_disclose, name="separate_disclose"),
    path(
        f"{SEPARATE}<int:separate_id>/disclose/<int:sent_id>/",
        sud_counseling_notes.separate_sheet,
        name="separate_sheet",
    ),
    path("clients/<int:client_id>/notes/<int:note_id>/objective/", thread.note_file, name="note_file"),
    path("clients/<int:client_id>/notes/<int:note_id>/homework/", homework.note_homework, name="note_homework"),
    path("clients/<int:client_id>/homework/", homework.homework, name="homework"),
    path("clients/<int:client_id>/homework/give/", homework.homework_give, name="homework_give"),
    path(
        "clients/<int:client_id>/homework/<int:homework_id>/review/", homework.homework_review, name="homework_review"
    ),
    path("clients/<int:client_id>/carry-over/", board.carry_over_latest, name="carry_over_latest"),
    path("clients/<int:client_id>/carry-over/comparison/", board.comparison, name="comparison"),
    path("clients/<int:client_id>/carry-over/growth/", board.growth, name="growth"),
    path("clients/<int:client_id>/carry-over/<int:episode_id>/", board.board, name="carry_over"),
    path("clients/<int:client_id>/carry-over/<int:episode_id>/decide/", board.decide, name="carry_over_decide"),
    path("clients/<int:client_id>/plan/", plans.plan, name="plan"),
    path("clients/<int:client_id>/plan/print/", printing.plan_print, name="plan_print"),
    path("clients/<int:client_id>/plan/pdf/", printing.plan_pdf, name="plan_pdf"),
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
    path("clients/<int:client_id>/plan/discharge/", printing.discharge_plan, name="discharge_plan"),
    path("clients/<int:client_id>/plan/discharge/pdf/", printing.discharge_plan_pdf, name="discharge_plan_pdf"),
    path("clients/<int:client_id>/plan/safety/", printing.safety_plan, name="safety_plan"),
    path("clients/<int:client_id>/plan/safety/pdf/", printing.safety_plan_pdf, name="safety_plan_pdf"),
    path("clients/<int:client_id>/plan/thread/", thread.thread, name="thread"),
    path("clients/<int:client_id>/plan/versions/", plan_versions.plan_versions, name="plan_versions"),
    path("clients/<int:client_id>/plan/versions/new/", plan_versions.plan_new_version, name="plan_new_version"),
    path("clients/<int:client_id>/plan/review/", plan_versions.plan_review, name="plan_review"),
    path("clients/<int:client_id>/plan/sign/", plan_versions.plan_sign, name="plan_sign"),
    path("clients/<int:client_id>/plan/safety/write/", written_plans.safety_plan_write, name="safety_plan_write"),
    path(
        "clients/<int:client_id>/plan/discharge/write/", written_plans.discharge_plan_write, name="discharge_plan_write"
    ),
    path("clients/<int:client_id>/notes/measures/", measures.measure_list, name="measures"),
    path("clients/<int:client_id>/notes/measures/taken/<int:measure_id>/", measures.measure_one, name="measure"),
    path(
        "clients/<int:client_id>/notes/measures/taken/<int:measure_id>/withdraw/",
        measures.measure_withdraw,
        name="measure_withdraw",
    ),
    path(
        "clients/<int:client_id>/notes/measures/taken/<int:measure_id>/use/",
        measures.use_explain,
        name="use_explain",
    ),
    path("clients/<int:client_id>/notes/measures/hand-over/", hand_over.hand_over, name="hand_over"),
    path(
        "clients/<int:client_id>/notes/measures/hand-over/<int:handover_id>/end/",
        hand_over.hand_over_end,
        name="hand_over_end",
    ),
    path("clients/<int:client_id>/notes/measures/<slug:instrument>/", measures.measure_new, name="measure_new"),
    path(
        "clients/<int:client_id>/notes/measures/<slug:instrument>/course/",
        measures.measure_trend,
        name="measure_trend",
    ),
    path("tablet/", questions.tablet, name="tablet"),
    path("tablet/<int:number>/", questions.question, name="tablet_question"),
    path("tablet/look-over/", questions.look_over, name="tablet_look_over"),
    path("tablet/done/", questions.done, name="tablet_done"),
    path("tablet/still-there/", questions.still_there, name="tablet_still_there"),
    path("tablet/staff/", questions.staff, name="tablet_staff"),
]
