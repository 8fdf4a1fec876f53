"""Names for clusters: the terms that set one apart, and the record in its middle."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lessonbase.analysis.clusters import NOISE, Labels
from lessonbase.analysis.extra import needs_extra
from lessonbase.analysis.terms import terms
from lessonbase.ports import Vectors

# Terms kept of a cluster, and how many of them make its label.
TERMS: Final = 8
LABEL_TERMS: Final = 3
# A pair of words stands for each of its words that occurs hardly more often than the pair.
PAIR_SHARE: Final = 0.5
# Least share of a cluster's records that have a term, if there are terms that so many have.
SUPPORT: Final = 0.12
# Records of a cluster whose writing of a term is asked for.
SPELLING_SAMPLE: Final = 300


@dataclass(frozen=True, slots=True)
class Name:
    """What a cluster is called."""

    label: int
    name: str  # "schema migration · rollback · lock": no other cluster's
    terms: tuple[str, ...]  # up to 8, most telling first
    central: int  # place of its most central record among all records
    size: int  # records in it


def names(
    labels: Labels, titles: Sequence[str], texts: Sequence[str], vectors: Vectors
) -> list[Name]:
    """Name every cluster, in the order of its label; noise gets no name.

    A term counts once a record, in title or text. It tells the more of a cluster, the more of its
    records have it and the fewer of the other clusters'.

    Args:
        labels: (n,), -1 for noise, whose records count as one more cluster to be set apart from.
        titles: Of each record.
        texts: Of each record; its first 300 words are read.
        vectors: (n, dimension) float32, rows of unit length.
    Raises:
        ValueError: If the lengths differ.
        MissingExtra: If scikit-learn is not installed.
    Source:
        Class-based TF-IDF: Grootendorst, arXiv:2203.05794; here with shares of records in place of
        counts of words, so that neither long texts nor large clusters weigh more.
    """
    if not len(labels) == len(titles) == len(texts) == len(vectors):
        raise ValueError("labels, titles, texts and vectors must be of one length")
    whole = [f"{title}\n{text}" for title, text in zip(titles, texts, strict=True)]
    groups = [np.flatnonzero(labels == label) for label in range(labels.max(initial=NOISE) + 1)]
    if not groups:
        return []
    ranked = _ranked(whole, labels, groups)
    found = [
        tuple(_spelled(_apart(stems), [whole[i] for i in group[:SPELLING_SAMPLE]]))
        or (titles[_central(vectors, group)] or "untitled",)
        for stems, group in zip(ranked, groups, strict=True)
    ]
    return [
        Name(label, name, own, _central(vectors, group), len(group))
        for label, (name, own, group) in enumerate(
            zip(_distinct(found), found, groups, strict=True)
        )
    ]


def _ranked(
    texts: Sequence[str], labels: Labels, groups: Sequence[NDArray[np.int64]]
) -> Iterator[list[tuple[str, float]]]:
    """Of each cluster its most telling stems with the share of its records that have them."""
    with needs_extra("naming clusters"):
        from sklearn.feature_extraction.text import CountVectorizer
    # Of one record alone a term says nothing about a cluster.
    counter = CountVectorizer(analyzer=_stems, binary=True, dtype=np.float32, min_df=2)
    try:
        has = counter.fit_transform(texts)
    except ValueError:  # no term is in two texts
        yield from ([] for _ in groups)
        return
    vocabulary = counter.get_feature_names_out()

    def shares(part: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.asarray(has[part].mean(axis=0), np.float64).ravel()

    noise = np.flatnonzero(labels == NOISE)
    everywhere = np.zeros(len(vocabulary))
    for part in (*groups, noise):
        everywhere += shares(part) if len(part) else 0
    for group in groups:
        row = shares(group)
        places = np.flatnonzero(row > 1.5 / len(group))
        # What few of its records say comes last.
        scores = row[places] * np.log1p(1 / everywhere[places]) + (row[places] >= SUPPORT)
        best = places[np.argsort(-scores, kind="stable")[: 8 * TERMS]]
        yield [(str(vocabulary[place]), float(row[place])) for place in best]


def _stems(text: str) -> set[str]:
    return {stem for stem, _ in terms(text)}


def _apart(ranked: Sequence[tuple[str, float]]) -> list[str]:
    """The first of *ranked* that share no word, pairs in place of the words they explain."""
    pairs = {stem: share for stem, share in ranked if " " in stem}
    chosen: list[str] = []
    used: set[str] = set()
    for stem, share in ranked:
        within = [pair for pair in pairs if stem in pair.split()]
        best = max(within, key=lambda pair: pairs[pair], default=stem)
        term = best if best in pairs and pairs[best] >= PAIR_SHARE * share else stem
        if used.isdisjoint(term.split()):
            chosen.append(term)
            used.update(term.split())
        if len(chosen) == TERMS:
            break
    return chosen


def _spelled(stems: Sequence[str], texts: Sequence[str]) -> Iterator[str]:
    """Each stem as *texts* mostly write it."""
    wanted = set(stems)
    written: dict[str, Counter[str]] = {stem: Counter() for stem in stems}
    for text in texts:
        for stem, shown in terms(text):
            if stem in wanted:
                written[stem][shown] += 1
    for stem in stems:
        if written[stem]:
            yield written[stem].most_common(1)[0][0]


def _distinct(found: Sequence[tuple[str, ...]]) -> list[str]:
    """A name of three terms for each; of more, or with a number, where two would be the same."""
    made: list[str] = []
    for own in found:
        longer = (" · ".join(own[:count]) for count in range(LABEL_TERMS, len(own) + 1))
        short = " · ".join(own[:LABEL_TERMS])
        numbered = (f"{short} ({number})" for number in range(2, len(found) + 2))
        made.append(next(name for name in (short, *longer, *numbered) if name not in made))
    return made


def _central(vectors: Vectors, group: NDArray[np.int64]) -> int:
    """The record of largest cosine with all others of its group on average."""
    inside = vectors[group].astype(np.float64)
    return int(group[np.argmax(inside @ inside.sum(axis=0))])
