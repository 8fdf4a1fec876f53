"""The extra `analysis`: what is said when one of its packages is needed and absent."""

from collections.abc import Iterator
from contextlib import contextmanager

from lessonbase.errors import MissingExtra


@contextmanager
def needs_extra(purpose: str) -> Iterator[None]:
    """Imports of the extra's packages belong inside this block.

    Raises:
        MissingExtra: If a module that the block imports is not installed.

    >>> with needs_extra("a walk"):
    ...     import no_such_package
    Traceback (most recent call last):
    ...
    lessonbase.errors.MissingExtra: a walk needs the extra [analysis]
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtra(extra="analysis", purpose=purpose) from error
