"""Visits in the calendar of a phone."""
