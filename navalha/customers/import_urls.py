from django.urls import path

from . import import_views

app_name = "imports"
urlpatterns = [
    path("importar/", import_views.upload, name="upload"),
    path("importar/<int:pk>/", import_views.show, name="show"),
    path("importar/<int:pk>/desfazer/", import_views.undo, name="undo"),
]
