"""Customers with what they came for: the pages of /clientes/."""
