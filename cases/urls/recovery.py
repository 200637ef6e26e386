"""Returns to use, sobriety dates, and what was learned."""

from django.urls import path

from cases.views.recovery import learned, learning, naloxone, relapses

_ITEM = "clients/<int:client_id>/learned/<slug:kind>/<int:item_id>/"

urlpatterns = [
    path("clients/<int:client_id>/relapses/", relapses.relapses, name="relapses"),
    path("clients/<int:client_id>/relapses/new/", relapses.relapse_new, name="relapse_new"),
    path("clients/<int:client_id>/relapses/<int:relapse_id>/", relapses.relapse, name="relapse"),
    path("clients/<int:client_id>/relapses/<int:relapse_id>/warned/", relapses.relapse_warn, name="relapse_warn"),
    path("clients/<int:client_id>/relapses/<int:relapse_id>/close/", relapses.relapse_close, name="relapse_close"),
    path("clients/<int:client_id>/relapses/<int:relapse_id>/void/", relapses.relapse_void, name="relapse_void"),
    path("clients/<int:client_id>/relapses/<int:relapse_id>/unvoid/", relapses.relapse_unvoid, name="relapse_unvoid"),
    path("clients/<int:client_id>/recovery/warned/", relapses.tolerance_warn, name="tolerance_warn"),
    path("clients/<int:client_id>/naloxone/", naloxone.kits, name="naloxone"),
    path("clients/<int:client_id>/naloxone/<int:kit_id>/void/", naloxone.void, name="naloxone_void"),
    path("clients/<int:client_id>/recovery/date/", learning.state_sobriety_date, name="state_sobriety_date"),
    path("clients/<int:client_id>/told/<slug:key>/", learning.told_settle, name="told_settle"),
    path("clients/<int:client_id>/learned/<slug:kind>/", learning.learned_add, name="learned_add"),
    path("clients/<int:client_id>/learned/<slug:kind>/<int:item_id>/turn/", learning.learned_turn, name="learned_turn"),
    path(_ITEM, learned.learned, name="learned"),
    path(f"{_ITEM}join/", learned.learned_join, name="learned_join"),
    path(f"{_ITEM}separate/<int:join_id>/", learned.learned_separate, name="learned_separate"),
    path("clients/<int:client_id>/triggers/<int:item_id>/rate/", learned.trigger_rate, name="trigger_rate"),
]
