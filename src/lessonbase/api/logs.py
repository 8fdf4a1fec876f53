"""Logs as lines of JSON: when, what, whose request. Never the text of a record or a task."""

import json
import logging
import sys
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

# What a line may hold beside time, level and event: see `api.gate`.
_FIELDS: Final = ("request_id", "method", "route", "status", "ms", "space", "actor")
# Size at which a log file is put aside, in bytes, and files that are kept.
_FILE_BYTES: Final = 1 << 20
_FILES: Final = 3


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        line = {
            "at": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


def configure(file: Path | None) -> None:
    """Write logs to *file*, which is kept small; none: to stderr."""
    handler: logging.Handler = (
        RotatingFileHandler(file, maxBytes=_FILE_BYTES, backupCount=_FILES, encoding="utf-8")
        if file
        else logging.StreamHandler(sys.stderr)
    )
    handler.setFormatter(_Line())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("lessonbase").setLevel(logging.INFO)
    logging.raiseExceptions = False  # a full disk is no reason to stop answering
