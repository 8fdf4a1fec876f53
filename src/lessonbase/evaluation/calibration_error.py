"""Whether a relevance means what it says: of hits with relevance 0.8, eight in ten should help."""

from collections.abc import Sequence
from typing import Final, NamedTuple

# Bins of equal width, as is usual.
BINS: Final = 10


class Bin(NamedTuple):
    """The hits whose relevance lies in one part of [0, 1]: a point of a reliability diagram."""

    least: float  # relevance; the next bin's least belongs to the next bin, 1 to the last
    relevance: float | None  # mean; none without hits
    helped: float | None  # share of them that was judged relevant
    hits: int

    def document(self) -> dict[str, float | None]:
        """For JSON, numbers rounded to four places."""
        return {
            name: None if value is None else round(value, 4)
            for name, value in self._asdict().items()
        }


def reliability(hits: Sequence[tuple[float, bool]], *, bins: int = BINS) -> tuple[Bin, ...]:
    """*hits*, each a relevance in [0, 1] and whether it was judged relevant, as a diagram.

    >>> reliability([(1.0, True), (0.5, False)], bins=2)[1]
    Bin(least=0.5, relevance=0.75, helped=0.5, hits=2)
    """
    sorted_in: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for relevance, helped in hits:
        sorted_in[min(int(relevance * bins), bins - 1)].append((relevance, helped))
    return tuple(
        Bin(
            least=number / bins,
            relevance=sum(relevance for relevance, _ in own) / len(own) if own else None,
            helped=sum(helped for _, helped in own) / len(own) if own else None,
            hits=len(own),
        )
        for number, own in enumerate(sorted_in)
    )


def expected_error(diagram: Sequence[Bin]) -> float | None:
    """Expected calibration error: how far relevance and truth lie apart in a bin, on average.

    Returns:
        A number in [0, 1], 0 at best; none if no bin has a hit.
    Source:
        Naeini, Cooper & Hauskrecht, Obtaining Well Calibrated Probabilities Using Bayesian
        Binning, AAAI 2015.

    >>> expected_error(reliability([(1.0, True), (0.5, False)], bins=2))
    0.25
    """
    count = sum(one.hits for one in diagram)
    if not count:
        return None
    apart = sum(
        one.hits * abs(one.relevance - one.helped)
        for one in diagram
        if one.relevance is not None and one.helped is not None
    )
    return apart / count
