"""Text in, vectors out: one module per way of doing it, all behind `ports.Encoder`."""
