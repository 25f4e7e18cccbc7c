from django.urls import path
from django.views.i18n import set_language

from . import views

app_name = "web"
urlpatterns = [
    path("idioma/", set_language, name="set_language"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("saude/", views.health, name="health"),
]
