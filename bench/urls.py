"""The site's addresses, and beside them those of the plain pages and the stock admin."""

from django.urls import include, path

from bench import plain
from bench.stock_admin import site
from config.urls import urlpatterns as of_the_site

plain_pages = (
    [
        path("empty/", plain.empty, name="empty"),
        path("today/", plain.today, name="today"),
        path("clients/", plain.clients, name="clients"),
        path("search/", plain.search, name="search"),
        path("worklist/", plain.worklist, name="worklist"),
        path("inquiries/", plain.inquiries, name="inquiries"),
        path("chart/<int:pk>/", plain.chart, name="chart"),
        path("editor/<int:pk>/", plain.editor, name="editor"),
        path("board/<int:pk>/", plain.board, name="board"),
        path("plan/<int:pk>/", plain.plan, name="plan"),
        path("note/<int:pk>/", plain.note, name="note"),
        path("group/<int:pk>/", plain.group, name="group"),
        path("timeline/<int:pk>/", plain.timeline, name="timeline"),
        path("notes/<int:pk>/", plain.notes, name="notes"),
        path("patterns/<int:pk>/", plain.patterns, name="patterns"),
        path("measures/<int:pk>/", plain.measures, name="measures"),
        path("returns/<int:pk>/", plain.returns, name="returns"),
        path("meetings/", plain.meetings, name="meetings"),
    ],
    "bench",
)
urlpatterns = [*of_the_site, path("bench/", include(plain_pages)), path("stock-admin/", site.urls)]
