"""Visits that come back every few weeks."""
