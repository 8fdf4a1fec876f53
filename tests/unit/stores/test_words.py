"""What is found by words, to the exact record and order."""

import random
import threading
from collections.abc import Iterator

import pytest

from lessonbase.errors import StoreError
from lessonbase.stores.words import WordDocument, WordIndex

DOCUMENTS = (
    WordDocument("lock", "Migrations", "Take a lock timeout before migrating a large table."),
    WordDocument("pool", "Pools", "psycopg raised ECONNRESET; foo_bar() kept the connection."),
    WordDocument("xz", "Supply chain", "CVE-2024-3094: downgrade xz, then rebuild images."),
    WordDocument("borrow", "Rust", "error[E0382] is a moved value; clone it or borrow it."),
    WordDocument("proxy", "Proxy", "Set the timeout in /etc/nginx/nginx.conf and reload."),
    WordDocument("chroma", "Chroma", "Version 1.5.9 loses vectors, 1.5.8 does not."),
    WordDocument("tea", "Tee 茶", "Für müde Ingenieure: 熱いお茶 🍵 hilft."),
)


@pytest.fixture
def index() -> Iterator[WordIndex]:
    made = WordIndex()
    made.put(DOCUMENTS)
    yield made
    made.close()


def found(index: WordIndex, query: str, limit: int = 10) -> list[str]:
    return [hit.id for hit in index.search(query, limit)]


def test_more_words_in_common_come_first(index: WordIndex) -> None:
    """A record that shares three words beats one that shares one."""
    assert found(index, "lock timeout of a migration") == ["lock", "proxy"]


def test_scores_are_bm25() -> None:
    """One word in one of two records of equal length: idf times the saturation at length one."""
    index = WordIndex()
    index.put([WordDocument("a", "", "alpha beta"), WordDocument("b", "", "gamma delta")])

    [hit] = index.search("alpha", 5)

    # ln(1 + (2 - 1 + 0.5) / (1 + 0.5)) = ln 2, times (k1 + 1) / (1 + k1) = 1.
    assert (hit.id, hit.score) == ("a", 0.6931)


@pytest.mark.parametrize("query", ["migrate", "migrated", "Migrates", "MIGRATION", "migrations"])
def test_words_are_compared_by_their_stems(index: WordIndex, query: str) -> None:
    """Endings and case do not matter."""
    assert found(index, query) == ["lock"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ECONNRESET", "pool"),
        ("econnreset", "pool"),
        ("CVE-2024-3094", "xz"),
        ("what about cve-2024-3094?", "xz"),
        ("foo_bar()", "pool"),
        ("foo_bar", "pool"),
        ("E0382", "borrow"),
        ("error[E0382]:", "borrow"),
        ("/etc/nginx/nginx.conf", "proxy"),
        ('"/etc/nginx/nginx.conf":', "proxy"),
        ("1.5.9", "chroma"),
    ],
)
def test_codes_are_found_exactly(index: WordIndex, query: str, expected: str) -> None:
    """Codes, identifiers, paths and versions are matched whole, whatever stands around them."""
    assert found(index, query)[0] == expected


def test_a_whole_code_beats_its_pieces() -> None:
    """Records that hold the same pieces in another order are found after the one that is meant."""
    index = WordIndex()
    index.put(
        [
            WordDocument("pieces", "", "on the 5th, 9 of 1 hosts"),
            WordDocument("other", "", "chromadb 1.9.5 is out"),
            WordDocument("meant", "", "chromadb 1.5.9 is out"),
        ]
    )

    assert found(index, "chromadb 1.5.9")[:2] == ["meant", "other"]


@pytest.mark.parametrize(
    "query",
    [
        'timeout AND OR NOT "unclosed title:x ^ ~ *',
        "timeout:",
        "+timeout -nginx",
        "timeout [a TO b] {c TO d}",
        "(((timeout",
        "timeout\\",
        "/timeout/",
        "words:timeout^2",
        "timeout\x00\ud800",
    ],
)
def test_nothing_in_a_query_is_syntax(index: WordIndex, query: str) -> None:
    """Whatever a query looks like, its words are looked for and nothing is raised."""
    assert set(found(index, query)) == {"lock", "proxy"}


@pytest.mark.parametrize("query", ["", "   ", "\n\t", "?!…", "🔥", "the of and", "unheardof"])
def test_a_query_without_known_words_finds_nothing(index: WordIndex, query: str) -> None:
    """Blanks, signs, stop words and unknown words have no hits."""
    assert index.search(query, 5) == []


@pytest.mark.parametrize(
    "query", ["müde", "MUDE", "Ingenieure", "茶", "お茶をください", "🍵 hilft"]
)
def test_other_languages_are_found(index: WordIndex, query: str) -> None:
    """Accents fold, scripts without spaces go by characters, emoji do not disturb."""
    assert found(index, query) == ["tea"]


def test_at_most_limit_hits_come_back(index: WordIndex) -> None:
    """The best of them."""
    assert found(index, "lock timeout of a migration", 1) == ["lock"]


def test_ties_are_ordered_by_id() -> None:
    """Equal texts have equal scores and come in the order of their ids, however they were put."""
    index = WordIndex()
    names = [f"r{number:02}" for number in range(20)]
    random.Random(4).shuffle(names)
    for name in names:
        index.put([WordDocument(name, "Retry", "Retry with jitter.")])

    hits = index.search("retry jitter", 20)

    assert [hit.id for hit in hits] == sorted(names)
    assert len({hit.score for hit in hits}) == 1


def test_an_update_is_visible_at_once(index: WordIndex) -> None:
    """A record put again is found by its new words and no longer by the old ones."""
    index.put([WordDocument("lock", "Leases", "Renew a lease at half its life.")])

    assert found(index, "lease") == ["lock"]
    assert found(index, "migrating") == []
    assert len(index) == len(DOCUMENTS)


def test_the_last_of_one_id_in_a_batch_counts() -> None:
    """Two versions in one call leave the later."""
    index = WordIndex()
    index.put([WordDocument("a", "", "first"), WordDocument("a", "", "second")])

    assert (found(index, "first"), found(index, "second"), len(index)) == ([], ["a"], 1)


def test_deleted_records_are_gone_and_may_come_back(index: WordIndex) -> None:
    """Deleting twice, or what was never there, is no error."""
    index.delete(["lock", "lock", "never there"])
    index.delete(["lock"])
    assert found(index, "migrating") == []
    assert len(index) == len(DOCUMENTS) - 1

    index.put(DOCUMENTS[:1])

    assert found(index, "migrating") == ["lock"]
    assert len(index) == len(DOCUMENTS)


def test_a_batch_that_fails_leaves_nothing(index: WordIndex) -> None:
    """What was read before the source broke off is not indexed, then or later."""

    def broken() -> Iterator[WordDocument]:
        yield WordDocument("half", "", "halfway")
        raise LookupError("source broke off")

    with pytest.raises(LookupError, match="source broke off"):
        index.put(broken())
    index.put([WordDocument("next", "", "onwards")])

    assert found(index, "halfway onwards") == ["next"]
    assert len(index) == len(DOCUMENTS) + 1


def test_a_long_log_finds_its_rare_words(index: WordIndex) -> None:
    """Of thousands of terms the rarest are looked up, so that the one that matters is found."""
    rng = random.Random(7)
    noise = [
        " ".join("".join(rng.choices("abcdefghij", k=6)) for _ in range(12)) for _ in range(2_000)
    ]
    log = "\n".join([*noise[:1_000], "worker died: ECONNRESET in foo_bar()", *noise[1_000:]])

    assert found(index, log)[0] == "pool"


def test_searches_run_beside_a_writer() -> None:
    """Readers see all of a batch or nothing of it, and no error, while one thread writes."""
    index = WordIndex()
    size, rounds = 10, 40
    batches = [
        [WordDocument(f"r{number}", f"round{turn}", "shared") for number in range(size)]
        for turn in range(rounds)
    ]
    index.put(batches[0])
    errors: list[BaseException] = []
    sizes: set[int] = set()
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                sizes.add(len(index.search("shared", 100)))
        except BaseException as error:
            errors.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for batch in batches[1:]:
        index.put(batch)
    done.set()
    for reader in readers:
        reader.join()

    assert errors == []
    assert sizes == {size}
    assert len(index.search(f"round{rounds - 1}", 100)) == size


def test_a_closed_index_refuses(index: WordIndex) -> None:
    """Every use of it, but closing again, is a StoreError."""
    index.close()
    index.close()

    with pytest.raises(StoreError, match="the words index is closed"):
        index.search("timeout", 1)
    with pytest.raises(StoreError, match="the words index is closed"):
        index.put(DOCUMENTS)
    with pytest.raises(StoreError, match="the words index is closed"):
        index.delete(["lock"])


@pytest.mark.parametrize(
    ("query", "text", "matched"),
    [
        ("Migrated without (timeouts)!", "a timeout before migrating", ("Migrated", "timeouts")),
        ("the and of", "the and of", ()),
        ("foo_bar() failed", "call foo_bar first", ("foo_bar",)),
        ("timeout timeout", "timeout", ("timeout",)),
        ("", "anything", ()),
        ("anything", "", ()),
        ("お茶", "熱いお茶", ("お茶",)),
        ("half \ud800", "\ud800 half", ("half",)),
    ],
)
def test_matched_names_the_words_of_the_query(
    index: WordIndex, query: str, text: str, matched: tuple[str, ...]
) -> None:
    """They are given as the query writes them, once each, without the signs around them."""
    assert index.matched(query, text) == matched


@pytest.mark.parametrize("limit", [0, -1])
def test_no_hits_asked_for_are_none_given(limit: int) -> None:
    """A limit below one is answered, not a panic in the library."""
    index = WordIndex()
    index.put([WordDocument("a", "Tea", "Warm the pot.")])

    assert index.search("tea", limit=limit) == []
