"""Where a person lands, which shop they work at now, and the parts of the log-in that allauth leaves to us."""

from smtplib import SMTPException

import structlog
from allauth.account.views import PasswordChangeView, PasswordResetView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from . import impersonation
from .access import SESSION_KEY, ShopRequest

log = structlog.get_logger(__name__)


def no_shop(request: HttpRequest) -> HttpResponse:
    """For who is logged in and works nowhere: what to do about it."""
    return render(request, "accounts/no_shop.html")


@require_POST
@login_required
def switch_shop(request: ShopRequest, pk: int) -> HttpResponse:
    """Work at another of one's shops. 404 for a shop where the person is no member."""
    membership = get_object_or_404(request.user.memberships, shop_id=pk)
    request.session[SESSION_KEY] = membership.shop_id
    return redirect("reports:home")


@require_POST
@login_required
def leave_shop(request: ShopRequest) -> HttpResponse:
    """The operator's way out of a shop, whoever asks and however late: there is always one."""
    impersonation.end(request, user=request.user, now=timezone.now())
    messages.success(request, _("Você saiu da barbearia."))
    return redirect("home")


class PasswordReset(PasswordResetView):
    """Asks for the e-mail. A mail server that is down is told to the person instead of a page that failed."""

    def form_valid(self, form):  # type: ignore[no-untyped-def]  # allauth's signature has no types
        try:
            return super().form_valid(form)
        except (SMTPException, OSError) as error:
            log.error("mail", sent=False, error=type(error).__name__)
            form.add_error(None, _("Não conseguimos enviar o e-mail agora. Espere alguns minutos e tente de novo."))
            return self.render_to_response(self.get_context_data(form=form), status=503)


class PasswordChange(PasswordChangeView):
    """For who is logged in; afterwards back to work."""

    success_url = "/"

    def dispatch(self, request, *args, **kwargs):  # type: ignore[no-untyped-def]  # allauth's signature has no types
        """Somebody whom the operator gave no password has none to type: the link by e-mail makes one."""
        if request.user.is_authenticated and not request.user.has_usable_password():
            return redirect("account_reset_password")
        return super().dispatch(request, *args, **kwargs)


password_reset = PasswordReset.as_view()
password_change = PasswordChange.as_view()
