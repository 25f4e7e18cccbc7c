from django.urls import path

from . import merge_views

app_name = "duplicates"
urlpatterns = [
    path("duplicados/", merge_views.suspects, name="suspects"),
    path("<int:pk>/juntar/", merge_views.choose, name="choose"),
    path("<int:keep_id>/juntar/<int:gone_id>/", merge_views.join, name="join"),
    path("<int:keep_id>/diferente/<int:gone_id>/", merge_views.apart, name="apart"),
    path("diferentes/<int:apart_id>/desfazer/", merge_views.unsay_apart, name="unsay_apart"),
    path("unioes/<int:merge_id>/desfazer/", merge_views.undo, name="undo"),
]
