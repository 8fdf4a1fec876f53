"""At the door of every write: secrets go, commands stay outside, trust is told."""
