"""How a new record stands to those that are there: same, near, contrary."""
