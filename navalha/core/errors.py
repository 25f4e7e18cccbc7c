"""Errors whose owner is the person at the screen."""


class Refused(Exception):
    """A command that cannot be carried out; `str()` is a full Portuguese sentence that says what to do."""
