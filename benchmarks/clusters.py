"""Clusters of real experience: how stable, how apart, how coherent, under which names.

    python benchmarks/clusters.py                  # quality, beside other ways of clustering
    python benchmarks/clusters.py --scale 100000   # time and memory

The records are 1,252 soul passages, agent rules and post-mortems of others, and the seed lessons.
One random half was in view when parameters were chosen (`tuned`), the other was not (`unseen`); the
names are of all. `coherence` is how often the telling words of a cluster stand in the same record
(normalised pointwise mutual information): it knows nothing of vectors.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import numpy as np
from measuring import RESULTS, write
from texts import CACHE, encoder, lessons

from lessonbase.analysis.clusters import NOISE, Labels, cluster
from lessonbase.analysis.naming import names
from lessonbase.analysis.neighbours import neighbourhood, principal
from lessonbase.analysis.projection import project, reduced
from lessonbase.analysis.quality import silhouette, stability
from lessonbase.ports import Vectors
from lessonbase.records import Document, Record, windows
from lessonbase.records.kinds import RECORD

WILD: Final = Path(__file__).parents[2] / "shared" / "bench" / "scale" / "wild.jsonl"
SEED_LESSONS: Final = Path(__file__).parents[1] / "data" / "seed_lessons.jsonl"
# Of the halves: the seed that everything else has, too.
SEED: Final = 13
DRAWS: Final = 10
# Telling words of a cluster whose company is looked at.
TOP_WORDS: Final = 8

Way = Callable[[Vectors], Labels]


@dataclass(frozen=True)
class Texts:
    """Records as the analysis sees them."""

    titles: list[str]
    texts: list[str]
    vectors: Vectors

    def only(self, places: Labels) -> "Texts":
        """The records at *places*."""
        titles, texts = ([own[i] for i in places] for own in (self.titles, self.texts))
        return Texts(titles, texts, self.vectors[places])


def main() -> None:
    """Measure quality, or what a size costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, help="time and memory with so many commit messages")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of encoded vectors")
    parser.add_argument("--measured", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measured:
        print(json.dumps(_stages(options.measured, options.scale)))
    elif options.scale:
        _keep(scale=_scale(options.scale, options.cache))
    else:
        _keep(**_quality())


def _keep(**found: Any) -> None:
    """Write what was found beside what the other mode found before."""
    path = RESULTS / "clusters.json"
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    kept = {name: before[name] for name in ("halves", "ways", "scale") if name in before}
    write("clusters", found.pop("rows", before.get("rows", [])), **{**kept, **found})


def _quality() -> dict[str, Any]:
    everything = _experience()
    order = np.random.default_rng(SEED).permutation(len(everything.titles))
    tuned, unseen = (np.sort(part) for part in np.array_split(order, [len(order) // 2]))
    parts = {
        "tuned": everything.only(tuned),
        "unseen": everything.only(unseen),
        "all": everything,
    }
    halves = {name: _figures(_ours, part) for name, part in parts.items()}
    count = halves["unseen"]["clusters"]
    ways = {name: _figures(way, parts["unseen"]) for name, way in _ways(count).items()}
    return {"rows": _named(everything), "halves": halves, "ways": ways}


def _experience() -> Texts:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    rows = map(json.loads, WILD.read_text(encoding="utf-8").splitlines())
    records: list[Record] = [
        Document(
            id=row["_id"],
            title=row["title"],
            text=row["text"],
            created_at=moment,
            updated_at=moment,
        )
        for row in rows
    ]
    records += map(RECORD.validate_json, SEED_LESSONS.read_text(encoding="utf-8").splitlines())
    texts = ["\n".join(windows(record)) for record in records]
    return Texts([record.title for record in records], texts, _vectors(records))


def _vectors(records: list[Record]) -> Vectors:
    """A vector a record, as a base gives them: the mean of its windows', at unit length."""
    cut = [windows(record) for record in records]
    flat = [window for own in cut for window in own]
    made = encoder().encode_documents(flat).vectors.astype(np.float64)
    starts = np.cumsum([0, *(len(own) for own in cut[:-1])])
    sums = np.add.reduceat(made, starts, axis=0)
    return np.asarray(sums / np.linalg.norm(sums, axis=1, keepdims=True), np.float32)


def _ours(vectors: Vectors) -> Labels:
    return cluster(vectors, seed=SEED).labels


def _ways(count: int) -> dict[str, Way]:
    """Other ways; those that must be told get as many clusters as ours found."""
    from sklearn.cluster import HDBSCAN, AgglomerativeClustering, KMeans

    def dense(places: Any, how: str, size: int = 8) -> Labels:
        found = HDBSCAN(min_cluster_size=size, cluster_selection_method=how, copy=True)
        return np.asarray(found.fit(places).labels_, np.int64)

    def laid_out(vectors: Vectors) -> Any:
        return reduced(neighbourhood(vectors), 5, seed=SEED, distance=0.0)

    average = {"metric": "cosine", "linkage": "average"}
    return {
        "ours": _ours,
        "UMAP, HDBSCAN (eom)": lambda own: dense(laid_out(own), "eom"),
        "UMAP, HDBSCAN (leaf)": lambda own: dense(laid_out(own), "leaf"),
        "HDBSCAN on the vectors": lambda own: dense(own, "leaf", 5),
        "PCA to 5, HDBSCAN": lambda own: dense(principal(own, 5), "leaf"),
        "PCA to 50, HDBSCAN": lambda own: dense(principal(own), "leaf", 5),
        "k-means": lambda own: KMeans(count, n_init=5, random_state=SEED).fit_predict(own),
        "agglomerative, Ward": lambda own: AgglomerativeClustering(count).fit_predict(own),
        "agglomerative, cosine": lambda own: AgglomerativeClustering(count, **average).fit_predict(
            own
        ),
    }


def _figures(way: Way, part: Texts) -> dict[str, Any]:
    labels = np.asarray(way(part.vectors), np.int64)
    found = stability(part.vectors, draws=DRAWS, seed=SEED, labels=labels, by=way)
    return {
        "records": len(labels),
        "clusters": int(labels.max()) + 1,
        "largest": round(float(np.bincount(labels + 1)[1:].max(initial=0) / len(labels)), 3),
        "noise": round(float(np.mean(labels == NOISE)), 3),
        "rand": round(found.mean, 3),
        "rand_spread": round(found.spread, 3),
        "rand_without_noise": round(found.mean_without_noise, 3),
        "noise_agreement": round(float(found.noise_agreement.mean()), 3),
        "overlap": round(float(found.clusters.mean()), 3) if len(found.clusters) else None,
        "trusted": int((found.clusters >= 0.75).sum()),
        "silhouette": round(silhouette(part.vectors, labels), 3),
        "coherence": round(_coherence(part.texts, labels), 3),
    }


def _coherence(texts: list[str], labels: Labels) -> float:
    """Mean over clusters of the NPMI of their telling words; Bouma, GSCL 2009."""
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(
        stop_words="english",
        min_df=3,
        binary=True,
        token_pattern=r"[a-z]{3,}",  # noqa: S106
    )
    has = counter.fit_transform(texts)
    everywhere = np.asarray(has.sum(axis=0)).ravel()
    means = []
    for label in range(int(labels.max()) + 1):
        inside = np.asarray(has[labels == label].mean(axis=0)).ravel()
        top = np.argsort(-inside * np.log1p(len(texts) / everywhere), kind="stable")[:TOP_WORDS]
        shares = (has[:, top].T @ has[:, top]).toarray() / len(texts)
        means.append(np.mean([_npmi(shares, *pair) for pair in combinations(range(len(top)), 2)]))
    return float(np.mean(means)) if means else float("nan")


def _npmi(shares: Any, one: int, other: int) -> float:
    both = shares[one, other]
    if not both:
        return -1.0
    return float(np.log(both / shares[one, one] / shares[other, other]) / -np.log(both))


def _named(part: Texts) -> list[dict[str, Any]]:
    labels = _ours(part.vectors)
    found = stability(part.vectors, draws=DRAWS, seed=SEED, labels=labels)
    made = names(labels, part.titles, part.texts, part.vectors)
    return [
        {
            "size": own.size,
            "name": own.name,
            "stability": round(float(found.clusters[own.label]), 2),
        }
        for own in made
    ]


def _scale(count: int, cache: Path) -> dict[str, Any]:
    """What clustering *count* commit messages costs, in a process that does nothing else."""
    kept = cache / f"commits-{count}.npy"
    encoded_s = 0.0
    if not kept.exists():
        started = time.perf_counter()
        cache.mkdir(parents=True, exist_ok=True)
        np.save(kept, _vectors(list(lessons(count))))
        encoded_s = round(time.perf_counter() - started, 1)
    command = [sys.executable, __file__, "--measured", str(kept), "--scale", str(count)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    return {"records": count, "encoded_s": encoded_s or "kept before", **json.loads(ran.stdout)}


def _stages(kept: Path, count: int) -> dict[str, Any]:
    """Seconds of each stage, and the most memory so far after it."""
    vectors = np.load(kept)
    told: dict[str, Any] = {}
    started = time.perf_counter()

    def stage(name: str, call: Callable[[], Any]) -> Any:
        before = time.perf_counter()
        done = call()
        peak_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        told[name] = {
            "s": round(time.perf_counter() - before, 1),
            "peak_gib": round(peak_gib, 2),
        }
        return done

    near = stage("neighbours", partial(neighbourhood, vectors))
    found = stage("clusters", partial(cluster, vectors, seed=SEED, near=near))
    told["clustered_s"] = round(time.perf_counter() - started, 1)
    stage("map", partial(project, vectors, seed=SEED, near=near))
    records = lessons(count)
    titles, texts = [one.title for one in records], [one.advice for one in records]
    made = stage("names", partial(names, found.labels, titles, texts, vectors))
    told["clusters_found"] = found.count
    told["noise"] = round(found.noise, 3)
    told["silhouette"] = round(silhouette(vectors, found.labels), 3)
    told["largest"] = [f"{own.size}: {own.name}" for own in made[:10]]
    return told


if __name__ == "__main__":
    main()
