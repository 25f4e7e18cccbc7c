from django.urls import path

from . import by_waitlist

app_name = "waitlist"
urlpatterns = [
    path("", by_waitlist.waitlist, name="list"),
    path("entrar/", by_waitlist.join, name="join"),
    path("ajustes/", by_waitlist.rules, name="rules"),
    path("<int:pk>/tirar/", by_waitlist.remove, name="remove"),
    path("<int:pk>/oferecer/", by_waitlist.offer, name="offer"),
    path("<int:pk>/retirar/", by_waitlist.withdraw, name="withdraw"),
    path("<int:pk>/aceitou/", by_waitlist.accept, name="accept"),
    path("<int:pk>/desfazer/<int:change_id>/", by_waitlist.undo, name="undo"),
]
