"""The routes under /v1: each hands its arguments to one use case."""
