"""Does a record try to command its reader? What is hidden goes, orders stay outside."""

from lessonbase.guard.screening.batch import suspicious_batch
from lessonbase.guard.screening.found import Decision, Found, Screened
from lessonbase.guard.screening.judging import screen, screen_text

__all__ = ["Decision", "Found", "Screened", "screen", "screen_text", "suspicious_batch"]
