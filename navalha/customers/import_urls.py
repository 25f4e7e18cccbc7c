from django.urls import path

from . import import_views

app_name = "imports"
urlpatterns = [
    path("importar/", import_views.upload, name="upload"),
    path("importar/<int:pk>/", import_views.show, name="show"),
    path("importar/<int:pk>/erros.csv", import_views.errors, name="errors"),
    path("importar/<int:pk>/parar/", import_views.cancel, name="cancel"),
    path("importar/<int:pk>/continuar/", import_views.go_on, name="go_on"),
    path("importar/<int:pk>/desfazer/", import_views.undo, name="undo"),
]
