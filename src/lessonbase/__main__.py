"""`python -m lessonbase`: the command line."""

from lessonbase.cli import main

main()
