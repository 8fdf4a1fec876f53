"""Place records on the map: a stream of `placing.pack` on stdin, JSON on stdout.

    python -m lessonbase.analysis < records.npz > placed.json

Exits with 1 and a line on stderr if the stream cannot be read or a package is absent.
"""

import sys

from lessonbase.analysis.placing import place, unpack
from lessonbase.errors import LessonBaseError


def main() -> int:
    """Read, place, print."""
    try:
        placed = place(*unpack(sys.stdin.buffer.read()))
    except (ValueError, LessonBaseError) as error:
        print(error, file=sys.stderr)
        return 1
    print(placed.to_json())
    return 0


if __name__ == "__main__":
    sys.exit(main())
