"""Who came without a time and waits for a chair."""

from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import ShopOwned, StateChange


class QueueState(models.TextChoices):
    WAITING = "waiting", _("Na fila")
    CALLED = "called", _("Chamado")
    SERVED = "served", _("Atendido")
    LEFT = "left", _("Desistiu")


S = QueueState
# What a command may do. From SERVED on, the visit in the agenda tells how it went.
QUEUE_STEPS: Mapping[str, frozenset[str]] = {
    S.WAITING: frozenset({S.CALLED, S.SERVED, S.LEFT}),
    S.CALLED: frozenset({S.SERVED, S.LEFT}),
    S.SERVED: frozenset(),
    S.LEFT: frozenset(),
}
# One step back, because somebody pressed the wrong button: only `actions.undo` does it.
QUEUE_UNDOS: Mapping[str, frozenset[str]] = {
    S.CALLED: frozenset({S.WAITING}),
    S.SERVED: frozenset({S.WAITING, S.CALLED}),
    S.LEFT: frozenset({S.WAITING, S.CALLED}),
}
IN_LINE = (S.WAITING, S.CALLED)


class QueueEntry(ShopOwned):
    """One person in the line of a day, in the order of `joined_at`. Nobody wanted is "qualquer um"."""

    MOVES: ClassVar[Mapping[str, frozenset[str]]] = {
        state: QUEUE_STEPS[state] | QUEUE_UNDOS.get(state, frozenset()) for state in QueueState
    }

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="queue_entries", verbose_name=_("barbearia"))
    name = models.CharField(_("nome"), max_length=120)
    # Known when they gave a phone; else made with the visit.
    customer = models.ForeignKey(
        "customers.Customer",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="queue_entries",
        verbose_name=_("cliente"),
    )
    services = models.ManyToManyField("scheduling.Service", related_name="+", verbose_name=_("serviços"))
    professional = models.ForeignKey(
        "scheduling.Professional",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("profissional"),
        help_text=_("Vazio: qualquer um."),
    )
    state = models.CharField(_("situação"), max_length=10, choices=QueueState, default=QueueState.WAITING)
    state_changed_at = models.DateTimeField(_("desde"), default=timezone.now)
    joined_at = models.DateTimeField(_("na fila desde"), default=timezone.now)
    appointment = models.OneToOneField(
        "scheduling.Appointment",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="queue_entry",
        verbose_name=_("agendamento"),
    )

    class Meta(ShopOwned.Meta):
        verbose_name = _("pessoa na fila")
        verbose_name_plural = _("pessoas na fila")
        ordering = ["joined_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="served", appointment__isnull=False)
                | (~Q(state="served") & Q(appointment__isnull=True)),
                name="served_has_a_visit",
            )
        ]
        indexes = [models.Index(fields=["shop", "joined_at"], name="line_of_shop")]

    def __str__(self) -> str:
        return self.name


class QueueChange(StateChange):
    """One move of a person in the line."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="+", verbose_name=_("barbearia"))
    entry = models.ForeignKey(QueueEntry, models.CASCADE, related_name="changes", verbose_name=_("pessoa na fila"))

    class Meta(StateChange.Meta):
        verbose_name = _("mudança na fila")
        verbose_name_plural = _("mudanças na fila")

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"
