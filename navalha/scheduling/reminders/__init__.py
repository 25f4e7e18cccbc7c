"""Reminders of coming visits, and the question how it was afterwards."""
