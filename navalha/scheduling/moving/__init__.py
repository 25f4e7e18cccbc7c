"""Another time, length or professional for a visit that stays the same visit."""
