"""Which message is next: SQL by hand, for it is what every message of every shop passes. Through the ORM the building
of it costs more than its running."""

from .wording import ALERTS, THROUGH_ITS_NUMBER


def _listed(words: frozenset[str]) -> str:
    return ", ".join(f"'{word}'" for word in sorted(words))


# What is on its way to somebody, and what waits. Not what the pace holds: it has a time of its own, and holds up
# nothing that may go before it. Of those, what is due and makes sense still. Everything goes out from the principal
# number, but for what names its own; nothing while the number has one under way; and an earlier message to the same
# person that is not settled goes first, however long that takes; but the alert that a number dropped does not wait for
# what waits for that number, nor keep anything waiting when its own drops. By windows and not by NOT EXISTS: of a table
# without statistics (a new one) the planner compares every message with every other.
DUE = f"""
unsettled AS (
  SELECT id, state, due_at, purpose, customer_id, instance_id,
    min(id) OVER (PARTITION BY address, purpose IN ({_listed(ALERTS)})) AS first_to_address,
    min(id) OVER (PARTITION BY customer_id) AS first_to_customer,
    bool_or(state = 'sending' AND instance_id IS NOT DISTINCT FROM %(number)s) OVER () AS is_busy
  FROM messaging_whatsappmessage
  WHERE shop_id = %(shop)s AND direction = 'out' AND state IN ('queued', 'sending', 'unconfirmed')
    AND (state <> 'queued' OR expires_at IS NULL OR expires_at > %(now)s)
    AND (state <> 'queued' OR hold_code = '' OR due_at <= %(now)s)
    AND (state <> 'unconfirmed' OR error_code <> 'unknowable')),
due AS (
  SELECT id, due_at, customer_id FROM unsettled
  WHERE state = 'queued' AND due_at <= %(now)s AND NOT is_busy
    AND id = first_to_address AND (customer_id IS NULL OR id = first_to_customer)
    AND CASE WHEN purpose IN ({_listed(THROUGH_ITS_NUMBER)}) THEN instance_id = %(number)s ELSE %(primary)s END)
"""  # noqa: S608 - texts of this file and of `wording`
# Without pace: the longest due that nobody else holds, looked at again once it is locked. `||` keeps the planner from
# reading the queue of every shop to find the row of an id, which is what it does while the table has no statistics.
NEXT = f"""
WITH {DUE},
turn AS (SELECT id FROM due ORDER BY due_at, id LIMIT %(most)s)
SELECT m.* FROM turn t JOIN messaging_whatsappmessage m ON m.id = t.id
WHERE m.state || '' = 'queued' AND m.due_at <= %(now)s
ORDER BY m.due_at, m.id
LIMIT 1
FOR UPDATE OF m SKIP LOCKED
"""  # noqa: S608 - texts of this file
# With pace: some of them with what `pace.Message` wants to know, those whose people are writing just now first.
# A chat with the number exists once somebody has written to it or received from it; what was only sent counts for a
# moment, while its delivery may still be told.
CANDIDATES = f"""
WITH {DUE},
turn AS (
  SELECT m.id, heard.at AS heard_at FROM due m
  LEFT JOIN LATERAL (
    SELECT max(i.created_at) AS at FROM messaging_whatsappmessage i
    WHERE i.customer_id = m.customer_id AND i.direction = 'in' AND i.own_phone = %(phone)s
      AND i.created_at > %(lately)s) heard ON true
  ORDER BY heard.at IS NULL, m.due_at, m.id
  LIMIT %(most)s)
SELECT m.*, t.heard_at IS NOT NULL AS is_live,
  m.customer_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM messaging_whatsappmessage k
    WHERE k.customer_id = m.customer_id AND k.own_phone = %(phone)s
      AND (k.direction = 'in' OR k.state IN ('delivered', 'read', 'played')
           OR (k.state = 'sent' AND k.attempted_at > %(just)s))) AS is_new,
  (SELECT count(*) FROM messaging_whatsappmessage k
   WHERE k.customer_id = m.customer_id AND k.direction = 'out' AND k.sent_at IS NOT NULL
     AND k.purpose = ANY(%(unasked)s)
     AND split_part(k.dedupe_key, ':', 2) = split_part(m.dedupe_key, ':', 2)
     AND k.sent_at > coalesce((
       SELECT max(i.created_at) FROM messaging_whatsappmessage i
       WHERE i.customer_id = m.customer_id AND i.direction = 'in'), '-infinity')) AS unanswered
FROM turn t JOIN messaging_whatsappmessage m ON m.id = t.id
WHERE m.state || '' = 'queued' AND m.due_at <= %(now)s
ORDER BY t.heard_at IS NULL, m.due_at, m.id
FOR UPDATE OF m SKIP LOCKED
"""  # noqa: S608 - texts of this file
# What a phone has sent, for `pace.History`. What came back to the queue was not sent, but may have been refused.
HISTORY = """
WITH sends AS (
  SELECT attempted_at, first_contact, delivered_at, refused_at, state,
    state NOT IN ('queued', 'expired', 'cancelled') AS went,
    first_contact AND attempted_at BETWEEN %(since)s AND %(settled)s AS tried
  FROM messaging_whatsappmessage
  WHERE shop_id = %(shop)s AND own_phone = %(phone)s AND attempted_at > %(oldest)s AND direction = 'out')
SELECT max(attempted_at) FILTER (WHERE went),
  count(*) FILTER (WHERE went AND attempted_at >= %(midnight)s),
  count(*) FILTER (WHERE went AND attempted_at >= %(midnight)s AND first_contact),
  max(attempted_at) FILTER (WHERE first_contact AND delivered_at IS NOT NULL),
  array_agg(refused_at ORDER BY refused_at DESC)
    FILTER (WHERE first_contact AND refused_at IS NOT NULL AND delivered_at IS NULL),
  count(*) FILTER (WHERE tried AND went),
  count(*) FILTER (WHERE tried AND state = 'sent')
FROM sends
"""
