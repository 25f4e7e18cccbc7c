from django.urls import path

from . import by_queue

app_name = "queue"
urlpatterns = [
    path("", by_queue.line, name="line"),
    path("entrar/", by_queue.join, name="join"),
    path("<int:pk>/chamar/", by_queue.call, name="call"),
    path("<int:pk>/comecar/", by_queue.start, name="start"),
    path("<int:pk>/desistiu/", by_queue.leave, name="leave"),
    path("<int:pk>/desfazer/<int:change_id>/", by_queue.undo, name="undo"),
]
