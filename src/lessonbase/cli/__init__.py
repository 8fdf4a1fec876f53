"""The command line: parse, call, print. Data on stdout, talk on stderr."""

import sys


def main() -> None:
    """Run `lessonbase`; the process ends with 0, 1 (our error) or 2 (usage)."""
    from lessonbase.hook import EVENTS
    from lessonbase.hook import main as hook

    given = sys.argv[1:]
    if given[:1] == ["hook"] and given[1:2] and given[1] in EVENTS and "--help" not in given:
        # In front of every prompt somebody waits for this: nothing else is imported.
        sys.exit(hook(given[1:]))

    from lessonbase.cli.app import app
    from lessonbase.errors import InvalidFile, LessonBaseError

    try:
        app()
    except LessonBaseError as error:
        if isinstance(error, InvalidFile):
            for bad in error.bad:
                print(f"{error.path}:{bad.line}: {bad.reason}", file=sys.stderr)
        print(f"error: {error}", file=sys.stderr)
        if error.hint:
            print(f"hint: {error.hint}", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            # The reader of our output has gone (`| head`); keep Python from writing to it again.
            sys.stderr.close()
        else:
            print(f"error: {error.filename or 'the system'}: {error.strerror}", file=sys.stderr)
            print(
                "hint: check the path, its permissions, and the space on the disk", file=sys.stderr
            )
        sys.exit(1)
