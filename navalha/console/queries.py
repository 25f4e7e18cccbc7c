"""What the operator's pages read, over all shops."""

from django.db.models import Count, Q, QuerySet

from navalha.whatsapp.models import ConnectionState, EvolutionServer, WhatsAppInstance


def servers() -> QuerySet[EvolutionServer]:
    """All servers, with `used`: how many numbers live on each; one query."""
    living = Count("numbers", filter=~Q(numbers__state=ConnectionState.REMOVED))
    return EvolutionServer.objects.annotate(used=living)


def instances() -> QuerySet[WhatsAppInstance]:
    """The numbers of all shops with their shop and server, the newest first."""
    rows = WhatsAppInstance.across_shops.exclude(state=ConnectionState.REMOVED).select_related("shop", "server")
    return rows.defer("qr_code", "webhook_secret_hash").order_by("-created_at", "-pk")
