"""How much of the installation a shop may use."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from navalha.core.errors import Refused

from .models import Plan, Shop

# Of a shop without a plan. Each number takes a place on a server that others need too.
USUAL_NUMBERS = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """None is no limit."""

    numbers: int = USUAL_NUMBERS
    professionals: int | None = None
    messages_a_day: int | None = None


def limits_of(shop: Shop) -> Limits:
    """The limits of the shop's plan; a query only for a shop that has one."""
    return of_plan(shop.plan) if shop.plan_id else Limits()


def of_plan(plan: Plan | None) -> Limits:
    if plan is None:
        return Limits()
    return Limits(plan.most_numbers, plan.most_professionals, plan.most_messages_a_day)


def refuse_more_numbers(shop: Shop, *, has: int) -> None:
    """Raise `Refused` when the shop has all the numbers of its plan."""
    most = limits_of(shop).numbers
    if has >= most:
        sentence = _("Sua barbearia já tem %(count)d números, o máximo. Remova um que não usa para adicionar outro.")
        one = _("Seu plano tem um número de WhatsApp. Remova-o para usar outro, ou fale com o suporte.")
        raise Refused(one if most == 1 else sentence % {"count": most})


def refuse_more_professionals(shop: Shop, *, has: int) -> None:
    """Raise `Refused` when the shop has all the professionals of its plan."""
    most = limits_of(shop).professionals
    if most is not None and has >= most:
        many = _("Seu plano tem lugar para %(count)d profissionais. Arquive um, ou fale com o suporte para ter mais.")
        one = _("Seu plano tem lugar para um profissional. Fale com o suporte para ter mais.")
        raise Refused(one if most == 1 else many % {"count": most})
