"""Which message is next: SQL by hand, for it is what every message of every shop passes. Through the ORM the building
of it costs more than its running."""

# What is on its way to somebody, and what waits. Not what the pace holds: it has a time of its own, and holds up
# nothing that may go before it.
UNSETTLED = """
unsettled AS (
  SELECT id, address, customer_id, instance_id, state FROM messaging_whatsappmessage
  WHERE shop_id = %(shop)s AND direction = 'out' AND state IN ('queued', 'sending', 'unconfirmed')
    AND (state <> 'queued' OR expires_at IS NULL OR expires_at > %(now)s)
    AND (state <> 'queued' OR hold_code = '' OR due_at <= %(now)s)
    AND (state <> 'unconfirmed' OR error_code <> 'unknowable'))
"""
# A due message that makes sense still. Everything goes out from the principal number, but for what tests one number;
# nothing while the number has one under way; and an earlier message to the same person that is not settled goes
# first, however long that takes. Two NOT EXISTS and not one with OR: each is a hash join, where the OR compares every
# message with every other.
IS_DUE = """
m.shop_id = %(shop)s AND m.direction = 'out' AND m.state = 'queued' AND m.due_at <= %(now)s
  AND (m.expires_at IS NULL OR m.expires_at > %(now)s)
  AND CASE WHEN m.purpose = 'test' THEN m.instance_id = %(number)s ELSE %(primary)s END
  AND NOT EXISTS (SELECT 1 FROM unsettled u WHERE u.state = 'sending' AND u.instance_id = %(number)s)
  AND NOT EXISTS (SELECT 1 FROM unsettled u WHERE u.address = m.address AND u.id < m.id)
  AND NOT EXISTS (SELECT 1 FROM unsettled u WHERE u.customer_id = m.customer_id AND u.id < m.id)
"""
# Without pace: the longest due.
NEXT = f"""
WITH {UNSETTLED}
SELECT m.* FROM messaging_whatsappmessage m WHERE {IS_DUE}
ORDER BY m.due_at, m.id
LIMIT 1
FOR UPDATE OF m SKIP LOCKED
"""  # noqa: S608 - texts of this file
# With pace: some of them with what `pace.Message` wants to know, those whose people are writing just now first.
# A chat with the number exists once somebody has written to it or received from it; what was only sent counts for a
# moment, while its delivery may still be told.
CANDIDATES = f"""
WITH {UNSETTLED},
turn AS (
  SELECT m.id, heard.at AS heard_at FROM messaging_whatsappmessage m
  LEFT JOIN LATERAL (
    SELECT max(i.created_at) AS at FROM messaging_whatsappmessage i
    WHERE i.customer_id = m.customer_id AND i.direction = 'in' AND i.own_phone = %(phone)s
      AND i.created_at > %(lately)s) heard ON true
  WHERE {IS_DUE}
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
     AND split_part(k.dedupe_key, ':', 1) <> 'reply'
     AND split_part(k.dedupe_key, ':', 2) = split_part(m.dedupe_key, ':', 2)
     AND k.sent_at > coalesce((
       SELECT max(i.created_at) FROM messaging_whatsappmessage i
       WHERE i.customer_id = m.customer_id AND i.direction = 'in'), '-infinity')) AS unanswered
FROM turn t JOIN messaging_whatsappmessage m ON m.id = t.id
WHERE m.state = 'queued' AND m.due_at <= %(now)s
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
