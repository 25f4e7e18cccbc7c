"""The line of who came without a time."""
