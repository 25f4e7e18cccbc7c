"""The operator's addresses. Every view here is an `@operator_view`; a guard test walks them."""

from django.urls import path

from . import instance_views, server_views, shop_views

app_name = "console"
urlpatterns = [
    path("servidores/", server_views.servers, name="servers"),
    path("servidores/novo/", server_views.add, name="add_server"),
    path("servidores/validar/", server_views.check_field, name="check_server_field"),
    path("servidores/<int:server>/", server_views.server, name="server"),
    path("servidores/<int:server>/editar/", server_views.edit, name="edit_server"),
    path("servidores/<int:server>/conferir/", server_views.check, name="check_server"),
    path("servidores/<int:server>/drenar/", server_views.drain, name="drain_server"),
    path("servidores/<int:server>/configuracao/", server_views.try_settings, name="try_settings"),
    path("servidores/<int:server>/remover/", server_views.remove, name="remove_server"),
    path("lojas/", shop_views.shops, name="shops"),
    path("lojas/<int:shop>/", shop_views.shop, name="shop"),
    path("lojas/<int:shop>/suspender/", shop_views.suspend, name="suspend_shop"),
    path("lojas/<int:shop>/reativar/", shop_views.reactivate, name="reactivate_shop"),
    path("lojas/<int:shop>/plano/", shop_views.choose_plan, name="choose_plan"),
    path("lojas/<int:shop>/entrar/", shop_views.enter, name="enter_shop"),
    path("auditoria/", shop_views.audit, name="audit"),
    path("instancias/", instance_views.instances, name="instances"),
]
