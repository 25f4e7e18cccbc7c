from django.urls import path

from . import (
    by_blocking,
    by_deposits,
    by_finishing,
    by_hand,
    by_moving,
    by_occupancy,
    by_repeating,
    by_series,
    feed_views,
    views,
    visit_views,
    who,
)
from .commands import COMMANDS
from .deposit_commands import COMMANDS as DEPOSIT_COMMANDS

app_name = "scheduling"
urlpatterns = [
    path("", views.agenda, name="agenda"),
    path("semana/", views.week_view, name="week"),
    path("ocupacao/", by_occupancy.show, name="occupancy"),
    path("ocupacao/exportar/", by_occupancy.export, name="export_occupancy"),
    path("novo/", by_hand.new, name="new"),
    path("clientes/", who.customers, name="customers"),
    path("bloquear/", by_blocking.block, name="block"),
    path("bloqueio/<int:time_off_id>/", by_blocking.show, name="time_off"),
    path("bloqueio/<int:time_off_id>/liberar/", by_blocking.free, name="free"),
    path("calendario/", feed_views.show, name="calendar"),
    *(
        path(f"calendario/<int:person_id>/{name}/", feed_views.change, {"path": name}, name=f"calendar_{name}")
        for name in feed_views.CHANGES
    ),
    path("sinais/", by_deposits.deposits, name="deposits"),
    path("<int:pk>/sinal/pedir/", by_deposits.ask, name="deposit_ask"),
    path("<int:pk>/sinal/desfazer/<int:deposit_change_id>/", by_deposits.undo, name="deposit_undo"),
    *(
        path(f"<int:pk>/sinal/{name}/", by_deposits.command, {"path": name}, name=f"deposit_{name}")
        for name in DEPOSIT_COMMANDS
    ),
    path("repeticoes/", by_series.listing, name="series"),
    path("repeticoes/<int:pk>/parar/", by_series.stop, name="stop_series"),
    path("repeticoes/<int:pk>/continuar/", by_series.go_on, name="go_on_series"),
    path("repeticoes/sem-lugar/<int:pk>/resolvido/", by_series.settle, name="settle_gap"),
    path("repeticoes/sem-lugar/<int:pk>/voltar/", by_series.unsettle, name="unsettle_gap"),
    path("repeticoes/sem-lugar/<int:pk>/tentar/", by_series.try_again, name="fill_gap"),
    path("<int:pk>/", views.visit, name="visit"),
    path("<int:pk>/mover/", by_moving.move, name="move"),
    path("<int:pk>/concluir/", by_finishing.finish, name="finish"),
    path("<int:pk>/cancelar/", visit_views.cancellation, name="cancel"),
    path("<int:pk>/repetir/", by_repeating.repeat, name="repeat"),
    path("<int:pk>/cancelar-repeticao/", by_repeating.end, name="end_series"),
    path("<int:pk>/reabrir/", visit_views.reopening, name="reopen"),
    path("<int:pk>/trocar-link/", visit_views.new_link, name="new_link"),
    path("<int:pk>/desfazer/<int:change_id>/", visit_views.undo, name="undo"),
    *(
        path(f"<int:pk>/{name}/", visit_views.command, {"path": name}, name=name)
        for name, command in COMMANDS.items()
        if not command.asks
    ),
]
