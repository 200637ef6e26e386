"""Which functions answer what an app asks of those above it: by name, since imports run down only (ARCHITECTURE.md).

`base.py` reads this file. The app that asks says in its own module what it calls and what it expects back.
"""

# --- A chart, and what is known of a client

# What every page of a chart asks besides the client (cases/people/chart_page.py).
CHART_PAGE_READS = {"emergency_access": "privacy.emergency.running", "head": "cases.panels.chart_head.read"}

# Who works with a client besides the rows of the care team, for the chart (cases/panels/chart_care.py).
CARE_TEAM_SOURCES = ["groups.chart.facilitators"]

# Sources of dangers to clients (cases/safety/concerns.py).
SAFETY_SOURCES = [
    "cases.safety.safety_sources.from_case_record",
    "counseling.measures.risk.dangers",
    "reminders.crisis.safety_facts",
    "referrals.dangers.told",
    "referrals.other_help.dangers.told",
]

# Sources of reported triggers, warning signs and strategies (recovery/told.py).
TOLD_SOURCES = ["counseling.carry_over.told.of_plans", "counseling.carry_over.told.of_notes"]

# Who knows what a client told of craving between visits, for the page of patterns (cases/patterns/own_reports.py).
OWN_REPORT_SOURCES = ["referrals.told_by_link.told", "appointments.told_in_calls.told"]

# What other apps know about a person from before, laid out in a new episode (cases/carry_over_source.py).
CARRY_OVER_SOURCES = ["referrals.prior_involvement.before", "referrals.other_help.prior.before"]

# What was measured lately and answers a question of a placement assessment (cases/placement/measured.py).
MEASURED_INPUTS = ["counseling.measures.measured_inputs.recent"]

# Who keeps withdrawal scores that may ask for a medical provider (cases/medical/withdrawal_scores.py).
WITHDRAWAL_SCORES = ["counseling.measures.measured_inputs.withdrawal_scores"]

# Other records that a medical provider has seen someone (cases/medical/medical_needs.py).
MEDICAL_CONTACTS = ["counseling.notes.medical_notes.signed"]

# Who knows of a report of use (cases/recovery/use_reports.py), and of an answer that waits for a screener
# (groups/pauses.py), for a whole roster in one query. Dangers are in SAFETY_SOURCES.
USE_REPORT_SOURCES = [
    "cases.recovery.use_reports.in_assessments",
    "cases.recovery.use_reports.in_calls",
    "appointments.said_use.in_follow_up_calls",
    "counseling.measures.mentoring_reports.use_in_measures",
]

MENTOR_PAUSE_SOURCES = ["counseling.measures.mentoring_reports.waits_for_a_screener"]

# Where groups/ checks whether someone is too much at risk to mentor.
MENTOR_SAFETY_SOURCES = ["groups.safety.from_assessments", "counseling.measures.risk.readings"]

# --- Calls, episodes and visits

# What follows a caller who is found to be a client, and one who is not after all (cases/inquiry_rules.py).
INQUIRY_LINKED = ["appointments.callers.found"]

INQUIRY_UNLINKED = ["appointments.callers.lost"]

# What apps above show on the page of a call: `panel(inquiry, staff_member, now)`, a reading of a ChartPanel or None.
INQUIRY_PANELS = ["appointments.caller_panel.panel"]

# What apps beside counseling/ show next to a session note: `panel(client, staff_member, now)`, a reading of a panel.
NOTE_PANELS = ["referrals.chart.beside_note"]

# What cases/ and counseling/ ask before a session or an episode is closed.
CLOSING_HOLDS = ["counseling.measures.risk.closing_holds", "cases.safety.closing_holds"]

# Where a discharge leads to: `function(client, staff_member)`, an address, or "" if nothing follows from it there.
AFTER_DISCHARGE = ["appointments.follow_up_chart.after_discharge"]

# Who else knows when a client was seen, after a discharge or a missed appointment (appointments/visits.py).
VISIT_SOURCES = ["counseling.notes.visits_held.held", "groups.visits.attended"]

# What fills calendars besides appointments (appointments/calendar.py).
CALENDAR_SOURCES = ["groups.calendar.sessions_between"]

# Who knows a room by its name (appointments/schedules.py): `function(*, room, old_name, by)`, after it was added (then
# `old_name` is empty) or renamed.
ROOM_NAMED = ["groups.organizing.follow_room"]

# --- Reminders, the inbox and tasks

# Due dates that call for a message, asked every hour of the apps that own them:
# `function(clinic, since, until)`, what is to be sent in that time (staff/promises.py).
REMINDER_SOURCES = [
    "cases.intake.inquiry_promises.upcoming",
    "privacy.expiry_promises.upcoming",
    "appointments.call_promises.upcoming",
    "appointments.no_show_promises.upcoming",
    "groups.session_promises.upcoming",
    "groups.mentor_promises.upcoming",
    "counseling.plans.plan_promises.upcoming",
    "counseling.measures.measure_promises.upcoming",
    "counseling.signing.cosign_promises.upcoming",
    "reminders.milestones.upcoming",
]

# A kind's cause is asked of the app that holds it, just before sending: `function(reminders)` says which are gone, by
# id, and why.
REMINDER_CAUSES = {
    "client_appointment": "appointments.reminding.gone",
    "client_booked": "appointments.reminding.gone",
    "client_moved": "appointments.reminding.gone",
    "client_canceled": "appointments.reminding.gone",
    "client_missed_appointment": "appointments.reminding.gone",
    "client_group": "groups.session_promises.gone",
    "client_continuing_care": "appointments.call_promises.gone",
    "client_checkup": "appointments.call_promises.gone",
    "client_meeting_followup": "referrals.followups.gone",
    "client_milestone": "reminders.milestones.gone",
    "staff_note_unsigned": "counseling.notes.sign_reminders.gone",
    "staff_cosign": "counseling.signing.cosign_promises.gone",
    "staff_plan_due": "counseling.plans.plan_promises.gone",
    "staff_measure_due": "counseling.measures.measure_promises.gone",
    "staff_consent_expiring": "privacy.expiry_promises.gone",
    "staff_mentor_review": "groups.mentor_promises.gone",
    "staff_inquiry_callback": "cases.intake.inquiry_promises.gone",
    "staff_interim_clock": "cases.intake.inquiry_promises.gone",
    "staff_no_show_step": "appointments.no_show_promises.gone",
    "staff_continuing_care": "appointments.call_promises.gone",
    "staff_followup_call": "referrals.followups.gone",
}

# What a client agreed to for after their care: its messages go on after a discharge. Asked where care has ended:
# `function(reminders)` says which are about such a thing, by id.
REMINDER_AFTER_CARE = {
    "client_appointment": "appointments.after_care.agreed",
    "client_booked": "appointments.after_care.agreed",
    "client_moved": "appointments.after_care.agreed",
    "client_canceled": "appointments.after_care.agreed",
    "client_missed_appointment": "appointments.after_care.agreed",
}

# What would say something that no longer holds until a person has changed it: `function(reminders) -> {id: why}`.
REMINDER_HELD = {
    "client_appointment": "appointments.closed_times.held",
    "client_booked": "appointments.closed_times.held",
    "client_moved": "appointments.closed_times.held",
}

# Who makes the private page that a kind of message leads to, where its channel is a written one (reminders/pages.py):
# `function(reminders) -> {id: reminders.pages.Leads}`.
REMINDER_PAGES = {"client_meeting_followup": "referrals.private_links.leads"}

# Whose the row is that a reminder is about, by the key of its context that names it: `function(ids) -> {id: client id}`
# (reminders/whose.py; for the inbox where a context names no client).
REMINDER_CLIENTS = {
    "appointment_id": "appointments.reminding.clients",
    "ended_episode_id": "appointments.call_promises.clients",
    "note_id": "counseling.notes.sign_reminders.clients",
    "referral_id": "referrals.followups.clients",
}

# Where an item of the inbox leads, by its kind: a page, and the ids of the reminder's context that its address needs;
# “client” for a kind without one.
INBOX_PAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "staff_note_unsigned": ("counseling:note_edit", ("client_id", "note_id")),
    "staff_cosign": ("counseling:note_edit", ("client_id", "note_id")),
    "staff_plan_due": ("counseling:plan", ("client_id",)),
    "staff_measure_due": ("counseling:measures", ("client_id",)),
    "staff_consent_expiring": ("privacy:client_consents", ("client_id",)),
    "staff_mentor_review": ("groups:client_groups", ("client_id",)),
    "staff_inquiry_callback": ("cases:inquiry", ("inquiry_id",)),
    "staff_interim_clock": ("cases:inquiry", ("inquiry_id",)),
    "staff_no_show_step": ("appointments:appointment", ("client_id", "appointment_id")),
    "staff_continuing_care": ("appointments:follow_up", ("client_id",)),
    "staff_followup_call": ("referrals:referral", ("client_id", "referral_id")),
    "client": ("desk:chart", ("client_id",)),
}

# Who knows what the answer to a message is about: `function(clinic, contact_value, answer, at) -> bool`.
REPLY_ANSWERS = ["appointments.answers.receive"]

# Where a task of a person is done: readings `(tasks, staff_member, back)` of links by task (reminders/task_links.py).
TASK_LINKS = ["appointments.asked_times.links"]

# --- A clinic's days

# Who keeps the days on which a clinic is closed: `function(clinic_id)`, a queryset of dates (staff/thresholds.py).
CLOSED_DAYS = "appointments.closed_times.holidays"

# --- Records: copies, holds, logs and checks

# What each app hands out of a client's record for a copy of their own, in the order of the copy (privacy/copies.py):
# `function(client)`, a list of staff.record_part.Part.
RECORD_SOURCES = [
    "cases.record_parts.parts",
    "counseling.printing.record_parts.parts",
    "groups.record_parts.parts",
    "appointments.record_parts.parts",
    "referrals.record_parts.parts",
    "reminders.record_parts.parts",
    "privacy.record_parts.parts",
]

# What is asked before records are merged or a merge is undone (cases/merging): raises a Refusal for one on legal hold.
RECORD_HOLDS = ["privacy.legal_holds.check"]

# Who knows by other means than a relation on whose rows others hang, once a merge is undone
# (cases/merging/made_meanwhile.py): `function(*, here, there)`, ids by relation of rows of the record `here` that hang
# on the other's.
MERGE_FOLLOWERS = ["reminders.whose.followers", "referrals.merged.followers"]

# What two records of one person may not both have, as apps above know (cases/merging/merge_conflicts.py):
# `function(*, keep, absorb, by, now)`, before anything moves; it returns each change, which undoing the merge undoes.
MERGE_CONFLICTS = ["referrals.merged.settle"]

# What parts what still ties rows of two records after a merge is undone: `function(keep, absorb)`.
UNMERGED = ["referrals.merged.untangle"]

# Tables chained by hash, which `verify_audit` walks.
AUDIT_CHAINS = ["staff.AuditEntry", "privacy.ChartAccess", "privacy.ListAccess"]

# What else is checked each night, with its result on the same page and in the same email, by the app that owns it:
# `function(clinic, after) -> audit_checks.Part`.
NIGHTLY_CHECKS = {"groups.GroupSignature": "groups.verifying.nightly"}

# Who notes how a nightly backup went: `function()` (privacy/management/commands/backup.py).
BACKUP_NOTED = {"succeeded": "reminders.backup_runs.succeeded", "failed": "reminders.backup_runs.failed"}

# Commands that a restored backup has to pass (staff/backups/).
CHECKS = ["verify_audit", "verify_notes", "verify_group_notes", "verify_separate_notes"]

# --- Somebody whose work at the clinic ends

# What somebody whose work at the clinic ends still holds, and who hands it over, in this order (staff/leaving.py):
# the caseload first, since it opens to the colleague what comes after.
LEAVING_HANDOVERS = [
    "cases.people.leaving.hand_over",
    "groups.leaving.hand_over",
    "counseling.notes.leaving.hand_over",
    "appointments.leaving.hand_over",
    "reminders.leaving.hand_over",
]

LEAVING_WORK = [
    "cases.people.leaving.still_open",
    "groups.leaving.still_open",
    "counseling.notes.leaving.still_open",
    "appointments.leaving.still_open",
    "reminders.leaving.still_open",
]
