from django.urls import path

from . import views

app_name = "customers"
urlpatterns = [
    path("autorizados/", views.allowed, name="allowed"),
    path("autorizados/<int:pk>/retirar/", views.disallow, name="disallow"),
    path("autorizados/<int:pk>/devolver/", views.restore, name="restore"),
]
