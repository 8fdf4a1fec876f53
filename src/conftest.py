"""What of the package is not looked through for examples."""

from importlib.util import find_spec

# The analysis has an extra of its own, which `make check` installs and `make test` does not.
collect_ignore = [] if find_spec("umap") else ["lessonbase/analysis"]
