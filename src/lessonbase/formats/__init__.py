"""Experience in files: one module per format, records out of it and back."""
