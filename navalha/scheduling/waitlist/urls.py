from django.urls import path

from . import views

app_name = "waitlist"
urlpatterns = [
    path("", views.waitlist, name="list"),
    path("entrar/", views.join, name="join"),
    path("ajustes/", views.rules, name="rules"),
    path("<int:pk>/tirar/", views.remove, name="remove"),
    path("<int:pk>/oferecer/", views.offer, name="offer"),
    path("<int:pk>/retirar/", views.withdraw, name="withdraw"),
    path("<int:pk>/aceitou/", views.accept, name="accept"),
    path("<int:pk>/desfazer/<int:change_id>/", views.undo, name="undo"),
]
