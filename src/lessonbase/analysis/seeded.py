"""A base that holds the seed lessons, for notebooks and whoever wants something to look at."""

from lessonbase.formats.jsonl import read
from lessonbase.formats.seed import seed_file
from lessonbase.ports import Base
from lessonbase.records import ImportReport


def seed(base: Base) -> ImportReport:
    """Load the seed lessons that came with this release, as `lessonbase init` does.

    Args:
        base: Open for someone who may import. Seed lessons that it holds already stay as they are.
    Returns:
        How many were new, and how many were there.
    Raises:
        InvalidInput: If they are missing, which means that the installation is damaged.

    Example::

        with open_base(directory, embedded=True, create=True) as base:
            seed(base)
    """
    return base.add_all(read(seed_file()).records)
