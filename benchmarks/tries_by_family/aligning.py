"""Family 9: which tokens are aligned, with how many bits, and how much each counts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from lessonbase.ports import EncodedQuery, Vectors
from lessonbase.records import RECORD, windows
from lessonbase.retrieval.alignment import ALIGNED, align
from lessonbase.stores.stopwords import STOP_WORDS
from tries_by_family.ground import (
    Aligner,
    Ground,
    Look,
    Mask,
    Places,
    Row,
    Tries,
    Try,
    Way,
    stronger,
    unit,
)
from tries_by_family.tokens import (
    Tokens,
    has_word,
    is_stop_word,
    look_at,
    nearest_windows,
    tokens_of,
)

SEED: Final = Path(__file__).parents[2] / "data" / "seed_lessons.jsonl"
HEADS: Final = tuple(head for head in (10, 15, 20, 30, 50) if head != ALIGNED)
# Of what is on another scale than the shipped alignment, these multiples of its weight are tried.
MULTIPLES: Final = (0.7, 1.0, 1.4, 2.0)
# Steps of a normal distribution in four parts, and what each part is taken for (Lloyd and Max).
EDGES: Final = np.array([-0.9816, 0.0, 0.9816], np.float32)
LEVELS: Final = np.array([-1.510, -0.4528, 0.4528, 1.510], np.float32)
DIMENSIONS: Final = (32, 64, 128)

Change = Callable[[Vectors], Vectors]


def alignments(ground: Ground) -> Tries:
    """Family 9."""
    shipped = ground.shipped
    yield Try(f"shipped: best {ALIGNED}, 1 bit, 4 windows", shipped.scores())
    yield Try("no alignment", shipped.plain())
    for head in HEADS:
        yield Try(f"best {head} aligned", replace(shipped, head=head).scores())
    repeated = [ground.model.encode_query(text) for text in ground.asked]
    yield Try("repeated words count each time", ground.way(ground.texts, repeated).scores())
    for label, look in _signs(ground).items():
        yield Try(label, aligned(shipped, look).scores())
    tokens = tokens_of([text for record in ground.records for text in windows(record)])
    asked = Asked(ground)
    plain = _without(tokens, ~has_word())
    for label, change in CHANGES.items():
        look = look_at(ground, [change(one) for one in plain.vectors], asked.changed(change))
        yield from _multiples(shipped, label, look)
    for bits, kept in KEPT_BITS.items():
        look = look_at(ground, [kept(one) for one in plain.vectors], asked)
        yield from _multiples(shipped, bits, look)
    yield from _multiples(
        shipped, "floats, punctuation kept", look_at(ground, tokens.vectors, asked)
    )
    rare = _without(tokens, ~has_word() | is_stop_word())
    look = look_at(ground, rare.vectors, asked.without_stop_words())
    yield from _multiples(shipped, "floats, stop words dropped from both", look)


def aligned(way: Way, look: Look) -> Way:
    """*way* with another alignment."""
    return replace(way, aligner=Aligner(way.ground.shape, look))


def _multiples(way: Way, label: str, look: Look) -> Tries:
    """An alignment on another scale, with several weights."""
    other = aligned(way, look)
    lists = other.looked()
    for times in MULTIPLES:
        yield Try(label, replace(other, weigh=stronger(times)).scored(lists), variant=f"× {times}")


def _signs(ground: Ground) -> dict[str, Look]:
    """Alignments of the shipped signs."""

    def looked(windows_of: Callable[[int, int], Sequence[int]], *, one: bool = False) -> Look:
        def look(question: int, documents: Places) -> Row:
            texts = [
                [ground.texts.signs[i] for i in windows_of(question, document)]
                for document in documents
            ]
            if one:
                texts = [[np.concatenate(own)] for own in texts]
            return align(ground.encoded[question], np.array(ground.rarity[question]), texts)

        return look

    def every(_question: int, document: int) -> list[int]:
        span = ground.texts.span(document)
        return list(range(span.start, span.stop))

    def of_four(question: int, document: int) -> list[int]:
        return nearest_windows(ground, question, document)

    def weighed(weigh: Callable[[Row], Row], change: Change | None = None) -> Look:
        def look(question: int, documents: Places) -> Row:
            vector, tokens, words = ground.encoded[question]
            query = EncodedQuery(vector, change(tokens) if change else tokens, words)
            texts = [[ground.texts.signs[i] for i in of_four(question, one)] for one in documents]
            return align(query, weigh(np.array(ground.rarity[question])), texts)

        return look

    return {
        "nearest window only": looked(lambda question, one: of_four(question, one)[:1]),
        "all windows": looked(every),
        "the four windows as one": looked(of_four, one=True),
        "all words alike": weighed(np.ones_like),
        "rarity squared": weighed(np.square),
        "1 bit of the question too": weighed(lambda rarity: rarity, _one_bit),
    }


@dataclass(frozen=True)
class Asked:
    """What is aligned of a question: the vectors of its word pieces, and their rarity."""

    ground: Ground
    change: Change | None = None
    stop_words: bool = True

    def __call__(self, question: int) -> tuple[Vectors, Row]:
        """Tokens and weights of a question."""
        _, tokens, words = self.ground.encoded[question]
        weights = np.array(self.ground.rarity[question])
        if not self.stop_words:
            weights = weights * [word.lower() not in STOP_WORDS for word in words]
        return self.change(tokens) if self.change else tokens, weights

    def changed(self, change: Change) -> "Asked":
        """With the tokens as *change* makes them."""
        return replace(self, change=change)

    def without_stop_words(self) -> "Asked":
        """With no weight on stop words."""
        return replace(self, stop_words=False)


def _without(tokens: Tokens, dropped: Mask) -> Tokens:
    kept = [~dropped[ids] for ids in tokens.ids]
    return Tokens(
        [vectors[own] for vectors, own in zip(tokens.vectors, kept, strict=True)],
        [ids[own] for ids, own in zip(tokens.ids, kept, strict=True)],
    )


@cache
def _seed() -> Vectors:
    """Tokens of the shipped seed, from which a mean and main directions are taken: of no set."""
    lines = SEED.read_text(encoding="utf-8").splitlines()
    texts = [text for line in lines for text in windows(RECORD.validate_json(line))]
    return np.concatenate(tokens_of(texts).vectors)


@cache
def _directions() -> Vectors:
    """Main directions of the seed's tokens, the greatest first, as columns."""
    found: Vectors = np.linalg.eigh(_seed().T @ _seed())[1][:, ::-1]
    return found


def _projected(dimensions: int) -> Change:
    return lambda tokens: unit(tokens @ _directions()[:, :dimensions])


def _centred(tokens: Vectors) -> Vectors:
    return unit(tokens - _seed().mean(axis=0))


def _one_bit(tokens: Vectors) -> Vectors:
    signs: Vectors = (np.sign(tokens) / np.sqrt(tokens.shape[-1])).astype(np.float32)
    return signs


def _two_bits(tokens: Vectors) -> Vectors:
    spread = tokens.std(axis=-1, keepdims=True)
    found: Vectors = LEVELS[np.digitize(tokens / spread, EDGES)] * spread
    return found


def _four_bits(tokens: Vectors) -> Vectors:
    spread = tokens.std(axis=-1, keepdims=True)
    steps = np.clip(np.round(tokens / spread * 2.5), -8, 7)
    found: Vectors = (steps / 2.5 * spread).astype(np.float32)
    return found


def _eight_bits(tokens: Vectors) -> Vectors:
    found: Vectors = (np.round(tokens * 127) / 127).astype(np.float32)
    return found


# What is done to the tokens of question and documents alike.
CHANGES: Final[dict[str, Change]] = {
    "floats": lambda tokens: tokens,
    "floats, centred": _centred,
    **{f"floats, first {one} main directions": _projected(one) for one in DIMENSIONS},
}
# What is done to those of documents alone.
KEPT_BITS: Final[dict[str, Change]] = {
    "8 bits": _eight_bits,
    "4 bits": _four_bits,
    "2 bits": _two_bits,
    "1 bit, as shipped": _one_bit,
}
