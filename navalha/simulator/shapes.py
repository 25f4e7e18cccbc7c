"""Pure forms of the pretend server: identifiers, jids, protobuf-like values, clocks. No state, no I/O.

Every form follows a recorded exchange (tests/recorded); the number of the recording is named where it is not obvious.
"""

import base64
import re
import secrets
import string
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_BASE36 = string.ascii_lowercase + string.digits
_BASE64 = string.ascii_letters + string.digits + "+/"
PAIRING_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTVWXYZ"

# One grey pixel and a short sound: the content of any photo or voice note of a pretend phone.
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
SOUND = "T2dnUyBkdW1teSBhdWRpbw=="

Json = dict[str, Any]


def row_id() -> str:
    """An id of Evolution's database (a cuid: "c" and 24 more characters)."""
    return "c" + "".join(secrets.choice(_BASE36) for _ in range(24))


def api_message_id() -> str:
    """WhatsApp's id of a message sent by the API."""
    return "3EB0" + secrets.token_hex(9).upper()


def phone_message_id() -> str:
    """WhatsApp's id of a message typed on an Android phone."""
    return secrets.token_hex(16).upper()


def owner_message_id() -> str:
    """WhatsApp's id of a message typed on the owner's own iPhone (REC 09, "source": "ios")."""
    return "3A" + secrets.token_hex(9).upper()


def pairing_code() -> str:
    return "".join(secrets.choice(PAIRING_ALPHABET) for _ in range(8))


def _noise(length: int) -> str:
    return "".join(secrets.choice(_BASE64) for _ in range(length))


def qr_code() -> str:
    """The text inside a QR: a reference and three keys, 217 characters (REC 02)."""
    return f"2@{_noise(80)},{_noise(43)}=,{_noise(43)}=,{_noise(43)}="


def octets(count: int) -> Json:
    """Bytes as Evolution writes them in webhooks: an object with numbered keys."""
    return {str(place): byte for place, byte in enumerate(secrets.token_bytes(count))}


def stored(value: Any) -> Any:
    """The same value as Evolution's database has it: bytes are base64 there (REC 10)."""
    if isinstance(value, dict) and value and all(key.isdigit() for key in value):
        return base64.b64encode(bytes(value.values())).decode()
    if isinstance(value, dict):
        return {key: stored(item) for key, item in value.items()}
    return [stored(item) for item in value] if isinstance(value, list) else value


def long64(value: int, *, unsigned: bool = False) -> Json:
    """A 64-bit number as Evolution writes it."""
    return {"low": value & 0xFFFFFFFF, "high": value >> 32, "unsigned": unsigned}


def context_info(timestamp: int) -> Json:
    """The `contextInfo` that every message sent by the API carries (REC 08)."""
    return {
        "mentionedJid": [],
        "groupMentions": [],
        "ephemeralSettingTimestamp": long64(timestamp - 172_800),
        "disappearingMode": {"initiator": 0},
    }


def digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def api_number(number: str) -> str:
    """Evolution's own reading of a Brazilian number: for DDD >= 31 the ninth digit is cut (REC 08, 10)."""
    found = re.fullmatch(r"55(\d{2})\d([7-9]\d{7})", number)
    if found and int(found[1]) >= 31:
        return f"55{found[1]}{found[2]}"
    return number


def canonical(number: str) -> str:
    """WhatsApp's number of a customer: 13 digits below DDD 31, 12 digits (no ninth) from DDD 31 on."""
    plain = digits(number)
    found = re.fullmatch(r"55(\d{2})9?([7-9]\d{7})", plain)
    if not found:
        return plain
    return f"55{found[1]}{'' if int(found[1]) >= 31 else '9'}{found[2]}"


def lid_of(number: str) -> str:
    """The made-up LID of a number, as in the recordings: "9" and the number backwards."""
    return f"9{number[::-1]}@lid"


def number_of_jid(jid: str) -> str:
    """The customer's canonical number behind a phone jid, a LID or a bare number."""
    name, _, domain = jid.partition("@")
    return name[1:][::-1] if domain == "lid" else canonical(name)


def phone_jid(number: str) -> str:
    return f"{number}@s.whatsapp.net"


def utc_text(moment: datetime | None = None) -> str:
    """A timestamp of Evolution's database: true UTC, milliseconds."""
    return (moment or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def false_z(time_zone: str = "America/Sao_Paulo", *, ahead: float = 0.0) -> str:
    """`date_time` of a webhook: the server's local time wearing a false Z (REC 04); `ahead` seconds off."""
    local = datetime.now(ZoneInfo(time_zone)) + timedelta(seconds=ahead)
    return local.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
