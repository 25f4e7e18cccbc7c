"""The agenda's pages: day, week, one visit, and what its buttons do."""
