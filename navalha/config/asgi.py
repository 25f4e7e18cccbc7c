"""What uvicorn runs: `uvicorn navalha.config.asgi:application`."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "navalha.config.settings")
django.setup()

from .doors import application  # noqa: E402 - the doors need the settings and the models

__all__ = ["application"]
