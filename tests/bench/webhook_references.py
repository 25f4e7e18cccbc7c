"""What the webhook door is measured against: the same authentication and row, one INSERT for each request."""

import json
import os
import uuid

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "navalha.config.settings")
django.setup()

from django.core.asgi import get_asgi_application  # noqa: E402 - the settings first
from django.db import connections  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402
from psycopg.types.json import Jsonb  # noqa: E402
from psycopg_pool import AsyncConnectionPool  # noqa: E402

from navalha.core.secrets import same_secret  # noqa: E402
from navalha.whatsapp.models import WebhookEvent, WhatsAppInstance  # noqa: E402

INSERT = """
INSERT INTO whatsapp_webhookevent
    (shop_id, instance_id, event, dedupe_key, payload, received_at, due_at, state, attempts, error)
VALUES (%s, %s, %s, %s, %s, now(), now(), 'stored', 0, '')
"""


class Bare:
    """A bare ASGI application: reads the body, one INSERT with psycopg, answers. Authenticates nobody."""

    pool: AsyncConnectionPool
    shop_id = instance_id = 0

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        payload = json.loads(body)
        row = [self.shop_id, self.instance_id, payload["event"], uuid.uuid4().hex, Jsonb(payload)]
        async with self.pool.connection() as connection:
            await connection.execute(INSERT, row)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async def lifespan(self, receive, send):
        await receive()
        parameters = connections["default"].get_connection_params()
        wanted = {name: parameters[name] for name in ("dbname", "user", "host", "port") if name in parameters}
        self.pool = AsyncConnectionPool(kwargs={**wanted, "autocommit": True}, min_size=10, max_size=10, open=False)
        await self.pool.open(wait=True)
        async with self.pool.connection() as connection:
            cursor = await connection.execute("SELECT shop_id, id FROM whatsapp_whatsappinstance LIMIT 1")
            self.shop_id, self.instance_id = await cursor.fetchone()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.pool.close()
        await send({"type": "lifespan.shutdown.complete"})


@csrf_exempt
def view(request):
    """A plain Django view: finds the instance, compares the key, one INSERT."""
    body = json.loads(request.body)
    instance = WhatsAppInstance.across_shops.get(remote_name=body["instance"])
    if not same_secret(request.headers.get("x-api-key", ""), instance.webhook_secret_hash):
        return HttpResponse(status=401)
    WebhookEvent.across_shops.create(
        shop_id=instance.shop_id,
        instance=instance,
        event=body["event"],
        dedupe_key=uuid.uuid4().hex,
        payload=body,
        received_at=timezone.now(),
        due_at=timezone.now(),
    )
    return HttpResponse(headers={"Content-Length": "0"})


urlpatterns = [path("whatsapp/webhook/update/", view)]
bare = Bare()


def plain_django():
    """Django's own ASGI handler with nothing but that view: no middleware."""
    from django.conf import settings

    settings.ROOT_URLCONF, settings.MIDDLEWARE = __name__, []
    return get_asgi_application()
