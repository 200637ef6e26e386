"""Every address of the site: one include per floor of the house."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from config.health import health

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # the stock login skips the second factor

urlpatterns = [
    path("", include("desk.urls")),
    path("", include("cases.urls")),
    path("", include("counseling.urls")),
    path("", include("groups.urls")),
    path("", include("referrals.urls")),
    path("", include("reminders.urls")),
    path("", include("privacy.urls")),
    path("", include("staff.urls")),
    path("health/", health, name="health"),
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
