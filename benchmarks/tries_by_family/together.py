"""After the families: what gained most in them, in pairs, to see whether the gains add up."""

from dataclasses import replace
from typing import Final

from tries_by_family.bm25 import Words
from tries_by_family.ground import SHIPPED, Ground, Texts, Tries, Try
from tries_by_family.windows import Cut
from tries_by_family.words import titled

# BM25's b that gained most with the shipped k1.
LESS_B: Final = 0.5


def together(ground: Ground) -> Tries:
    """Titles as windows, titles as a field of words, less weight on length."""
    texts = Texts.of(ground.records, Cut(110, 20, title=True), ground.model)
    shipped, windows = ground.shipped, ground.way(texts)
    words = Words(ground)
    field, less = titled(ground, words, 0.5), words.scores(b=LESS_B)
    yield Try(SHIPPED, shipped.scores())
    for label, way in {
        "title a window of its own too": windows,
        "– for cosines, not for alignment": replace(windows, aligner=shipped.aligner),
        "title a field of its own, × 0.5": replace(shipped, bm25=field),
        "title a window and a field": replace(windows, bm25=field),
        f"b {LESS_B}": replace(shipped, bm25=less),
        f"title a window, b {LESS_B}": replace(windows, bm25=less),
    }.items():
        yield Try(label, way.scores())
