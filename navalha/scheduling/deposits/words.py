"""A deposit in words: for pages, in the page's language."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from navalha.core.money import reais
from navalha.web import elapsed

from ..models import Deposit, DepositPolicy, DepositState, WhoPays


def who_pays(policy: DepositPolicy) -> str:
    """One sentence: `Pagam sinal: clientes novos; quem faltou…`."""
    if policy.who == WhoPays.NOBODY:
        return _("Ninguém paga sinal.")
    if policy.who == WhoPays.EVERYBODY:
        return _("Todos que marcam pela internet pagam sinal.")
    return _("Pagam sinal: %(cases)s.") % {"cases": "; ".join(cases(policy)) or _("ninguém ainda")}


def cases(policy: DepositPolicy) -> list[str]:
    """Each case of a policy that asks only in some."""
    named = [service.name for service in policy.services.all()]
    return [
        *([_("quem vem pela primeira vez")] if policy.new_customers else []),
        *([missed_words(policy.missed_from)] if policy.missed_from else []),
        *([_("quem marca %(services)s") % {"services": ", ".join(named)}] if named else []),
        *(
            [_("visitas a partir de %(price)s") % {"price": reais(policy.price_from_cents)}]
            if policy.price_from_cents is not None
            else []
        ),
    ]


def missed_words(times: int) -> str:
    return ngettext(
        "quem já faltou ou cancelou em cima da hora",
        "quem já faltou ou cancelou em cima da hora %(count)d vezes",
        times,
    ) % {"count": times}


def about_customers(policy: DepositPolicy) -> str:
    """The cases that depend on who comes, for somebody who has not said yet who that is."""
    found = [
        *([_("quem vem pela primeira vez")] if policy.new_customers else []),
        *([_("quem já faltou ou cancelou em cima da hora")] if policy.missed_from else []),
    ]
    return _(" e ").join(found)


def how_much(policy: DepositPolicy) -> str:
    if policy.percent:
        return _("%(percent)s%% do preço") % {"percent": policy.percent}
    return _("%(amount)s, nunca mais que o preço") % {"amount": reais(policy.fixed_cents or 0)}


def refund_for(policy: DepositPolicy, starts_at: datetime, *, now: datetime) -> str:
    """The rule as it holds for a visit at that time, before it is booked."""
    if policy.refund_minutes and now > starts_at - timedelta(minutes=policy.refund_minutes):
        return _("Faltam menos de %(time)s: cancelando, ou faltando, o sinal fica com a barbearia.") % {
            "time": elapsed.lasting(timedelta(minutes=policy.refund_minutes))
        }
    return refund_rule(policy)


def refund_rule(policy: DepositPolicy) -> str:
    """What happens to the money, before anybody has booked."""
    if not policy.refund_minutes:
        return _("Cancelando até a hora marcada, o sinal volta para você. Faltando, ele fica com a barbearia.")
    return _(
        "Cancelando até %(time)s antes, o sinal volta para você. Depois disso, ou faltando, ele fica com a barbearia."
    ) % {"time": elapsed.lasting(timedelta(minutes=policy.refund_minutes))}


def refund_until(deposit: Deposit, *, now: datetime) -> str:
    """The same for one visit, with the moment on the page's clock."""
    if now > deposit.refund_until:
        return _("O prazo para receber o sinal de volta já passou: cancelando, ele fica com a barbearia.")
    return _("Cancelando até %(when)s, o sinal volta para você. Depois disso, ele fica com a barbearia.") % {
        "when": elapsed.moment(deposit.refund_until, now)
    }


def if_cancelled(deposit: Deposit, *, now: datetime) -> str:
    """What a customer who cancels now has to expect; empty when there is nothing to say."""
    in_time = now <= deposit.refund_until
    match deposit.state:
        case DepositState.PENDING:
            return _("Você ainda não pagou o sinal: cancelando, não paga nada.")
        case DepositState.PAID if in_time:
            return _("O sinal que você pagou volta para você.")
        case DepositState.PAID:
            return _("O sinal que você pagou fica com a barbearia: o prazo para recebê-lo de volta já passou.")
        case DepositState.RECEIPT if in_time:
            return _("O sinal ainda está sendo conferido: se ele chegou, volta para você.")
        case DepositState.RECEIPT:
            return _("O sinal fica com a barbearia: o prazo para recebê-lo de volta já passou.")
    return ""


def if_moved(deposit: Deposit, *, now: datetime) -> str:
    """What a customer who takes another time has to expect."""
    if deposit.state == DepositState.PENDING:
        return _("O sinal continua o mesmo, com o mesmo prazo para pagar.")
    if deposit.state not in (DepositState.PAID, DepositState.RECEIPT):
        return ""
    if now > deposit.refund_until:
        return _("O sinal vale para o novo horário. O prazo para recebê-lo de volta já passou e não recomeça.")
    return _("O sinal vale para o novo horário.")
