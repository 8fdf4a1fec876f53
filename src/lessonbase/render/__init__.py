"""What a base answers as text for a terminal or a channel; for a model's prompt see `prompt`."""

from lessonbase.render.incidents import (
    by_month,
    closed_text,
    incident_markdown,
    incident_text,
    times_text,
)
from lessonbase.render.records import (
    also_said_by,
    body_lines,
    briefing_text,
    contradictions,
    explanation,
    history_text,
    main_text,
    one_line,
    own_fields,
    ranks_text,
    record_text,
    records_text,
    results_text,
    titles_of,
)

__all__ = [
    "also_said_by",
    "body_lines",
    "briefing_text",
    "by_month",
    "closed_text",
    "contradictions",
    "explanation",
    "history_text",
    "incident_markdown",
    "incident_text",
    "main_text",
    "one_line",
    "own_fields",
    "ranks_text",
    "record_text",
    "records_text",
    "results_text",
    "times_text",
    "titles_of",
]
