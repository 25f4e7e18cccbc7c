from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "navalha.customers"
    verbose_name = _("Clientes")

    def ready(self) -> None:
        from .checks import allowed_numbers_are_numbers

        register(allowed_numbers_are_numbers)
