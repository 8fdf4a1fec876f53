"""Where things are kept: the ledger, which is the truth, and the indexes, which follow it."""
