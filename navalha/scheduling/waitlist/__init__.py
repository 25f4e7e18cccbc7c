"""Who wants a time that is taken, and the times that are offered to them."""
