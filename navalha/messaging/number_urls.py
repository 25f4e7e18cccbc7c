"""What the addresses of a number say about its messages; mounted below /whatsapp/ beside the numbers' own."""

from django.urls import path

from . import number_views

app_name = "pacing"
urlpatterns = [
    path("<int:pk>/ritmo/", number_views.pace, name="pace"),
    path("<int:pk>/ritmo/linha/", number_views.line, name="line"),
    path("<int:pk>/ritmo/regras/", number_views.set_rules, name="rules"),
    path("<int:pk>/ritmo/retomar/", number_views.resume, name="resume"),
]
