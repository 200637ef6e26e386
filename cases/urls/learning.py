"""Returns to use, and the triggers, warning signs and coping strategies that were learned from them."""

from django.urls import path

from cases.views import learning, patterns, relapses

urlpatterns = [
    path("clients/<int:client_id>/relapses/", relapses.relapses, name="relapses"),
    path("clients/<int:client_id>/relapses/new/", relapses.relapse_new, name="relapse_new"),
    path("clients/<int:client_id>/relapses/patterns/", patterns.pattern, name="patterns"),
    path("clients/<int:client_id>/relapses/patterns/sheet/", patterns.pattern_sheet, name="pattern_sheet"),
    path("clients/<int:client_id>/relapses/<int:relapse_id>/", relapses.relapse, name="relapse"),
    path("clients/<int:client_id>/relapses/<int:relapse_id>/warned/", relapses.relapse_warn, name="relapse_warn"),
    path("clients/<int:client_id>/relapses/<int:relapse_id>/close/", relapses.relapse_close, name="relapse_close"),
    path("clients/<int:client_id>/recovery/date/", learning.state_sobriety_date, name="state_sobriety_date"),
    path("clients/<int:client_id>/learned/<slug:kind>/", learning.learned_add, name="learned_add"),
    path("clients/<int:client_id>/learned/<slug:kind>/<int:item_id>/turn/", learning.learned_turn, name="learned_turn"),
]
