from django.urls import path

from . import profile_views

app_name = "profiles"
urlpatterns = [
    path("", profile_views.customers, name="list"),
    path("exportar/", profile_views.export, name="export"),
    path("novo/", profile_views.new, name="new"),
    path("<int:pk>/", profile_views.show, name="show"),
    path("<int:pk>/editar/", profile_views.edit, name="edit"),
    path("<int:pk>/liberar/", profile_views.forgive, name="forgive"),
]
