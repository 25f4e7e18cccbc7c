"""Telling whoever watches: one NOTIFY inside the transaction, so that a rollback tells nobody."""

from django.db import connection

CHANNEL = "navalha_live"


def publish(shop_id: int, topic: str) -> None:
    """Tick the open pages of a shop at commit. Equal ticks of one transaction arrive as one (PostgreSQL)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, f"{shop_id}:{topic}"])
