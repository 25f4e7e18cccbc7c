"""Every address of the product. Those that a person sees are Portuguese, as in the founding documents.

`/whatsapp/webhook/update/` and `/ao-vivo/` are not here: they are the two plain ASGI doors of `asgi.py`.
"""

from django.contrib import admin
from django.urls import include, path

from navalha.config import landing
from navalha.scheduling.shop.signup import sign_up

urlpatterns = [
    path("", landing.home, name="home"),
    path("inicio/", include("navalha.reports.urls")),
    path("", include("navalha.web.urls")),
    path("", include("navalha.accounts.urls")),
    path("cadastro/", sign_up, name="account_signup"),
    path("whatsapp/", include("navalha.whatsapp.urls")),
    path("whatsapp/", include("navalha.messaging.number_urls")),
    path("ajustes/", include("navalha.customers.urls")),
    path("agenda/", include("navalha.scheduling.agenda.urls")),
    path("fila/", include("navalha.scheduling.queue.urls")),
    path("espera/", include("navalha.scheduling.waitlist.urls")),
    path("clientes/", include("navalha.scheduling.profiles.urls")),
    path("clientes/", include("navalha.customers.merge_urls")),
    path("clientes/", include("navalha.customers.import_urls")),
    path("agendar/", include("navalha.booking.urls")),
    path("conversas/", include("navalha.messaging.urls")),
    path("", include("navalha.console.urls")),
    path("", include("navalha.setup.urls")),
    path("admin/", admin.site.urls),
]
