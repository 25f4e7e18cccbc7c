"""What a shop offers, who works there, its rules and its looks; how a new one begins."""
