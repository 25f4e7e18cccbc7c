"""The operator's addresses. Every view here is an `@operator_view`; a guard test walks them."""

from django.urls import path

from . import bulk_views, instance_views, server_views, shop_views

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
    path("instancias/nova/", instance_views.add, name="add_instance"),
    path("instancias/validar/", instance_views.check_field, name="check_instance_field"),
    path("instancias/em-lote/", bulk_views.start, name="start_run"),
    path("instancias/comandos/", bulk_views.runs, name="runs"),
    path("instancias/comandos/<int:run>/", bulk_views.run, name="run"),
    path("instancias/comandos/<int:run>/cancelar/", bulk_views.cancel, name="cancel_run"),
    path("instancias/divergencias/", bulk_views.drift, name="drift"),
    path("instancias/divergencias/comparar/", bulk_views.survey, name="survey"),
    path("instancias/divergencias/<int:stray>/ignorar/", bulk_views.ignore_stray, name="ignore_stray"),
    path("instancias/divergencias/<int:stray>/apagar/", bulk_views.delete_stray, name="delete_stray"),
    path("instancias/<int:number>/", instance_views.instance, name="instance"),
    path("instancias/<int:number>/editar/", instance_views.edit, name="edit_instance"),
    path("instancias/<int:number>/apagar/", instance_views.delete, name="delete_instance"),
    path("instancias/<int:number>/conectar/", instance_views.connect, name="connect"),
    path("instancias/<int:number>/cancelar/", instance_views.cancel_pairing, name="cancel_pairing"),
    path("instancias/<int:number>/desconectar/", instance_views.disconnect, name="disconnect"),
    path("instancias/<int:number>/reiniciar/", instance_views.restart, name="restart"),
    path("instancias/<int:number>/sincronizar/", instance_views.sync, name="sync"),
    path("instancias/<int:number>/webhook/", instance_views.mend_webhook, name="mend_webhook"),
]
