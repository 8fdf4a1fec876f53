"""Which line an offset of a text is in."""

from bisect import bisect_right
from re import finditer


class Places:
    r"""The lines of one text.

    >>> Places("a\nb").line(2)
    2
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(found.end() for found in finditer(r"\r\n|\n|\r", text))]

    def line(self, offset: int) -> int:
        """Number of the line that *offset* is in, from 1."""
        return bisect_right(self._starts, offset)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Offsets of the lines from *first* to *last*, line ends included."""
        after = self._starts[last] if last < len(self._starts) else len(self._text)
        return self._starts[first - 1], after

    def is_blank(self, number: int) -> bool:
        """Whether the line is empty, or there is none of this number."""
        if not 1 <= number <= len(self._starts):
            return True
        return not self._text[slice(*self.span(number, number))].strip()
