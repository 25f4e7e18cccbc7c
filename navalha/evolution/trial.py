"""Trying a server out: an instance that has no WhatsApp behind it (the EVOLUTION channel, RECORDED 6).

It is open as soon as it is made, and a message that is handed to the server for it comes back as a webhook. Its
messages are stored whatever the server's settings say (its channel service never asks), so it shows nothing of those.
"""

from collections.abc import Mapping

from navalha.evolution.client import EvolutionClient, webhook_body
from navalha.evolution.types import Created

ECHOED = "MESSAGES_UPSERT"


class TrialClient(EvolutionClient):
    """A client that also makes such instances and speaks to them."""

    def create_channel(
        self, name: str, *, number: str, webhook_url: str, webhook_headers: Mapping[str, str]
    ) -> Created:
        """Make `name`, which takes what is sent to `number` (digits that nobody else has on this server).

        Raises as `create_instance` does.
        """
        webhook = webhook_body(webhook_url, webhook_headers, [ECHOED])
        return self._create(name, {"integration": "EVOLUTION", "number": number, "webhook": webhook})

    def hand_in(self, number: str, *, key_id: str, text: str) -> None:
        """Play a message that comes in for `number`; the server reports it by webhook a moment later."""
        key = {"remoteJid": number, "fromMe": False, "id": key_id}
        body = {"numberId": number, "key": key, "pushName": "Navalha", "message": {"conversation": text}}
        body["messageType"] = "conversation"
        self._transport.call("POST", "/webhook/evolution", body=body, private=(text,))
