"""What the pages that show a shop's own look say often."""

from django import template

from navalha.accounts.models import Shop
from navalha.scheduling.shop import dressing

register = template.Library()


@register.simple_tag
def tones_url(accent: str) -> str:
    """`{% tones_url shop.accent %}`: the stylesheet of a shop's own colour."""
    return dressing.tones_url(accent)


@register.simple_tag
def picture_url(shop: Shop, file_name: str) -> str:
    """`{% picture_url shop pictures.logo.file_name %}`: the file of one of its pictures."""
    return dressing.picture_url(shop, file_name)
