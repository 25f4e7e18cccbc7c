from django.urls import path

from . import views

app_name = "queue"
urlpatterns = [
    path("", views.line, name="line"),
    path("entrar/", views.join, name="join"),
    path("<int:pk>/chamar/", views.call, name="call"),
    path("<int:pk>/comecar/", views.start, name="start"),
    path("<int:pk>/desistiu/", views.leave, name="leave"),
    path("<int:pk>/desfazer/<int:change_id>/", views.undo, name="undo"),
]
