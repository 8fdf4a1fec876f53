"""Where the seed lessons are: inside an installed package, or in the project they are edited in."""

from pathlib import Path
from typing import Final

from lessonbase.errors import InvalidInput

_NAME: Final = "seed_lessons.jsonl"


def seed_file() -> Path:
    """The file of seed lessons that came with this release.

    Raises:
        InvalidInput: If it is not there, which means that the installation is damaged.
    """
    package = Path(__file__).parents[1]
    for place in (package / "data" / _NAME, package.parents[1] / "data" / _NAME):
        if place.is_file():
            return place
    raise InvalidInput("the seed lessons are missing", hint="install LessonBase again")
