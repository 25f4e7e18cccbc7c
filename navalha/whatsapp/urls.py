"""The addresses of the founding document, and those that it leaves open. The webhook has a door of its own."""

from django.urls import path

from . import pairing_views, views

app_name = "whatsapp"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("numeros/", views.numbers, name="numbers"),
    path("saude/", views.health, name="health"),
    path("avisos/", views.alerts, name="alerts"),
    path("avisos/<int:incident_id>/fechar/", views.dismiss_alert, name="dismiss_alert"),
    path("novo/", views.add, name="add"),
    path("list/api/", views.list_api, name="list_api"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/parte/", views.detail_part, name="detail_part"),
    path("<int:pk>/gerar-qrcode/", pairing_views.generate_qr, name="generate_qr"),
    path("<int:pk>/codigo/", pairing_views.connection_code, name="connection_code"),
    path("<int:pk>/nao-conectou/", pairing_views.not_connected, name="not_connected"),
    path("<int:pk>/aviso/", pairing_views.note, name="consent"),
    path("<int:pk>/foto/", pairing_views.picture, name="picture"),
    path("<int:pk>/pareamento/", pairing_views.pairing, name="pairing"),
    path("<int:pk>/cancelar/", pairing_views.cancel, name="cancel_pairing"),
    path("<int:pk>/desconectar/", views.disconnect, name="disconnect"),
    path("<int:pk>/set-primary/", views.set_primary, name="set_primary"),
    path("<int:pk>/renomear/", views.rename, name="rename"),
    path("<int:pk>/remover/", views.remove, name="remove"),
    path("<int:pk>/status/", views.status_api, name="status_api"),
]
