"""The real server's error envelopes (RECORDED 2): five shapes, told apart only by looking."""

from collections.abc import Iterable
from typing import Any

_TITLES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 500: "Internal Server Error"}


class ApiError(Exception):
    """An answer that is not 2xx, with its whole body."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"answer {status}")
        self.status = status
        self.body = body


def _wrapped(status: int, message: Any) -> ApiError:
    return ApiError(status, {"status": status, "error": _TITLES[status], "response": {"message": message}})


def refused(status: int, *messages: Any) -> ApiError:
    """Most errors: `message` is a list of strings (or of `{jid, exists, number}` objects)."""
    return _wrapped(status, list(messages))


def invalid(sentences: Iterable[str]) -> ApiError:
    """Schema validation: a list inside a list."""
    return _wrapped(400, [list(sentences)])


def raw(status: int, message: str) -> ApiError:
    """401, and every unexpected exception: `message` is a plain string."""
    return _wrapped(status, message)


def flat(message: Any) -> ApiError:
    """Only `/chat/whatsappNumbers`: no `response`."""
    return ApiError(400, {"status": 400, "error": "Bad Request", "message": message})


def empty() -> ApiError:
    """Only `/chat/whatsappNumbers` while not connected, or without `numbers`: 400 and `{}`."""
    return ApiError(400, {})


def unauthorized() -> ApiError:
    return raw(401, "Unauthorized")


def no_instance(name: str) -> ApiError:
    return refused(404, f'The "{name}" instance does not exist')


Field = tuple[str, type | tuple[type, ...], str]


def check_schema(body: Any, required: Iterable[str], fields: Iterable[Field], owner: str = "instance") -> None:
    """Raise `invalid` with one sentence per missing or wrong field, wrong ones first, as the real validator does."""
    wrong = [
        sentence
        for name, kind, sentence in fields
        if name in body and (not isinstance(body[name], kind) or (kind is not bool and isinstance(body[name], bool)))
    ]
    missing = [f'{owner} requires property "{name}"' for name in required if name not in body]
    if wrong or missing:
        raise invalid(wrong + missing)
