"""The operator's addresses. Every view here is an `@operator_view`; a guard test walks them."""

from django.urls import path

from . import instance_views, server_views

app_name = "console"
urlpatterns = [
    path("servidores/", server_views.servers, name="servers"),
    path("instancias/", instance_views.instances, name="instances"),
]
