"""What a page can be told has changed. A tick names a topic, never its content."""

AGENDA = "agenda"
WHATSAPP = "whatsapp"
MESSAGES = "messages"

ALL = frozenset({AGENDA, WHATSAPP, MESSAGES})
