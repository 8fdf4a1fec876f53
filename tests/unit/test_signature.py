"""What is read out of stack traces, events, logs and alerts, and what is not read into prose."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonbase.records import Signature, signature_terms
from lessonbase.signature import extract, identifiers

# (text, field, all marks of that field)
MARKS: list[tuple[str, str, tuple[str, ...]]] = [
    # Errno, resolvers, package managers
    ("upload broke off: read ECONNRESET after 30 s", "codes", ("ECONNRESET",)),
    ("Error: connect ECONNREFUSED 10.1.4.7:5432", "codes", ("ECONNREFUSED",)),
    ("OSError: [Errno 28] No space left on device", "codes", ("ENOSPC",)),
    ("socket.error, errno=110, giving up", "codes", ("ETIMEDOUT",)),
    ("*4 connect() failed (111: Connection refused) upstream", "codes", ("ECONNREFUSED",)),
    ("npm ERR! code ERESOLVE\nnpm ERR! unable to resolve tree", "codes", ("ERESOLVE",)),
    ("getaddrinfo ENOTFOUND db.internal", "codes", ("ENOTFOUND",)),
    ('{"level":"error","code":"EADDRINUSE","port":8080}', "codes", ("EADDRINUSE",)),
    ("lookup of the shard answers NXDOMAIN since noon", "codes", ("NXDOMAIN",)),
    # Codes by their shape
    ("error[E0382]: borrow of moved value: `basket`", "codes", ("E0382",)),
    ("src/cart.ts(14,9): error TS2345: Argument of type", "codes", ("TS2345",)),
    ("ORA-00060: deadlock detected while waiting for resource", "codes", ("ORA-00060",)),
    ("Error [ERR_MODULE_NOT_FOUND]: Cannot find it", "codes", ("ERR_MODULE_NOT_FOUND",)),
    ("the page shows net::ERR_CONNECTION_RESET", "codes", ("ERR_CONNECTION_RESET",)),
    ("installer ends with 0x80070005 as another user", "codes", ("0x80070005",)),
    ("access violation 0XC0000005 in the driver", "codes", ("0xC0000005",)),
    ("ssl: CERTIFICATE_VERIFY_FAILED behind the proxy", "codes", ("CERTIFICATE_VERIFY_FAILED",)),
    ("E11000 duplicate key error collection: shop.users", "codes", ("E11000",)),
    ("kernel launch: CUDA_ERROR_OUT_OF_MEMORY", "codes", ("CUDA_ERROR_OUT_OF_MEMORY",)),
    ("WRONGTYPE Operation against a key", "codes", ("WRONGTYPE",)),
    ("fatal error LNK1120: 2 unresolved externals", "codes", ("LNK1120",)),
    # Codes by the words before them
    ("ERROR: deadlock detected (SQLSTATE 40P01)", "codes", ("SQLSTATE 40P01",)),
    ("SQLSTATE[42S02]: Base table or view not found", "codes", ("SQLSTATE 42S02",)),
    ("container ended with exit code 137", "codes", ("exit 137",)),
    ("Process exited with status 1.", "codes", ("exit 1",)),
    ("Last State: Terminated, Exit Code: 143", "codes", ("exit 143",)),
    ("worker-3   Exited (139) 2 minutes ago", "codes", ("exit 139",)),
    ("Command '['make']' returned non-zero exit status 2.", "codes", ("exit 2",)),
    ("ERROR 1045 (28000): Access denied", "codes", ("SQLSTATE 28000", "error 1045")),
    ('OperationalError: (2006, "server has gone away")', "codes", ("error 2006",)),
    ("Msg 1205, Level 13, State 51: chosen as victim", "codes", ("Msg 1205",)),
    ("rpc error: code = Unavailable desc = no healthy upstream", "codes", ("UNAVAILABLE",)),
    ("ruff complains about F401 and SIM105", "codes", ("F401", "SIM105")),
    # Kubernetes
    ("pod is in CrashLoopBackOff since the rollout", "codes", ("CrashLoopBackOff",)),
    ("Failed: ErrImagePull, then ImagePullBackOff", "codes", ("ErrImagePull", "ImagePullBackOff")),
    ("Warning  FailedScheduling  0/6 nodes are available", "codes", ("FailedScheduling",)),
    ("CreateContainerConfigError: secret not found", "codes", ("CreateContainerConfigError",)),
    # Exceptions
    ("KeyError: 'user_id'", "exceptions", ("KeyError",)),
    (
        "Traceback (most recent call last):\n"
        '  File "/srv/app/cart.py", line 12, in total\n'
        "sqlalchemy.exc.OperationalError: server closed the connection",
        "exceptions",
        ("OperationalError",),
    ),
    (
        "java.lang.IllegalStateException: pool is shut\n\tat com.acme.Pool.get(Pool.java:88)\n"
        "Caused by: java.net.SocketTimeoutException: Read timed out",
        "exceptions",
        ("IllegalStateException", "SocketTimeoutException"),
    ),
    ("Uncaught (in promise) TypeError: x is undefined", "exceptions", ("TypeError",)),
    ("we swallow KeyErrors everywhere", "exceptions", ("KeyError",)),
    ("System.NullReferenceException: Object reference", "exceptions", ("NullReferenceException",)),
    ("thread 'main' panicked at src/main.rs:4:5:\nboom", "exceptions", ("panic",)),
    (
        "panic: runtime error: index out of range [5] with length 3\n\ngoroutine 1 [running]:",
        "exceptions",
        ("panic", "index out of range"),
    ),
    ("Get: context deadline exceeded", "exceptions", ("context deadline exceeded",)),
    ("*net.OpError: dial tcp", "exceptions", ("OpError",)),
    ("returns redis.ErrClosed, sql.ErrNoRows", "exceptions", ("ErrClosed", "ErrNoRows")),
    ("terminate called after throwing std::bad_alloc", "exceptions", ("std::bad_alloc",)),
    ("(psycopg2.errors.UniqueViolation) duplicate", "exceptions", ("UniqueViolation",)),
    ("asyncio: KeyboardInterrupt while closing", "exceptions", ("KeyboardInterrupt",)),
    ("requests.exceptions.ReadTimeout after 5 s", "exceptions", ("ReadTimeout",)),
    # HTTP statuses
    ("503 Service Unavailable", "statuses", ("503",)),
    ("we ran into HTTP 429 at the gateway", "statuses", ("429",)),
    ("Request failed with status code 502", "statuses", ("502",)),
    ("status code: 502, retrying", "statuses", ("502",)),
    (
        '10.2.3.4 - - [10/Oct/2025:13:55:36 +0000] "GET /cart HTTP/1.1" 504 157 "-" "curl"',
        "statuses",
        ("504",),
    ),
    ('{"status":500,"took":404}', "statuses", ("500",)),
    ("the probe returned a 503.", "statuses", ("503",)),
    ("clients see intermittent 502s", "statuses", ("502",)),
    ("5xx rate over 2 % for ten minutes", "statuses", ("5xx",)),
    ("HTTP/2 403, then HTTP status 401", "statuses", ("403", "401")),
    ("a burst of 404 errors on the assets", "statuses", ("404",)),
    ("upstream responded with 499 from the edge", "statuses", ("499",)),
    ("http_status=302 Location: /login", "statuses", ("302",)),
    # Signals
    ("Killed by SIGKILL", "signals", ("SIGKILL",)),
    ("Last State: OOMKilled", "signals", ("OOMKilled",)),
    ("terminated by signal 9", "signals", ("SIGKILL",)),
    ("Segmentation fault (core dumped)", "signals", ("SIGSEGV",)),
    ("oom-kill: Out of memory: Killed process 4211 (python)", "signals", ("OOMKilled",)),
    ("signal: killed", "signals", ("SIGKILL",)),
    # CVEs
    ("patch cve-2024-3094 and CVE-2021-44228 now", "cves", ("CVE-2024-3094", "CVE-2021-44228")),
    # Services
    ("PostgreSQL behind PgBouncer refuses", "services", ("postgres", "pgbouncer")),
    ("our k8s cluster lost etcd quorum", "services", ("kubernetes", "etcd")),
    ("payments-api cannot reach orders-db", "services", ("payments-api", "orders-db")),
    ("kubectl logs svc/checkout", "services", ("checkout",)),
    ("dial http://cart.shop.svc.cluster.local:8080/live", "services", ("cart",)),
    ("pod payments-api-7c9d8b6f5d-x2x4z restarted", "services", ("payments-api",)),
    ("kubectl rollout undo deployment.apps/web", "services", ("web",)),
    ("the Vault agent and the Spark executors", "services", ("vault", "spark")),
    ("an AWS Lambda behind Apache Airflow", "services", ("lambda", "airflow")),
    # Versions
    ("chromadb 1.5.9 loses vectors", "versions", ("chromadb 1.5.9",)),
    ("on Python 3.11 and Ubuntu 22.04", "versions", ("python 3.11", "ubuntu 22.04")),
    ("rolled back to v2.3.1", "versions", ("v2.3.1",)),
    ("pip install numpy==1.26.4 pandas>=2.2", "versions", ("numpy 1.26.4", "pandas 2.2")),
    ("image redis:7.2-alpine, nginx/1.25.3", "versions", ("redis 7.2", "nginx 1.25.3")),
    ("upgraded postgres 15 to 16", "versions", ("postgres 15",)),
    ("left-pad@1.3.0 was pulled", "versions", ("left-pad 1.3.0",)),
    ("since version 4.18.2 of it", "versions", ("v4.18.2",)),
    ("installs foolib-0.9.1rc2.tar.gz", "versions", ("foolib 0.9.1rc2",)),
    # Identifiers
    ("call foo_bar() before maxRetries is read", "identifiers", ("foo_bar", "maxRetries")),
    ("edit /etc/nginx/my.conf, src/app.py", "identifiers", ("/etc/nginx/my.conf", "src/app.py")),
    ("os.path.join with --no-verify", "identifiers", ("os.path.join", "--no-verify")),
    ("MAX_CONNECTIONS=200, then flush()", "identifiers", ("MAX_CONNECTIONS", "flush")),
    ("tokio::spawn of MyBigThing", "identifiers", ("tokio::spawn", "MyBigThing")),
    (r"see C:\ProgramData\svc\app.log", "identifiers", (r"C:\ProgramData\svc\app.log",)),
    ("com.acme.cart.Checkout failed", "identifiers", ("com.acme.cart.Checkout",)),
    ("urllib.error.HTTPError", "identifiers", ("urllib.error.HTTPError",)),
]  # fmt: skip

# Texts that hold no mark of any sort.
INNOCENT = [
    "",
    "THE END",
    "An error is an exception to the rule, not a fault.",
    "The API speaks HTTP and JSON; see the TODO in the RFC.",
    "We meet at 10:30 on 2024-01-15, or on 24.12.2025 at 9.15.",
    "It costs $503, or 429 dollars, or 3.50 for two.",
    "The host 10.0.0.1 pings 192.168.178.500 in 404 ms.",
    "Page 404 of 500 shows figure 3.2 and section 2.3.1.",
    "He returned 404 books and received 500 letters.",
    "The query returned 200 rows in 301 batches.",
    "We walked 500 miles, then a 400 m relay.",
    "Around 1.5 million people, 2.5 times as many as in 1999.",
    "Latency went from 1.2 to 3.4 seconds at p99.",
    "Take exit 137 off the motorway.",
    "Exit through the gift shop at 12.",
    "There was a signal at 9 that nobody saw.",
    "The signal was strong: signal 4 bars on both phones.",
    "Don't panic: towels help. Do not panic at all.",
    "The lambda calculus needs no server.",
    "Spark a conversation; let the chef cook celery.",
    "A consul and an envoy met in the vault.",
    "The harbor had a storm, and a ray of light.",
    "Go 1 step back, then go 2 steps on.",
    "Client/server, read/write, and/or, he/she, 24/7, TCP/IP.",
    "It ended.Then it began again.Twice.",
    "E.g. this, i.e. that, a.m. and p.m., U.S. and U.K.",
    "Mr. McDonald uses JavaScript on GitLens and an iPhone with macOS.",
    "The customer-service desk and a web-server, a job-queue, a third-party-api.",
    "A well-known, state-of-the-art, self-service solution.",
    "Tickets OPS-123, INC-4431 and SRE-7 are closed.",
    "Room E12, flight LH2041, postcode SW1A 1AA, form W-8.",
    "Release 7 of 12 went out in Q3 2024.",
    "Call 0800 500 500 or write to someone@example.com.",
    "Read https://example.com/blog/how-we-work first.",
    "Error handling matters. Exceptions prove the rule.",
    "The early 500s and the late 1400s were quiet.",
    "The job took 504s and the other 500s.",
    "We saw 500 errors in the essay.",
    "Versions differ; version control helps; the new version is better.",
    "ISO 9001, A4 paper, COVID-19, 4K video, MP3 files.",
    "The sqlstate value, an error code alone, and a status code of honour.",
    "Stay under 80 % and above 1.5x.",
    "Naïve Größe, 日本語 のテキスト, эти слова 🔥🔥.",
    "I WROTE THIS IN CAPITALS BECAUSE IT IS URGENT!!!",
    "Use -- or --- as dashes -- like this --and so on...",
    "The meeting of 3.5.2021 decided on 1.000.000 and 2,500.75.",
    "Step 1.2.3 of chapter 4.5.6 comes before item 7.8.9.",
    "0x7ffd1234abcd and 0xdeadbeef are addresses.",
    "Numbers: 100, 200, 301, 404, 429, 500, 503.",
]

TEXTS = st.one_of(
    st.text(),
    st.text(st.characters(), max_size=300),  # lone surrogates included
    st.text(string.ascii_letters + string.digits + "._-/\\:() ", max_size=300),
    st.lists(st.sampled_from([text for text, *_ in MARKS] + INNOCENT), min_size=1, max_size=12).map(
        "\n".join
    ),
)


@pytest.mark.parametrize(("text", "field", "marks"), MARKS, ids=[text[:40] for text, *_ in MARKS])
def test_marks_are_read(text: str, field: str, marks: tuple[str, ...]) -> None:
    """A text yields exactly these marks of a sort."""
    assert getattr(extract(text), field) == marks


@pytest.mark.parametrize("text", INNOCENT)
def test_prose_bears_no_marks(text: str) -> None:
    """Prose, dates, prices, addresses and acronyms are no marks."""
    assert signature_terms(extract(text)) == ()


def test_an_exception_is_no_code_as_well() -> None:
    """A mark is of one sort; only the full name of an exception stays, as an identifier."""
    found = extract("psycopg.errors.DeadlockDetectedError, ERR_LOCK_TIMEOUT")

    assert found == Signature(
        codes=("ERR_LOCK_TIMEOUT",),
        exceptions=("DeadlockDetectedError",),
        services=("postgres",),
        identifiers=("psycopg.errors.DeadlockDetectedError",),
    )


def test_marks_come_in_order_of_first_appearance() -> None:
    """Whether a code is known by its shape or by its context, its place in the text counts."""
    found = extract("exit code 2, ENOENT, SQLSTATE 23505, EPERM, ENOENT again, exit code 2")

    assert found.codes == ("exit 2", "ENOENT", "SQLSTATE 23505", "EPERM")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("ECONNRESET", ("econnreset",)),
        ("CVE-2024-3094", ("cve-2024-3094",)),
        ("foo_bar() or foo_bar.", ("foo_bar",)),
        ("error[E0382]", ("e0382",)),
        ("(/etc/nginx/nginx.conf)", ("/etc/nginx/nginx.conf",)),
        ("since 1.5.9.", ("1.5.9",)),
        ("maxRetries --no-verify 3.5", ("maxretries", "3.5")),
        ("plain words, and/or A Name of 2024", ()),
    ],
)
def test_identifiers_are_whole_tokens(text: str, tokens: tuple[str, ...]) -> None:
    """The exact field gets codes, paths and versions whole, in lower case, and no prose."""
    assert identifiers(text) == tokens


@given(TEXTS)
def test_any_text_is_read(text: str) -> None:
    """No text raises, and what comes back is bounded, unique, and the same the next time."""
    found = extract(text)

    for _, marks in found:
        assert len(marks) <= 64
        assert len(set(marks)) == len(marks)
        assert all(0 < len(mark) <= 100 for mark in marks)
    assert extract(text) == found
    exact = identifiers(text)
    assert len(set(exact)) == len(exact)
    assert all(mark == mark.lower() and len(mark) > 1 for mark in exact)


@given(st.sampled_from([field for _, field, _ in MARKS]), st.lists(st.sampled_from(MARKS)))
def test_marks_survive_company(field: str, chosen: list[tuple[str, str, tuple[str, ...]]]) -> None:
    """What a text bears by itself it bears among others, each on its own lines."""
    found = set(getattr(extract("\n\n".join(text for text, *_ in chosen)), field))

    assert {mark for _, own, marks in chosen if own == field for mark in marks} <= found


@pytest.mark.parametrize(
    "piece",
    ["a", "a.", "a-", "/a", "_a", "aB", "1", "1.", "E", "::a", "a::", "\\a", "(", "exit ", "A_",
     "status code ", "error: ", "-7c9d8b6f5d-", "a-b-",
     "http://a-", ": AaBb: status code: ", "Err", " 404", "v1.", "\ud800", "é"],
)  # fmt: skip
def test_a_hostile_megabyte_is_read(piece: str) -> None:
    """Repetition makes no rule slow: time is linear, and the text is cut."""
    found = extract(piece * (1_000_000 // len(piece)))

    assert sum(len(marks) for _, marks in found) <= 64 * len(Signature.model_fields)


def test_more_marks_than_a_record_may_bear_are_cut() -> None:
    """The first 64 of a sort are kept."""
    found = extract(" ".join(f"ORA-{number:05}" for number in range(100)))

    assert found.codes == tuple(f"ORA-{number:05}" for number in range(64))
