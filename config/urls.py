"""Every URL of the site: one include per app."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from config.health import health, jobs
from staff.administration import ClinicAdmin

admin.autodiscover()
# Only what is made for the administration shows there: libraries' own tables obey no table of roles.
for model, page in list(admin.site._registry.items()):
    if not isinstance(page, ClinicAdmin):
        admin.site.unregister(model)
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # the stock login skips the second factor

urlpatterns = [
    path("", include("desk.urls")),
    path("", include("cases.urls")),
    path("", include("counseling.urls")),
    path("", include("groups.urls")),
    path("", include("referrals.urls")),
    path("", include("appointments.urls")),
    path("", include("reminders.urls")),
    path("", include("privacy.urls")),
    path("", include("staff.urls")),
    path("health/", health, name="health"),
    path("health/jobs/", jobs, name="health_jobs"),
    path("account/", include("staff.account_urls")),
    path("admin/", admin.site.urls),
]
