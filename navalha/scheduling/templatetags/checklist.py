"""The first steps of a new shop, for whatever page shows them."""

from typing import Any

from django import template

from navalha.accounts.models import Role
from navalha.scheduling.shop import checklist

register = template.Library()


@register.inclusion_tag("scheduling/_checklist.html", takes_context=True)
def first_steps(context: Any) -> dict[str, Any]:
    """`{% first_steps %}`: what is still to do until the first booking, for those who can do it; else nothing."""
    request = context["request"]
    membership = getattr(request, "membership", None)
    shown = membership is not None and membership.role >= Role.MANAGER
    tasks = checklist.tasks(request.shop) if shown else []
    done = sum(task.is_done for task in tasks)
    return {
        "tasks": tasks,
        "done": done,
        "csrf_token": context.get("csrf_token"),
        "shop": getattr(request, "shop", None),
    }
