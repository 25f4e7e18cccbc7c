"""Filters at the side of the admin's tables."""

from typing import Any

from django.contrib.admin import FieldListFilter, ModelAdmin, RelatedFieldListFilter
from django.db.models import Field
from django.http import HttpRequest

# A side bar of a thousand shops filters nothing for anybody: beyond this many the search field finds them.
MOST_CHOICES = 50


class FewRelatedFilter(RelatedFieldListFilter):
    """The related rows as choices while they are few; nothing at all when they are many."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> Any:
        related = field.remote_field.model._default_manager
        if len(related.values_list("pk")[: MOST_CHOICES + 1]) > MOST_CHOICES:
            return []
        return super().field_choices(field, request, model_admin)


def _is_related(field: "Field[Any, Any]") -> bool:
    return bool(field.remote_field)


FieldListFilter.register(_is_related, FewRelatedFilter, take_priority=True)
