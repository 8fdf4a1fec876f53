"""A base over HTTP: the API under /v1, and the page at /. Translates; decides nothing."""
