"""What customers answer on WhatsApp, and what that does to a visit."""
