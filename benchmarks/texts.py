"""Real texts for load: 100,000 commit messages as lessons, and a cache of their vectors.

The texts belong to others and are not part of the project; `--texts` says where they are.
"""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from lessonbase.encoders.cached import CachedEncoder
from lessonbase.encoders.choose import make_encoder
from lessonbase.ports import Encoder
from lessonbase.records import Lesson

TEXTS: Final = Path(__file__).parents[2] / "shared" / "bench" / "scale" / "commits_100k.jsonl.gz"
CACHE: Final = Path(__file__).parents[1] / ".cache"


def lessons(count: int, source: Path = TEXTS) -> list[Lesson]:
    """The first *count* texts as lessons."""
    made = []
    with gzip.open(source, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            moment = datetime.fromtimestamp(row["metadata"]["ts"], tz=UTC)
            made.append(
                Lesson(
                    id=row["_id"],
                    title=row["title"][:300],
                    situation=row["metadata"]["area"] or row["metadata"]["repo"],
                    advice=row["text"][:60_000] or row["title"],
                    tags=(row["metadata"]["repo"],),
                    created_at=moment,
                    updated_at=moment,
                )
            )
            if len(made) == count:
                break
    return made


def encoder() -> Encoder:
    """The shipped encoder, its document vectors kept between runs."""
    return CachedEncoder(make_encoder("onnx:all-MiniLM-L6-v2"), CACHE)
