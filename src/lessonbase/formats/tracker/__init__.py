"""Exports of issue trackers: Jira, GitHub, PagerDuty, Linear, and any table by a map of columns."""

from lessonbase.formats.tracker.columns import parse_map
from lessonbase.formats.tracker.reading import matches, read

__all__ = ["matches", "parse_map", "read"]
