"""What a new shop still has to do until its first booking."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from navalha.accounts.models import Shop
from navalha.whatsapp.models import ConnectionState


@dataclass(frozen=True, slots=True)
class Task:
    """One line: what, why, where it is done."""

    words: str
    hint: str
    url: str
    is_done: bool


def tasks(shop: Shop) -> list[Task]:
    """The tasks in the order in which they help; none once somebody has booked, or the owner closed them."""
    if shop.checklist_closed_at is not None or shop.appointments.exists():
        return []
    working = shop.professionals.filter(is_active=True)
    return [
        Task(
            _("Conferir serviços e preços"),
            _("Vieram prontos: ajuste ao que a barbearia cobra."),
            reverse("setup:start") if shop.setup_step else reverse("setup:services"),
            not shop.setup_step and working.filter(services__is_active=True).exists(),
        ),
        Task(
            _("Conferir a equipe e o expediente"),
            _("Quem atende, em que dias e com que pausas."),
            reverse("setup:start") if shop.setup_step else reverse("setup:team"),
            not shop.setup_step and working.filter(working_hours__isnull=False).exists(),
        ),
        Task(
            _("Conectar o WhatsApp"),
            _("As confirmações saem do número da barbearia."),
            reverse("whatsapp:dashboard"),
            shop.numbers.filter(state__in=[ConnectionState.CONNECTED, ConnectionState.UNSTABLE]).exists(),
        ),
        Task(
            _("Divulgar o link"),
            _("No perfil do Instagram, no Google e no WhatsApp."),
            reverse("setup:step_pronto"),
            shop.link_shared_at is not None,
        ),
        Task(
            _("Receber o primeiro agendamento"),
            _("Marque um você mesmo para ver como o cliente vê."),
            reverse("booking:home", args=[shop.slug]),
            False,
        ),
    ]
