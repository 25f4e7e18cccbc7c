"""Who you are: allauth's views under Portuguese addresses. What is not listed here cannot be reached.

The sign-up of a shop is in `scheduling`, which can also give the shop its services and hours.
"""

from allauth.account import views as allauth
from django.urls import path, re_path

from . import views

urlpatterns = [
    path("entrar/", allauth.login, name="account_login"),
    path("sair/", allauth.logout, name="account_logout"),
    path("conta-desativada/", allauth.account_inactive, name="account_inactive"),
    path("loja/<int:pk>/", views.switch_shop, name="switch_shop"),
    path("lojas/sair/", views.leave_shop, name="leave_shop"),
    path("senha/trocar/", views.password_change, name="account_change_password"),
    path("senha/", views.password_reset, name="account_reset_password"),
    path("senha/enviada/", allauth.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^senha/nova/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("senha/pronta/", allauth.password_reset_from_key_done, name="account_reset_password_from_key_done"),
]
