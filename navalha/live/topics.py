"""What a page can be told has changed. A tick names a topic, never its content."""

AGENDA = "agenda"
WHATSAPP = "whatsapp"
MESSAGES = "messages"
# What the shop offers, who works there and when.
SHOP = "shop"
# What is written of the customers, and how far a spreadsheet of them is.
CUSTOMERS = "customers"
# Of no shop: only the operator's pages have these.
SERVERS = "servers"
RUNS = "runs"
EVENTS = "events"

ALL = frozenset({AGENDA, WHATSAPP, MESSAGES, SHOP, CUSTOMERS, SERVERS, RUNS, EVENTS})

# In place of a shop's id: the operator's pages. They hear every shop, and what is published for none of them.
EVERY_SHOP = 0
