"""When a shop is open, and who is away."""
