from django.urls import path

from ..deposits import views as deposit_views
from ..deposits.commands import COMMANDS as DEPOSIT_COMMANDS
from ..feeds import views as feed_views
from ..moving import views as moving_views
from ..series import repeat_views
from ..series import views as series_views
from . import blocking_views, by_hand_views, customer_views, finishing_views, occupancy_views, views, visit_views
from .commands import COMMANDS

app_name = "scheduling"
urlpatterns = [
    path("", views.agenda, name="agenda"),
    path("semana/", views.week_view, name="week"),
    path("ocupacao/", occupancy_views.show, name="occupancy"),
    path("ocupacao/exportar/", occupancy_views.export, name="export_occupancy"),
    path("novo/", by_hand_views.new, name="new"),
    path("clientes/", customer_views.customers, name="customers"),
    path("bloquear/", blocking_views.block, name="block"),
    path("bloqueio/<int:time_off_id>/", blocking_views.show, name="time_off"),
    path("bloqueio/<int:time_off_id>/liberar/", blocking_views.free, name="free"),
    path("calendario/", feed_views.show, name="calendar"),
    *(
        path(f"calendario/<int:person_id>/{name}/", feed_views.change, {"path": name}, name=f"calendar_{name}")
        for name in feed_views.CHANGES
    ),
    path("sinais/", deposit_views.deposits, name="deposits"),
    path("<int:pk>/sinal/pedir/", deposit_views.ask, name="deposit_ask"),
    path("<int:pk>/sinal/desfazer/<int:deposit_change_id>/", deposit_views.undo, name="deposit_undo"),
    *(
        path(f"<int:pk>/sinal/{name}/", deposit_views.command, {"path": name}, name=f"deposit_{name}")
        for name in DEPOSIT_COMMANDS
    ),
    path("repeticoes/", series_views.listing, name="series"),
    path("repeticoes/<int:pk>/parar/", series_views.stop, name="stop_series"),
    path("repeticoes/<int:pk>/continuar/", series_views.go_on, name="go_on_series"),
    path("repeticoes/sem-lugar/<int:pk>/resolvido/", series_views.settle, name="settle_gap"),
    path("repeticoes/sem-lugar/<int:pk>/voltar/", series_views.unsettle, name="unsettle_gap"),
    path("repeticoes/sem-lugar/<int:pk>/tentar/", series_views.try_again, name="fill_gap"),
    path("<int:pk>/", views.visit, name="visit"),
    path("<int:pk>/mover/", moving_views.move, name="move"),
    path("<int:pk>/concluir/", finishing_views.finish, name="finish"),
    path("<int:pk>/cancelar/", visit_views.cancellation, name="cancel"),
    path("<int:pk>/repetir/", repeat_views.repeat, name="repeat"),
    path("<int:pk>/cancelar-repeticao/", repeat_views.end, name="end_series"),
    path("<int:pk>/reabrir/", visit_views.reopening, name="reopen"),
    path("<int:pk>/trocar-link/", visit_views.new_link, name="new_link"),
    path("<int:pk>/desfazer/<int:change_id>/", visit_views.undo, name="undo"),
    *(
        path(f"<int:pk>/{name}/", visit_views.command, {"path": name}, name=name)
        for name, command in COMMANDS.items()
        if not command.asks
    ),
]
