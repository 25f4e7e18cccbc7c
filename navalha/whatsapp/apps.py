from django.apps import AppConfig


class WhatsAppConfig(AppConfig):
    name = "navalha.whatsapp"
