from django.urls import path

from . import views

app_name = "messaging"
urlpatterns = [
    path("", views.conversations, name="conversations"),
    path("equipe/", views.team, name="team"),
    path("<int:customer_id>/", views.conversation, name="conversation"),
    path("<int:customer_id>/responder/", views.reply, name="reply"),
    path("<int:customer_id>/resolver/", views.resolution, name="resolution"),
    path("mensagem/<int:pk>/reenviar/", views.resending, name="resend"),
    path("mensagem/<int:pk>/enviar-agora/", views.sending_anyway, name="send_anyway"),
    path("mensagem/<int:pk>/ja-chegou/", views.arrival, name="arrived"),
    path("teste/<int:instance_id>/", views.test, name="test"),
]
