import numpy as np
import pytest

from lessonbase.analysis.naming import names
from lessonbase.analysis.terms import stem, terms

DEPLOYS = [
    ("Deploys fail on Friday", "The deploy was rolled back after the canary failed."),
    ("A deployed canary", "Deploying without a canary. The canary is what tells."),
    ("Canary first", "Deploy to the canary first and deploy again later."),
]
LOCKS = [
    ("Schema migration takes a lock", "The schema migration waited for a lock on the table."),
    ("Lock queue", "A schema migration stood in the lock queue."),
    ("Long lock", "Schema migrations hold a lock on every table."),
]


def unit(*rows: list[float]) -> np.ndarray:
    made = np.array(rows, np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


VECTORS = unit([1, 0.2], [1, 0], [1, 0.1], [0, 1], [0.1, 1], [0.3, 1])
LABELS = np.array([0, 0, 0, 1, 1, 1])


def both() -> list[list[str]]:
    return [list(own) for own in zip(*DEPLOYS, *LOCKS, strict=True)]


def test_a_name_is_what_its_records_share_and_others_lack() -> None:
    """Terms come by what tells a cluster apart; forms of a word are one, a pair stands for both."""
    deploys, locks = names(LABELS, *both(), VECTORS)

    assert deploys.name == "canary · deploy · first"[: len(deploys.name)]
    assert locks.name.split(" · ")[:2] in (
        ["lock", "schema migration"],
        ["schema migration", "lock"],
    )
    for own in (deploys, locks):
        words = [stem(word) for term in own.terms for word in term.split()]
        assert len(words) == len(set(words))


def test_the_central_record_is_the_one_most_like_the_others() -> None:
    """Of three directions the middle one is central; its place is that among all records."""
    found = names(LABELS, *both(), VECTORS)

    assert [(own.label, own.central, own.size) for own in found] == [(0, 2, 3), (1, 4, 3)]


def test_noise_has_no_name() -> None:
    """Records of no cluster are not named, and the others keep their names."""
    titles, texts = both()

    found = names(np.array([0, 0, 0, -1, -1, -1]), titles, texts, VECTORS)

    assert [own.label for own in found] == [0]
    assert names(np.full(6, -1), titles, texts, VECTORS) == []
    assert names(np.zeros(0, np.int64), [], [], np.zeros((0, 2), np.float32)) == []


def test_two_clusters_never_have_the_same_name() -> None:
    """Clusters of the same words are told apart by a number."""
    titles, texts = ["Cache fills"] * 4, ["The cache fills up."] * 4

    found = names(np.array([0, 0, 1, 1]), titles, texts, VECTORS[:4])

    assert found[1].name == f"{found[0].name} (2)"


def test_without_words_the_central_title_names_a_cluster() -> None:
    """Texts of stop words and numbers, and texts in other scripts, still get a name."""
    found = names(np.array([0, 0]), ["42", "为什么"], ["and the", "13"], VECTORS[:2])

    assert [own.name for own in found] in (["42"], ["为什么"])


def test_lengths_must_agree() -> None:
    """A title too few is refused."""
    with pytest.raises(ValueError, match="of one length"):
        names(LABELS, ["one"], ["two"], VECTORS)


@pytest.mark.parametrize(
    ("forms", "expected"),
    [
        (["deploy", "deploys", "deployed", "deploying", "deployment"], 1),
        (["migration", "migrations", "migrate", "migrated", "migrating"], 1),
        (["retry", "retries", "retried"], 1),
        (["cache", "caches", "caching"], 1),
        (["stop", "stopped", "stopping", "stops"], 1),
        (["status", "state"], 2),
        (["process", "procedure"], 2),
        (["test", "text"], 2),
    ],
)
def test_forms_of_a_word_have_one_stem(forms: list[str], expected: int) -> None:
    """Endings go, and other words stay other words."""
    assert len({stem(form) for form in forms}) == expected


def test_pairs_stand_side_by_side() -> None:
    """No pair crosses a comma, a stop word or a line; names keep their capitals."""
    found = [shown for _, shown in terms("GitHub outage, DNS\nand don't cache")]

    assert found == ["GitHub", "outage", "GitHub outage", "DNS", "cache"]
