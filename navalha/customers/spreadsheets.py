"""Spreadsheets of customers: the bytes of each until it is taken in, how far it is, and what became of its lines."""

from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import ShopOwned, StateChange


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", _("Falta escolher as colunas")
    RUNNING = "running", _("Importando")
    DONE = "done", _("Importada")
    CANCELLED = "cancelled", _("Interrompida")
    FAILED = "failed", _("Parou por um erro")
    UNDOING = "undoing", _("Desfazendo")
    UNDONE = "undone", _("Desfeita")


S = ImportState
IMPORT_MOVES: Mapping[str, frozenset[str]] = {
    S.UPLOADED: frozenset({S.RUNNING}),
    S.RUNNING: frozenset({S.DONE, S.CANCELLED, S.FAILED}),
    S.DONE: frozenset({S.UNDOING}),
    S.CANCELLED: frozenset({S.UNDOING}),
    # Either way of work may be tried again.
    S.FAILED: frozenset({S.RUNNING, S.CANCELLED, S.UNDOING}),
    S.UNDOING: frozenset({S.UNDONE, S.FAILED}),
    S.UNDONE: frozenset(),
}
UNDER_WAY = (S.RUNNING, S.UNDOING)


class CustomerImport(ShopOwned):
    """A spreadsheet of customers. The worker takes in its lines in order; `position` of them are done with.

    Each step writes its customers, its counts and the new position at once: what a killed worker had begun is begun
    again, what it had finished is not.
    """

    MOVES: ClassVar[Mapping[str, frozenset[str]]] = IMPORT_MOVES

    shop = models.ForeignKey(
        "accounts.Shop", models.CASCADE, related_name="customer_imports", verbose_name=_("barbearia")
    )
    file_name = models.CharField(_("arquivo"), max_length=120)
    content = models.BinaryField(_("conteúdo"))
    state = models.CharField(_("situação"), max_length=10, choices=ImportState, default=ImportState.UPLOADED)
    state_changed_at = models.DateTimeField(_("desde"), default=timezone.now)
    at = models.DateTimeField(_("enviado em"))
    by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("por")
    )
    columns = models.JSONField(_("colunas"), default=dict)
    fills_known = models.BooleanField(_("completa quem já é cliente"), default=False)
    total = models.PositiveIntegerField(_("linhas"), default=0)
    position = models.PositiveIntegerField(_("linhas já vistas"), default=0)
    # Steps begun since the last one that was finished.
    attempts = models.PositiveSmallIntegerField(_("tentativas"), default=0)
    done_at = models.DateTimeField(_("importado em"), null=True, blank=True)
    created = models.PositiveIntegerField(_("novos"), default=0)
    updated = models.PositiveIntegerField(_("completados"), default=0)
    skipped = models.PositiveIntegerField(_("pulados"), default=0)
    errors = models.JSONField(_("linhas com erro"), default=list)  # number and reason, never the line itself
    # Of an undo: up to which of its effects, how many customers went, got back what they had, and stay as they are.
    undone_to = models.BigIntegerField(_("desfeito até"), default=0)
    removed = models.PositiveIntegerField(_("removidos ao desfazer"), default=0)
    reverted = models.PositiveIntegerField(_("voltaram ao que eram"), default=0)
    left = models.PositiveIntegerField(_("ficaram como estão"), default=0)
    undone_at = models.DateTimeField(_("desfeito em"), null=True, blank=True)
    undone_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("desfeito por")
    )

    class Meta(ShopOwned.Meta):
        verbose_name = _("importação de clientes")
        verbose_name_plural = _("importações de clientes")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(position__lte=F("total")), name="import_within_its_lines"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def import_badge(self) -> str:
        """Its word in the vocabulary of badges, where "done" and "failed" are other rows'."""
        return f"import_{self.state}"

    @property
    def may_undo(self) -> bool:
        """Whether there is something that an undo would take back."""
        return S.UNDOING in IMPORT_MOVES[S(self.state)] and self.to_undo > 0

    @property
    def to_undo(self) -> int:
        """How many customers an undo has to look at."""
        return self.created + self.updated

    @property
    def looked_at(self) -> int:
        """At how many of them it has."""
        return self.removed + self.reverted + self.left


class CustomerImportChange(StateChange):
    """One move of an import."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="+", verbose_name=_("barbearia"))
    customer_import = models.ForeignKey(
        CustomerImport, models.CASCADE, related_name="changes", verbose_name=_("importação")
    )

    class Meta(StateChange.Meta):
        verbose_name = _("mudança de uma importação")
        verbose_name_plural = _("mudanças de importações")

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"
