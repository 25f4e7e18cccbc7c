from django.urls import path

from . import views

app_name = "profiles"
urlpatterns = [
    path("", views.customers, name="list"),
    path("exportar/", views.export, name="export"),
    path("novo/", views.new, name="new"),
    path("<int:pk>/", views.show, name="show"),
    path("<int:pk>/editar/", views.edit, name="edit"),
    path("<int:pk>/liberar/", views.forgive, name="forgive"),
]
