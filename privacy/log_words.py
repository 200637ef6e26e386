"""What an entry of the access logs says in words: “opened the chart”, “signed a note”, “tried to …: not allowed”.

The one owner of this wording. Each URL name has what is said of a page that was looked at, and of what was sent to it;
both begin with a verb of PAST. tests/house/test_log_words.py fails for a URL without words.
"""

from __future__ import annotations

from django.apps import apps

LOOKING = frozenset({"GET", "HEAD", "OPTIONS"})
NOT_DONE = 409  # the middleware keeps it for a redirect that brought a refusal instead of the act

PAST = {
    "add": "added", "admit": "admitted", "agree": "agreed", "answer": "answered", "approve": "approved",
    "correct": "corrected", "join": "joined",
    "ask": "asked", "assign": "assigned", "begin": "began", "book": "booked", "cancel": "canceled",
    "change": "changed", "check": "checked", "choose": "chose", "close": "closed", "combine": "combined",
    "compare": "compared", "complete": "completed", "confirm": "confirmed", "cosign": "cosigned", "decide": "decided",
    "decline": "declined", "discard": "discarded", "discharge": "discharged", "download": "downloaded",
    "edit": "edited", "end": "ended", "enter": "entered", "explain": "explained", "export": "exported",
    "file": "filed", "find": "found", "finish": "finished", "get": "got", "give": "gave", "hand": "handed",
    "import": "imported", "install": "installed", "invite": "invited", "lift": "lifted", "link": "linked",
    "look": "looked", "make": "made", "mark": "marked", "merge": "merged", "move": "moved", "offer": "offered",
    "open": "opened", "pair": "paired", "plan": "planned", "prepare": "prepared", "print": "printed", "put": "put",
    "rate": "rated", "read": "read", "record": "recorded", "remove": "removed", "renew": "renewed",
    "reopen": "reopened", "reply": "replied", "retire": "retired", "review": "reviewed", "revoke": "revoked",
    "save": "saved", "search": "searched", "send": "sent", "separate": "separated", "set": "set", "settle": "settled",
    "sign": "signed", "start": "started", "stop": "stopped", "switch": "switched", "take": "took", "try": "tried",
    "undo": "undid", "unlink": "unlinked", "use": "used", "withdraw": "withdrew", "write": "wrote",
}  # fmt: skip

# URL name: what is said of looking, and of sending something; "" where the address has no such page.
PHRASES: dict[str, tuple[str, str]] = {
    "desk:today": ("look at Today", ""),
    "desk:chart": ("open the chart", ""),
    "desk:timeline": ("look at the timeline", ""),
    "desk:access_reports": ("look at the access reports", "make an access report for the client"),
    "desk:access_report": ("read an access report", ""),
    "desk:access_report_pdf": ("download an access report as PDF", ""),
    # people
    "cases:clients": ("look at the list of clients", "search for a client"),
    "cases:client_suggest": ("", "search for a client while typing"),
    "cases:client_new": ("open the form for a new client", "add a client"),
    "cases:client_which": ("open the question which of several people is meant", ""),
    "cases:client_edit": ("look at contact information and care team", "change the client information"),
    "cases:contact_add": ("", "add a way to reach the client"),
    "cases:contact_end": ("", "end a way to reach the client"),
    "cases:contact_prefer": ("", "change the preferred way to reach the client"),
    "cases:care_team_assign": ("", "add someone to the care team"),
    "cases:care_team_end": ("", "remove someone from the care team"),
    # calls
    "cases:inquiries": ("look at the inquiries", ""),
    "cases:take_inquiry": ("open the form for a call", "take a call"),
    "cases:inquiry_autosave": ("", "save a call in progress"),
    "cases:inquiry_matches": ("", "search for who a caller may be"),
    "cases:inquiries_ended": ("look at ended inquiries", "search ended inquiries"),
    "cases:places": ("look at openings by program", ""),
    "cases:inquiry": ("open an inquiry", "change an inquiry"),
    "cases:inquiry_edit": ("open an inquiry to edit it", "edit an inquiry"),
    "cases:inquiry_balance": ("look at a caller’s pros and cons", ""),
    "cases:inquiry_move": ("", "move an inquiry to another stage"),
    "cases:inquiry_offer": ("open the form to offer an opening", "offer an opening"),
    "cases:inquiry_withdraw": ("", "withdraw an offered opening"),
    "cases:inquiry_interim": ("", "record interim services"),
    "cases:inquiry_link": ("", "link an inquiry to a client"),
    "cases:inquiry_unlink": ("", "unlink an inquiry from a client"),
    "cases:inquiry_evaluation": ("look at a medical evaluation of a caller", ""),
    # care
    "cases:admit": ("open the admission form", "admit the client"),
    "cases:episodes": ("look at episodes and levels of care", ""),
    "cases:change_level": ("", "change the level of care"),
    "cases:discharge": ("", "discharge the client"),
    "cases:expect_leaving": ("", "set the expected discharge date"),
    "cases:review_stay": ("look at the continued stay reviews", "review the stay"),
    "cases:undo_discharge": ("", "undo a discharge"),
    "cases:merge": ("look for duplicate records", "compare or merge duplicate records"),
    "cases:unmerge": ("", "undo a merge"),
    "cases:assessment_new": ("open the form for an assessment", "record an assessment"),
    "cases:assessment_preview": ("", "look at a suggested level of care"),
    "cases:assessment": ("read an assessment", ""),
    "cases:assessment_edit": ("open an assessment to edit it", "edit an assessment"),
    "cases:assessment_safety": ("", "open the page to evaluate safety"),
    "cases:assessment_set_aside": ("", "explain why a measure doesn’t apply"),
    "cases:assessment_decide": ("", "decide the level of care"),
    "cases:assessment_keep": ("", "decide to keep the level of care"),
    "cases:medical_evaluation": ("look at a medical evaluation", ""),
    "cases:safety": ("look at safety concerns", "record a safety evaluation"),
    # recovery
    "cases:relapses": ("look at returns to use", ""),
    "cases:relapse_new": ("open the form for a return to use", "record a return to use"),
    "cases:relapse": ("read about a return to use", "edit a return to use"),
    "cases:naloxone": ("look at naloxone kits", "record a naloxone kit"),
    "cases:naloxone_void": ("", "mark a naloxone kit as entered in error"),
    "cases:relapse_warn": ("", "record a warning about lost tolerance"),
    "cases:relapse_close": ("", "record the last day of use"),
    "cases:relapse_void": ("", "mark a return to use as entered in error"),
    "cases:relapse_unvoid": ("", "undo that a return to use was entered in error"),
    "cases:tolerance_warn": ("", "record a warning about lost tolerance"),
    "cases:state_sobriety_date": ("", "record a sobriety date"),
    "cases:told_settle": ("", "settle something the client mentioned"),
    "cases:learned_add": ("", "add a trigger, warning sign, or strategy"),
    "cases:learned_turn": ("", "mark a trigger, warning sign, or strategy as current or not"),
    "cases:learned": ("look at a trigger, warning sign, or strategy", ""),
    "cases:learned_join": ("", "combine two wordings of one thing"),
    "cases:learned_separate": ("", "separate two wordings"),
    "cases:trigger_rate": ("", "rate a trigger"),
    "cases:patterns": ("look at recovery patterns", ""),
    "cases:pattern_sheet": ("print the recovery patterns", ""),
    "cases:data_set": ("look at the state data set", "record the state data set"),
    "cases:state_report": ("look at the state report", "download the state report"),
    # notes
    "counseling:worklist": ("look at notes to write and sign", ""),
    "counseling:formats": ("look at note formats", ""),
    "counseling:format_new": ("open the form for a note format", "make a note format"),
    "counseling:format": ("look at a note format", ""),
    "counseling:format_change": ("open a note format to change it", "change a note format"),
    "counseling:format_retire": ("", "retire or restore a note format"),
    "counseling:thread_rules": ("look at which sessions need an objective", "change which sessions need an objective"),
    "counseling:notes": ("look at the notes", ""),
    "counseling:note_new": ("open the form to start a note", "start a note"),
    "counseling:note_edit": ("open a note", "save a draft note"),
    "counseling:earlier": ("look at earlier notes", ""),
    "counseling:mention_add": ("", "link a sentence of a note"),
    "counseling:mention_remove": ("", "unlink a sentence of a note"),
    "counseling:note_settle": ("", "settle two versions of a draft note"),
    "counseling:note_discard": ("", "discard a draft note"),
    "counseling:note_take_up": ("", "take up a discarded draft note"),
    "counseling:sign_together": ("read notes to sign", "sign several notes"),
    "counseling:cosign_together": ("read notes to cosign", "cosign several notes"),
    "counseling:signatures": ("look at the checks of signed notes", ""),
    "counseling:note_sign": ("read a note before signing", "sign a note"),
    "counseling:note_cosign": ("read a note before cosigning", "cosign a note"),
    "counseling:note_addendum": ("", "add an addendum to a note"),
    "counseling:note_verify": ("check a note’s signatures", ""),
    "counseling:note_file": ("open a note to link it to an objective", "link a note to an objective"),
    "counseling:note_print": ("print a note", ""),
    "counseling:note_pdf": ("download a note as PDF", ""),
    "counseling:separate_notes": ("look at own SUD counseling notes", ""),
    "counseling:separate_begin": ("", "begin a SUD counseling note"),
    "counseling:separate_note": ("read a SUD counseling note", "save a SUD counseling note"),
    "counseling:separate_sign": ("read a SUD counseling note before signing", "sign a SUD counseling note"),
    "counseling:separate_disclose": (
        "open the form to disclose a SUD counseling note", "record the disclosure of a SUD counseling note",
    ),
    "counseling:separate_sheet": ("print a SUD counseling note", ""),
    # measures
    "counseling:hand_over": ("prepare the tablet for the client", "hand the tablet to the client"),
    "counseling:hand_over_end": ("", "end the tablet session"),
    "counseling:tablet": ("open the tablet’s first page", ""),
    "counseling:tablet_question": ("look at a question on the tablet", "answer a question on the tablet"),
    "counseling:tablet_look_over": ("look over the answers on the tablet", ""),
    "counseling:tablet_done": ("", "hand in the answers on the tablet"),
    "counseling:tablet_still_there": ("open the tablet’s question about more time", "ask for more time on the tablet"),
    "counseling:tablet_staff": ("", "take back the tablet"),
    "counseling:instruments": ("look at the instruments", ""),
    "counseling:measure_rules": ("look at when measures are due", ""),
    "counseling:measure_rules_change": ("open the form for when measures are due", "change when measures are due"),
    "counseling:instrument": ("look at an instrument", ""),
    "counseling:instrument_install": ("open the text of an instrument", "install the text of an instrument"),
    "counseling:instrument_file": ("download the text of an instrument", ""),
    "counseling:instrument_use": ("", "retire or restore the text of an instrument"),
    "counseling:measures": ("look at the measures", ""),
    "counseling:measure": ("read a measure", ""),
    "counseling:measure_withdraw": ("", "mark a measure as entered in error"),
    "counseling:use_explain": ("", "explain why reported use isn’t a return to use"),
    "counseling:measure_new": ("open a measure to enter answers", "enter a measure"),
    "counseling:measure_trend": ("look at a measure over time", ""),
    # plans
    "counseling:note_homework": ("", "give or review homework"),
    "counseling:homework": ("look at homework", ""),
    "counseling:homework_give": ("", "give homework"),
    "counseling:homework_review": ("", "review homework"),
    "counseling:plan": ("look at the plan", ""),
    "counseling:goal_add": ("", "add a goal to the plan"),
    "counseling:objective_add": ("", "add an objective to the plan"),
    "counseling:goal_close": ("", "close a goal"),
    "counseling:objective_close": ("", "close an objective"),
    "counseling:objective_change": ("open an objective to change it", "change an objective"),
    "counseling:plan_versions": ("look at versions of the plan", ""),
    "counseling:plan_new_version": ("open the form for a new version of the plan", "start a new version of the plan"),
    "counseling:plan_review": ("open the plan to review it", "review the plan"),
    "counseling:plan_sign": ("read the plan before signing", "sign the plan"),
    "counseling:plan_print": ("print the plan", ""),
    "counseling:plan_pdf": ("download the plan as PDF", ""),
    "counseling:safety_plan_write": ("open the safety plan to write it", "write the safety plan"),
    "counseling:safety_plan": ("read the safety plan", ""),
    "counseling:safety_plan_pdf": ("download the safety plan as PDF", ""),
    "counseling:discharge_plan_write": ("open the discharge plan to write it", "write the discharge plan"),
    "counseling:discharge_plan": ("read the discharge plan", ""),
    "counseling:discharge_plan_pdf": ("download the discharge plan as PDF", ""),
    "counseling:thread": ("look at how needs, goals, and notes connect", ""),
    "counseling:carry_over_latest": ("open the carry-over", ""),
    "counseling:carry_over": ("look at the carry-over", ""),
    "counseling:carry_over_decide": ("", "decide on a carry-over item"),
    "counseling:comparison": ("compare returns to use", ""),
    "counseling:growth": ("look at learning over time", ""),
    # groups
    "groups:groups": ("look at the groups", ""),
    "groups:start": ("open the form for a group", "start a group"),
    "groups:group": ("open a group", ""),
    "groups:edit": ("open a group to change it", "change a group"),
    "groups:sessions_export": ("download a group’s sessions", ""),
    "groups:join": ("", "add a client to a group"),
    "groups:member": ("look at a member of a group", ""),
    "groups:leave": ("", "end a client’s time in a group"),
    "groups:mentor_step": ("", "change a peer mentor’s standing"),
    "groups:pair": ("", "pair a member with a mentor"),
    "groups:unpair": ("", "end a pairing with a mentor"),
    "groups:sessions": ("look at a group’s sessions", ""),
    "groups:plan": ("", "plan a group session"),
    "groups:generate": ("", "plan a group’s weekly sessions"),
    "groups:roll_call": ("open roll call", "record attendance"),
    "groups:session_leaders": ("look at who led a group session", "set who led a group session"),
    "groups:cancel": ("", "cancel a group session"),
    "groups:notes": ("read the notes of a group session", ""),
    "groups:sign_notes": ("read group notes before signing", "sign group notes"),
    "groups:cosign_notes": ("read group notes before cosigning", "cosign group notes"),
    "groups:verify_notes": ("check the signatures of group notes", ""),
    "groups:group_note": ("", "save a group note"),
    "groups:member_note": ("", "save a note about a group member"),
    "groups:addendum": ("", "add an addendum to a group note"),
    "groups:client_groups": ("look at the client’s groups", ""),
    "groups:client_join": ("", "add the client to a group"),
    "groups:keep_apart": ("", "record whom to keep apart"),
    "groups:lift_keep_apart": ("", "lift that two people are kept apart"),
    # mutual help
    "referrals:finder": ("find mutual-help meetings", ""),
    "referrals:meeting": ("look at a meeting", ""),
    "referrals:handout_choose": ("choose meetings for a handout", ""),
    "referrals:handout": ("look at a handout of meetings", ""),
    "referrals:handout_pdf": ("download a handout of meetings", ""),
    "referrals:handout_calendar": ("download calendar entries of meetings", ""),
    "referrals:meeting_same": ("look for the same meeting in another list", "join two listings of a meeting"),
    "referrals:meeting_take_apart": ("", "take two listings of a meeting apart"),
    "referrals:own_meetings": ("look at the clinic’s own meetings", ""),
    "referrals:own_new": ("open the form for a meeting of the clinic’s own", "add a meeting of the clinic’s own"),
    "referrals:meeting_correct": ("open a listed meeting to correct it", "correct a listed meeting"),
    "referrals:own_edit": ("open a meeting of the clinic’s own to change it", "change a meeting of the clinic’s own"),
    "referrals:own_listed": ("", "set whether a meeting of the clinic’s own is listed"),
    "referrals:feeds": ("look at meeting feeds", ""),
    "referrals:feed_new": ("open the form for a meeting feed", "add a meeting feed"),
    "referrals:feed": ("look at a meeting feed", ""),
    "referrals:feed_edit": ("open a meeting feed to change it", "change a meeting feed"),
    "referrals:feed_import": ("", "import a meeting feed"),
    "referrals:run_decide": ("", "decide about a meeting list that has shrunk"),
    "referrals:run": ("look at an import of meetings", ""),
    "referrals:referrals": ("look at the referrals", ""),
    "referrals:guide_words": ("look at the words of the referral guide", ""),
    "referrals:guide_text": ("open a text of the referral guide to change it", "change a text of the referral guide"),
    "referrals:guide": ("open the referral guide", ""),
    "referrals:guide_stage": ("look at a step of the referral guide", "record a step of the referral guide"),
    "referrals:guide_finish": ("", "finish the referral guide"),
    "referrals:sponsor": ("", "record that the client has a sponsor"),
    "referrals:home_group": ("", "record that the client has a home group"),
    "referrals:tie_end": ("", "record the end of a sponsor or home group"),
    "referrals:client_finder": ("find meetings for the client", ""),
    "referrals:client_meeting": ("look at a meeting for the client", "offer a meeting"),
    "referrals:client_referrals": ("look at the client’s referrals", ""),
    "referrals:offer": ("", "offer mutual help"),
    "referrals:involvement": ("", "record involvement in mutual help"),
    "referrals:referral": ("look at a referral", ""),
    "referrals:step": ("", "record a step of a referral"),
    "referrals:own_goal": ("", "record a client’s own goal"),
    "referrals:own_goal_away": ("", "put a client’s own goal away"),
    "referrals:own_page": ("open a private page", "answer on a private page"),
    # places
    "referrals:services": ("look at the referrals to places", ""),
    "referrals:places": ("look at the directory of places", ""),
    "referrals:place": ("look at a place in the directory", ""),
    "referrals:place_new": ("open the form for a place", "add a place to the directory"),
    "referrals:place_edit": ("open a place to change it", "change a place in the directory"),
    "referrals:place_use": ("", "set whether a place is in use"),
    "referrals:client_services": ("look at the client’s referrals to places", ""),
    "referrals:service_refer": ("open the form for a referral to a place", "make a referral to a place"),
    "referrals:service": ("look at a referral to a place", ""),
    "referrals:service_move": ("", "record a step of a referral to a place"),
    # appointments
    "appointments:calendar": ("look at the calendar", ""),
    "appointments:book_whom": ("choose whom to book for", "search for whom to book"),
    "appointments:clinic_day": ("look at the clinic’s day", ""),
    "appointments:feed_settings": ("look at the calendar feed", ""),
    "appointments:renew_feed": ("", "renew the calendar feed"),
    "appointments:end_feed": ("", "end the calendar feed"),
    "appointments:feed": ("read the calendar feed", ""),
    "appointments:hours": ("look at working hours", "change working hours"),
    "appointments:take_time_off": ("", "add time off"),
    "appointments:remove_time_off": ("", "remove time off"),
    "appointments:holidays": ("look at holidays and rooms", "change holidays and rooms"),
    "appointments:remove_holiday": ("", "remove a holiday"),
    "appointments:room": ("look at a room", "change a room"),
    "appointments:front_desk": ("look at the front desk", ""),
    "appointments:client_appointments": ("look at the appointments", ""),
    "appointments:book": ("open the booking form", "book an appointment"),
    "appointments:inquiry_book": ("open the booking form for a caller", "book an appointment for a caller"),
    "appointments:appointment": ("look at an appointment", ""),
    "appointments:inquiry_appointment": ("look at a caller’s appointment", ""),
    "appointments:move": ("open the form to move an appointment", "move an appointment"),
    "appointments:inquiry_move": ("open the form to move a caller’s appointment", "move a caller’s appointment"),
    "appointments:step": ("", "record what became of an appointment"),
    "appointments:inquiry_step": ("", "record what became of a caller’s appointment"),
    "appointments:cancel": ("", "cancel an appointment"),
    "appointments:inquiry_cancel": ("", "cancel a caller’s appointment"),
    "appointments:reopen": ("", "reopen an appointment"),
    "appointments:inquiry_reopen": ("", "reopen a caller’s appointment"),
    "appointments:cancel_series": ("", "cancel a series of appointments"),
    "appointments:follow_ups": ("look at follow-up calls", ""),
    "appointments:follow_up": ("look at follow-up after discharge", "record a follow-up call"),
    "appointments:follow_up_pace": ("", "change how often to call"),
    "appointments:follow_up_call": ("read about a follow-up call", ""),
    "appointments:no_show": ("look at the steps after a no-show", "record a step after a no-show"),
    "appointments:inquiry_no_show": (
        "look at the steps after a caller’s no-show", "record a step after a caller’s no-show",
    ),
    # messages
    "reminders:reminders": ("look at the reminders", ""),
    "reminders:operations": ("look at how sending goes", ""),
    "reminders:upcoming": ("look at messages to come", ""),
    "reminders:kinds": ("look at the kinds of messages", ""),
    "reminders:kind": ("look at a kind of message", ""),
    "reminders:kind_switch": ("", "switch a kind of message on or off"),
    "reminders:kind_times": ("", "change when a message is sent"),
    "reminders:kind_wording": ("", "change the wording of a message"),
    "reminders:life_to_staff": ("look at a reminder to a colleague", ""),
    "reminders:tasks": ("look at tasks", ""),
    "reminders:task_done": ("", "mark a task as done"),
    "reminders:task_take": ("", "take over a task"),
    "reminders:task_hand_over": ("", "hand a task to a colleague"),
    "reminders:cancel_to_staff": ("", "cancel a reminder to a colleague"),
    "reminders:retry_to_staff": ("", "try a reminder to a colleague again"),
    "reminders:crisis_reply_of_nobody": ("read a message about danger from an unknown number", ""),
    "reminders:client_reminders": ("look at the client’s messages", ""),
    "reminders:client_upcoming": ("look at the client’s messages to come", ""),
    "reminders:choose_kind": ("", "record which messages the client wants"),
    "reminders:life": ("look at a message to the client", ""),
    "reminders:cancel": ("", "cancel a message to the client"),
    "reminders:retry": ("", "try a message to the client again"),
    "reminders:crisis_reply": ("read a message about danger", ""),
    "reminders:way_up": ("", "change which way to reach the client is tried first"),
    "reminders:lift_fact": ("", "lift a note about a number"),
    "reminders:opted_out": ("", "stop messages to a number or address"),
    "reminders:opted_in": ("", "start messages to a number or address"),
    "reminders:inbox": ("look at the inbox", ""),
    "reminders:inbox_all_read": ("", "mark the inbox as read"),
    "reminders:inbox_email": ("", "change emails about the inbox"),
    "reminders:inbox_open": ("", "open a message of the inbox"),
    "reminders:inbox_mark": ("", "mark a message of the inbox"),
    "reminders:message_incoming": ("", "send in a text message"),
    "reminders:message_status": ("", "send in the status of a message"),
    "reminders:mailbox": ("look at the demo’s mailbox", ""),
    "reminders:letter": ("read a message in the demo’s mailbox", ""),
    "reminders:reply": ("", "reply in the demo’s mailbox"),
    # privacy
    "privacy:client_consents": ("look at the consents", ""),
    "privacy:consent_new": ("open the form for a consent", "record a consent"),
    "privacy:consent": ("read a consent", ""),
    "privacy:consent_edit": ("open a draft consent", "edit a consent"),
    "privacy:consent_revoke": ("", "revoke a consent"),
    "privacy:disclosures": ("look at the disclosures", ""),
    "privacy:disclosure_new": ("open the form for a disclosure", "record a disclosure"),
    "privacy:client_asked": ("open the form for an information request", "answer an information request"),
    "privacy:asked": ("look at information requests", "record an information request"),
    "privacy:asked_letter": ("print the answer to an information request", ""),
    "privacy:access_log": ("look at the access log", "search the access log"),
    "privacy:access_entries": ("look at entries of the access log", ""),
    "privacy:chart_openings": ("look at who opened the chart", ""),
    "privacy:unusual": ("look at unusual access", ""),
    "privacy:unusual_one": ("look at an unusual access", "review an unusual access"),
    "privacy:list_log": ("look at the log of lists and searches", ""),
    "privacy:recipients": ("look at known recipients", "add a known recipient"),
    "privacy:recipient_end": ("", "remove a known recipient"),
    "privacy:audit_checks": ("look at the log checks", ""),
    "cases:restrictions": ("look at the client’s restrictions", "record a restriction"),
    "cases:restriction_lift": ("open the form to lift a restriction", "lift a restriction"),
    "cases:covering": ("look at who covers for whom", "set who covers for a colleague"),
    "cases:cover_end": ("", "end covering for a colleague"),
    "counseling:separate_share": ("", "decide whether the client gets a SUD counseling note"),
    "privacy:accounting": ("read the accounting of disclosures", ""),
    "privacy:accounting_give": ("", "give an accounting of disclosures"),
    "privacy:record_copy": ("open the page for a copy of the record", ""),
    "privacy:record_copy_give": ("", "make a copy of the record"),
    "privacy:medical_emergency": (
        "open the form for a medical emergency",
        "record a disclosure in a medical emergency",
    ),
    "privacy:disclosure_review": (
        "read a disclosure in a medical emergency",
        "review a disclosure in a medical emergency",
    ),
    "privacy:legal_holds": ("look at legal holds", "put the record on legal hold"),
    "privacy:legal_hold_lift": ("", "lift a legal hold"),
    "privacy:retention": ("look at records past retention", ""),
    "privacy:requests": ("look at the request queue", "search the request queue"),
    "privacy:request": ("read a request", ""),
    "privacy:request_take": ("", "take a request"),
    "privacy:request_client": ("", "record whose record a request is about"),
    "privacy:request_extend": ("", "give a request more time"),
    "privacy:request_note": ("", "add a note to a request"),
    "privacy:request_close": ("", "close a request"),
    "privacy:agreements": ("look at service organizations", "add a service organization"),
    "privacy:agreement_end": ("open the form to end an agreement", "end an agreement"),
    "privacy:breaches": ("look at the breach register", ""),
    "privacy:breach_report": ("open the form to report a breach", "record a possible breach"),
    "privacy:breach": ("read about a possible breach", "change the record of a breach"),
    "staff:roles": ("look at the roles", ""),
    "staff:leave": ("look at what a colleague’s leaving takes", "ask to end a colleague’s work here"),
    "privacy:acknowledge_findings": ("", "answer what a log check found"),
    "privacy:emergency": ("open the emergency form", "use the emergency form"),
    "privacy:look_ups": ("look at emergency look-ups", "review emergency look-ups"),
    "privacy:emergency_review": ("look at an emergency access", ""),
    "privacy:emergency_reviewed": ("", "review an emergency access"),
    # accounts
    "staff:stay": ("renew the session", ""),
    "staff:sessions": ("look at own sessions", ""),
    "staff:session_end": ("", "end own session"),
    "staff:changes": ("look at changes of accounts", ""),
    "staff:change": ("look at a change of an account", "approve a change of an account"),
    "staff:change_decline": ("", "decline a change of an account"),
    "staff:invite": ("open the form to invite a colleague", "invite a colleague"),
    "staff:ask_role": ("open the form for another role", "ask for another role"),
    "staff:ask_supervision": ("open the form for another supervisor", "ask for another supervisor or credential"),
    "staff:ask_email": ("open the form for another email address", "ask for another email address"),
    "staff:ask_second_step": ("open the form to remove a second step", "ask to remove a second step"),
    "staff:ask_return": ("open the form to turn on an account", "ask to turn on an account"),
    "staff:colleagues_sessions": ("look at who is signed in", ""),
    "staff:colleagues_session_end": ("", "end a colleague’s session"),
    "staff:passkey_challenge": ("", "prepare to sign with a passkey"),
    "staff:styleguide": ("look at the style guide", ""),
    "staff:styleguide_sample": ("look at the style guide", ""),
    "reminders:backups": ("look at the backups", ""),
    "health": ("check that the server is up", ""),
    "health_jobs": ("check that jobs run", ""),
}  # fmt: skip

# Where a page in answer to what was sent means that it was done. Everywhere else it is the form again.
ANSWERING = frozenset(
    {
        "appointments:book_whom", "appointments:renew_feed", "cases:assessment_preview", "cases:client_suggest",
        "cases:inquiry_autosave", "cases:inquiry_matches", "cases:merge", "cases:state_report",
        "counseling:carry_over_decide", "counseling:mention_add", "counseling:mention_remove", "counseling:note_edit",
        "counseling:note_homework", "counseling:separate_note", "counseling:tablet_done", "privacy:access_log",
        "privacy:client_asked", "referrals:own_page", "reminders:message_incoming", "reminders:message_status",
    "staff:passkey_challenge",
    }
)  # fmt: skip


def said(view_name: str, method: str, status: int) -> str:
    """What someone did, or tried to do, as “signed a note” or “tried to sign a note: not allowed”."""
    looked, did = _words(view_name)
    is_sent = method not in LOOKING
    phrase = (did or looked) if is_sent else (looked or did)
    if status == 404:
        return f"tried to {phrase}: not found, or not theirs to see"
    if status == 403:
        return f"tried to {phrase}: not allowed"
    if status == NOT_DONE:
        return f"tried to {phrase}: a rule refused it"
    if status >= 500:
        return f"tried to {phrase}: it failed"
    if status >= 400:
        return f"tried to {phrase}: not accepted"
    if not is_sent and 300 <= status < 400 and status != 304:
        return f"asked to {phrase}: sent to another page"
    if is_sent and status == 200 and view_name not in ANSWERING and not view_name.startswith("admin:"):
        return f"tried to {phrase}: the form came back"
    return past(phrase)


def past(phrase: str) -> str:
    """A phrase as what happened: “sign a note” is “signed a note”."""
    verb, _, rest = phrase.partition(" ")
    return f"{PAST.get(verb, verb)} {rest}".strip()


def _words(view_name: str) -> tuple[str, str]:
    known = PHRASES.get(view_name)
    if known is not None:
        return known
    space, _, page = view_name.partition(":")
    if space == "admin":
        return _of_administration(page)
    # an address that was there once, or of a library: its name is better than nothing
    plain = view_name.replace(":", ": ").replace("_", " ")
    return f"open the page “{plain}”", f"use the page “{plain}”"


def _of_administration(page: str) -> tuple[str, str]:
    """A page of the administration: its name says which table, and whether it is a list."""
    app_label, _, rest = page.partition("_")
    model_name, _, kind = rest.rpartition("_")
    try:
        model = apps.get_model(app_label, model_name)
    except (LookupError, ValueError):
        return "look at the administration", "use the administration"
    one, many = str(model._meta.verbose_name), str(model._meta.verbose_name_plural)
    if kind == "changelist":
        return f"look at the list of {many} in the administration", f"use the list of {many} in the administration"
    if kind == "add":
        return f"open the form for a new {one} in the administration", f"add a new {one} in the administration"
    if kind == "delete":
        return f"open the page to remove a {one} in the administration", f"remove a {one} in the administration"
    return f"look at a {one} in the administration", f"change a {one} in the administration"
