from django.urls import path

from . import by_hand, views
from .commands import COMMANDS

app_name = "scheduling"
urlpatterns = [
    path("", views.agenda, name="agenda"),
    path("novo/", by_hand.new, name="new"),
    path("<int:pk>/", views.visit, name="visit"),
    path("<int:pk>/cancelar/", views.cancellation, name="cancel"),
    *(path(f"<int:pk>/{name}/", views.command, {"path": name}, name=name) for name in COMMANDS),
]
