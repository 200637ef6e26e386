"""Measures and instruments."""

from django.urls import path

from counseling.views.measures import instruments, measures

urlpatterns = [
    path("instruments/", instruments.instrument_list, name="instruments"),
    path("instruments/due/", instruments.measure_rules, name="measure_rules"),
    path("instruments/due/<slug:group>/", instruments.measure_rules_change, name="measure_rules_change"),
    path("instruments/<slug:instrument>/", instruments.instrument_page, name="instrument"),
    path("instruments/<slug:instrument>/install/", instruments.instrument_install, name="instrument_install"),
    path("instruments/<slug:instrument>/file/", instruments.instrument_file, name="instrument_file"),
    path("instruments/<slug:instrument>/use/", instruments.instrument_use, name="instrument_use"),
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
    path("clients/<int:client_id>/notes/measures/<slug:instrument>/", measures.measure_new, name="measure_new"),
    path(
        "clients/<int:client_id>/notes/measures/<slug:instrument>/course/",
        measures.measure_trend,
        name="measure_trend",
    ),
]
