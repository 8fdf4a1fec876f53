"""All that was tried for the ranking, a module per family; `tries.py` runs them."""
