"""URLs of groups/. Every page about a client or a group has its id in the URL, so the access log sees it."""

from django.urls import path

from groups.views import clients, groups, members, notes, rosters, sessions, signing

app_name = "groups"
_group = "groups/<int:group_id>/"
_member = _group + "members/<int:membership_id>/"
_session = _group + "sessions/<int:session_id>/"
_client = "clients/<int:client_id>/groups/"

urlpatterns = [
    path("groups/", groups.groups, name="groups"),
    path("groups/new/", groups.start, name="start"),
    path(_group, groups.group, name="group"),
    path(_group + "edit/", groups.edit, name="edit"),
    path(_group + "sessions.csv", sessions.export, name="sessions_export"),
    path(_group + "join/", rosters.join, name="join"),
    path(_member, members.member, name="member"),
    path(_member + "leave/", rosters.leave, name="leave"),
    path(_member + "mentor/", members.mentor_step, name="mentor_step"),
    path(_member + "pair/", members.pair, name="pair"),
    path(_member + "unpair/", members.unpair, name="unpair"),
    path(_group + "sessions/", sessions.sessions, name="sessions"),
    path(_group + "sessions/plan/", sessions.plan, name="plan"),
    path(_group + "sessions/generate/", sessions.generate, name="generate"),
    path(_session, sessions.roll_call, name="roll_call"),
    path(_session + "facilitators/", sessions.leaders, name="session_leaders"),
    path(_session + "cancel/", sessions.cancel, name="cancel"),
    path(_session + "notes/", notes.notes, name="notes"),
    path(_session + "notes/sign/", signing.sign, name="sign_notes"),
    path(_session + "notes/cosign/", signing.cosign, name="cosign_notes"),
    path(_session + "notes/check/", signing.verify, name="verify_notes"),
    path(_session + "notes/group/", notes.group_note, name="group_note"),
    path(_session + "notes/<int:attendance_id>/", notes.member_note, name="member_note"),
    path(_session + "notes/<int:attendance_id>/addendum/", notes.addendum, name="addendum"),
    path(_client, clients.client_groups, name="client_groups"),
    path(_client + "join/", clients.join, name="client_join"),
    path(_client + "keep-apart/", clients.keep_apart, name="keep_apart"),
    path(_client + "keep-apart/<int:pair_id>/lift/", clients.lift_keep_apart, name="lift_keep_apart"),
]
