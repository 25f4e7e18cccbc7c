"""How a measurement stands to its goal, in the same words in every table."""


def at_least(goal: float, measured: float, unit: str = "") -> str:
    return _said(f"at least {goal:g}{unit}", measured >= goal)


def at_most(goal: float, measured: float, unit: str = "") -> str:
    return _said(f"at most {goal:g}{unit}", measured <= goal)


def _said(goal: str, met: bool) -> str:
    return f"goal {goal}: {'met' if met else 'NOT MET'}"
