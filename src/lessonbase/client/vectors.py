"""Vectors as they come from an owner: a line of JSON for a batch, its numbers in base64."""

import base64
import json

import numpy as np

from lessonbase.ports import RecordVectors


def read_batch(line: str) -> RecordVectors:
    """The batch in one *line*: the opposite of `api.routes.study`."""
    batch = json.loads(line)
    numbers = np.frombuffer(base64.b64decode(batch["vectors"]), dtype="<f4")
    return RecordVectors(tuple(batch["ids"]), numbers.reshape(len(batch["ids"]), -1))
