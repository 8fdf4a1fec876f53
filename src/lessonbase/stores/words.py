"""Records found by their words: BM25 over a tantivy index in memory, one per space.

Nothing is written to disk: the index is refilled from the ledger when a base is opened (0.4 s for
10,000 texts), so there is nothing to corrupt and nothing to erase. Bare ids and texts in, ids and
scores out; statuses, visibility and filters are decided elsewhere, over what this returns.

Scores are BM25 with k1 1.2 and b 0.75, the constants of tantivy and Lucene, which tantivy fixes.
"""

import math
import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from lessonbase.errors import StoreError
from lessonbase.ports import WordHit
from lessonbase.signature import identifiers
from lessonbase.stores.stopwords import STOP_WORDS

# Bytes the writer may fill before it flushes a segment; tantivy refuses less than 15 MB.
_WRITER_HEAP: Final = 48_000_000
# Distinct terms of a query that are looked up, the rarest kept: a log of 200 lines has about a
# thousand, and each costs about as much as a short query (benchmarks/README.md).
_MOST_TERMS: Final = 256
# Characters of a query that are read: three fields of a record at their limit.
_QUERY_LIMIT: Final = 200_000
# Bytes of the longest word kept. Longer ones are encoded data, which nobody types.
_LONGEST_WORD: Final = 80
# Decimals of a score. Sums of float32 differ in the sixth digit with the order of their terms, and
# equal texts must get equal scores.
_DECIMALS: Final = 4
# Weight of an exact match (code, path, version) beside that of a word of the same rarity.
_EXACT_WEIGHT: Final = 1.0
# Weight of words that are not indexed. Between .3 and 1 the ranking hardly changes (all tries).
_PLAIN: Final = 1.0

# A run of letters and digits is a word; of scripts written without spaces, each character.
_UNSPACED: Final = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}"
_WORD: Final = rf"[\w--[{_UNSPACED}_]]+|[{_UNSPACED}]"

# Words written as one (`weatherService`, `HTTPServer`), and where their parts meet.
_RUN: Final = re.compile(r"[A-Za-z0-9]+")
_JOINED: Final = re.compile(r"[a-z0-9][A-Z]|^[A-Z]{2,}[a-z]")
_SEAM: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

# What may stand around a word without being part of it.
_EDGES: Final = "()[]{}<>\"'`,;:.!?"

_ANALYZER: Final = "lessonbase"
_ORDINAL: Final = "ordinal"
_WORDS: Final = "words"
_EXACT: Final = "exact"


@dataclass(frozen=True, slots=True)
class WordDocument:
    """What is indexed of one record.

    Attributes:
        id: Name it is found by; putting it again replaces the old one.
        title: Its title.
        text: Everything else that words are looked for in.
    """

    id: str
    title: str
    text: str


class WordIndex:
    """BM25 over the words of records, with codes and identifiers matched to the letter.

    Safe under threads: searches run beside one another and beside a write, and see either all of a
    batch or nothing of it.

    >>> index = WordIndex()
    >>> index.put([WordDocument("a", "Migrations", "Take a lock timeout before migrating.")])
    >>> [hit.id for hit in index.search("migrated without a timeout", limit=5)]
    ['a']
    """

    def __init__(self) -> None:
        import tantivy

        self._tantivy = tantivy
        with _translated("open"):
            self._analyzer = _analyzer(tantivy)
            builder = tantivy.SchemaBuilder()
            builder.add_unsigned_field(_ORDINAL, indexed=True, fast=True)
            builder.add_text_field(_WORDS, tokenizer_name=_ANALYZER, index_option="freq")
            builder.add_text_field(_EXACT, tokenizer_name="raw", index_option="basic")
            self._schema = builder.build()
            self._index: Any = tantivy.Index(self._schema)
            # By default a watcher reloads after each commit too; meeting it, our own reload sleeps
            # 100 ms for the lock they share.
            self._index.config_reader(reload_policy="manual")
            self._index.register_tokenizer(_ANALYZER, self._analyzer)
            self._writer: Any = self._index.writer(_WRITER_HEAP, num_threads=1)
        # One query is held against the window of each of its hits.
        self._stems = lru_cache(maxsize=16)(self._stems_of)
        self._writing = threading.Lock()
        # A document keeps its ordinal when it is replaced, so that a search begun before the
        # change still knows it. Ordinals are never given twice.
        self._ordinals: dict[str, int] = {}
        self._ids: dict[int, str] = {}
        self._next = 0

    def __len__(self) -> int:
        return len(self._ordinals)

    def put(self, items: Iterable[WordDocument]) -> None:
        """Add *items*, each in place of an older one of its id; visible when this returns.

        One call is one commit, so that a batch costs little more than a single document.
        """
        with self._batch() as writer:
            fresh: dict[str, int] = {}
            for item in items:
                ordinal = self._ordinals.get(item.id, fresh.get(item.id))
                if ordinal is None:
                    ordinal = fresh[item.id] = self._next + len(fresh)
                else:
                    writer.delete_documents_by_query(self._only(ordinal))
                writer.add_document(self._document(ordinal, item))
            writer.commit()
            self._next += len(fresh)
            # Before the reload: no search may meet an ordinal it has no id for.
            self._ids.update((ordinal, name) for name, ordinal in fresh.items())
            self._ordinals.update(fresh)

    def delete(self, ids: Iterable[str]) -> None:
        """Forget the documents of *ids*; unknown ones are passed over."""
        with self._batch() as writer:
            gone = [name for name in dict.fromkeys(ids) if name in self._ordinals]
            for name in gone:
                writer.delete_documents_by_query(self._only(self._ordinals[name]))
            writer.commit()
            for name in gone:
                del self._ids[self._ordinals.pop(name)]

    def search(self, query: str, limit: int) -> list[WordHit]:
        """The documents that share words with *query*, best first, at most *limit*.

        The query is plain text: any of its words may match, and nothing in it is syntax. A word
        repeated in it counts as often.

        Args:
            query: A task, a question or a log of any length.
            limit: Most hits; below 1 there are none.
        Returns:
            Hits by falling score; equal scores by id.
        Raises:
            StoreError: If the index is closed.
        """
        self._check_open()
        if limit < 1:  # tantivy panics, past every `except`
            return []
        with _translated("search"):
            searcher = self._index.searcher()
            parsed = self._query(searcher, query)
            if parsed is None:
                return []
            found = searcher.search(parsed, limit, count=False).hits
            addresses = [address for _, address in found]
            ordinals = map(int, searcher.fast_field_values(_ORDINAL, addresses))
        hits = [
            WordHit(self._ids[ordinal], round(score, _DECIMALS))
            for (score, _), ordinal in zip(found, ordinals, strict=True)
            if ordinal in self._ids
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.id))

    def matched(self, query: str, text: str) -> tuple[str, ...]:
        """Words of *query*, as written there, that occur in *text*, stems compared."""
        known = set(self._terms(text))
        return tuple(word for word, stems in self._stems(query) if not known.isdisjoint(stems))

    def rarity(self, words: Sequence[str]) -> list[float]:
        """How much each of *words* tells: its weight in BM25, as a share of an unknown one's.

        Returns:
            Numbers in [0, 1]. A word that is not indexed by itself (a function word) counts as one
            that a third of the documents have; a compound as the mean of its parts.
        """
        self._check_open()
        with _translated("search"):
            searcher = self._index.searcher()
            unknown = _idf(searcher.num_docs, 0)
            known: dict[str, float] = {}
            for word in words:
                if word not in known:
                    stems = self._analyzer.analyze(_readable(word))
                    found = [searcher.doc_freq(_WORDS, stem) for stem in stems]
                    idf = [_idf(searcher.num_docs, bearing) for bearing in found] or [_PLAIN]
                    known[word] = min(sum(idf) / len(idf) / unknown, 1.0)
        return [known[word] for word in words]

    def close(self) -> None:
        """Let go of the memory; any later call but this one raises StoreError."""
        with self._writing:
            self._writer = self._index = None

    def _stems_of(self, query: str) -> list[tuple[str, list[str]]]:
        """The words of *query* as written, each with what it is looked up as."""
        words = dict.fromkeys(word.strip(_EDGES) for word in _readable(query).split())
        return [(word, self._terms(word)) for word in words]

    def _terms(self, text: str) -> list[str]:
        """What *text* is looked up as: its words' stems, and those of the parts of joined words."""
        text = _readable(text)
        parts = (" ".join(_SEAM.split(joined)) for joined in _joined(text))
        terms: list[str] = self._analyzer.analyze(text)
        if extra := " ".join(parts):
            terms += self._analyzer.analyze(extra)
        return terms

    def _check_open(self) -> None:
        if self._index is None:
            raise StoreError("the words index is closed")

    @contextmanager
    def _batch(self) -> Iterator[Any]:
        """The writer, for one batch: made visible at the end, or undone if it fails."""
        with self._writing:
            self._check_open()
            with _translated("write"):
                try:
                    yield self._writer
                except BaseException:
                    self._writer.rollback()
                    raise
                self._index.reload()

    def _only(self, ordinal: int) -> Any:
        """The document of *ordinal*, to delete it.

        Deleting by term takes the number for a signed one, finds nothing, and says nothing.
        """
        return self._tantivy.Query.term_query(self._schema, _ORDINAL, ordinal)

    def _document(self, ordinal: int, item: WordDocument) -> Any:
        text = f"{item.title}\n{item.text}"
        document = self._tantivy.Document()
        document.add_unsigned(_ORDINAL, ordinal)
        document.add_text(_WORDS, text)
        if joined := _joined(text):
            document.add_text(_WORDS, " ".join(" ".join(_SEAM.split(word)) for word in joined))
        for mark in identifiers(text):
            document.add_text(_EXACT, mark)
        return document

    def _query(self, searcher: Any, text: str) -> Any:
        """*text* as an OR of its terms, or None if it has none that any document has."""
        text = _readable(text)
        weights = {
            (_WORDS, word): float(count) for word, count in Counter(self._terms(text)).items()
        }
        weights.update({(_EXACT, mark): _EXACT_WEIGHT for mark in identifiers(text)})
        terms = list(weights)
        if len(terms) > _MOST_TERMS:
            frequency = {term: searcher.doc_freq(*term) for term in terms}
            terms = sorted(filter(frequency.__getitem__, terms), key=frequency.__getitem__)
        make, boost = self._tantivy.Query.term_query, self._tantivy.Query.boost_query
        should = self._tantivy.Occur.Should
        parts = [
            (should, boost(make(self._schema, *term, index_option="freq"), weights[term]))
            for term in terms[:_MOST_TERMS]
        ]
        return self._tantivy.Query.boolean_query(parts) if parts else None


def _analyzer(tantivy: Any) -> Any:
    """Text into the terms that are indexed: lower case, plain letters, English stems."""
    keep = tantivy.Filter
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(_WORD))
    for step in (
        keep.remove_long(_LONGEST_WORD),
        keep.lowercase(),
        keep.custom_stopword(list(STOP_WORDS)),
        keep.ascii_fold(),
        keep.stemmer("english"),
    ):
        builder = builder.filter(step)
    return builder.build()


def _idf(documents: int, bearing: int) -> float:
    """Robertson and Sparck Jones' weight of a term, as tantivy and Lucene compute it."""
    return math.log(1 + (documents - bearing + 0.5) / (bearing + 0.5))


def _readable(text: str) -> str:
    """As much of *text* as is read, lone surrogates replaced: tantivy takes UTF-8 only."""
    return text[:_QUERY_LIMIT].encode(errors="replace").decode()


@contextmanager
def _translated(doing: str) -> Iterator[None]:
    """Turn what tantivy raises into our own error."""
    try:
        yield
    except (ValueError, RuntimeError, OSError) as error:
        raise StoreError(f"the words index failed to {doing}: {error}") from error


def _joined(text: str) -> list[str]:
    """Words of *text* that are several written as one."""
    return [run for run in _RUN.findall(text) if _JOINED.search(run)]
