"""Services by the form in which a log, an alert or a build names them; programs by their types."""

import pytest

from lessonbase.signature import extract

# (text, services)
NAMED = [
    ("level=error service=seat-map msg=lost", ("seat-map",)),
    ('{"level":"error","service":"seats","msg":"lost"}', ("seats",)),
    ("labels: container = tax, severity = page", ("tax",)),
    ("giving up agent=plan-agent step=4", ("plan-agent",)),
    ("stock-sync[4410]: cannot resolve", ("stock-sync",)),
    ("vpn-gw.service: Main process exited", ("vpn-gw",)),
    ("Killed process 91 (node) total-vm:1kB", ("node",)),
    ("07:44:18,230 claims-sum WARNING slow", ("claims-sum",)),
    ("fetch https://geocoder.internal/v1 failed", ("geocoder",)),
    ("Connection refused: stock-svc/10.1.7.12:9090", ("stock-svc",)),
    ('error: summary: "seat-map does not answer"', ("seat-map",)),
    ('alertname="RedisMemoryHigh"', ("redis",)),
    ("Namespace: AWS/Lambda", ("lambda",)),
    ("arn:aws:lambda:eu-1:11:function:thumbs", ("thumbs",)),
    ("panic at\ngithub.com/acme/sweeper/internal/pool.Close(0x1)", ("sweeper",)),
    ("   3: lake::ingest::roll\n             at ./src/ingest.rs:2", ("lake",)),
    ("> shop-portal@1.9.2 build", ("shop-portal",)),
    ("error: could not compile `meterd` (lib)", ("meterd",)),
    ("ERROR: No matching distribution found for numpy==9", ("numpy",)),
    ("RUN pip install -r requirements.txt", ("pip",)),
    ("[error] 31#31: *8 connect() to upstream", ("nginx",)),
    # Programs by the types and codes of their drivers.
    ("org.postgresql.util.PSQLException: no", ("postgres",)),
    ("ActiveRecord::Deadlocked: Mysql2::Error: Deadlock", ("mysql",)),
    ("MongoServerError: not primary", ("mongodb",)),
    ("HikariPool-1 - Connection is not available", ("hikari",)),
    ("[ERROR] [MY-010584] the applier stopped", ("mysql",)),
    # What looks like one of these and is none.
    ("thread 'tokio-runtime-worker' panicked at src/a.rs:1:2", ()),
    ("Traceback\nfollow-up: we should look at it", ()),
    ("service: localhost, app=true, container=null", ()),
    ("if loc[1]:\n    pass", ()),
    ("summary: end-to-end latency is high", ()),
]

# (text, field, marks)
CODED = [
    ("Exit Code:    137", "codes", ("exit 137",)),
    ("code=exited, status=78/CONFIG", "codes", ("exit 78",)),
    ("code=killed, status=9/KILL", "signals", ("SIGKILL",)),
    ("SQLSTATE[HY000] [2002] Connection refused", "codes", ("SQLSTATE HY000", "error 2002")),
    ("SQL Error: 1205, SQLState: 40001", "codes", ("error 1205", "SQLSTATE 40001")),
    ("Os { code: 28, kind: StorageFull }", "codes", ("ENOSPC",)),
    ("Code: 252. DB fails. (TOO_MANY_PARTS)", "codes", ("error 252", "TOO_MANY_PARTS")),
    (
        "{ code: 10107,\n  codeName: 'NotWritablePrimary' }",
        "codes",
        ("error 10107", "NotWritablePrimary"),
    ),
    ("  code: 'P2024',", "codes", ("P2024",)),
    ("{'code': 'rate_limit_exceeded'}", "codes", ("rate_limit_exceeded",)),
    ('{"type": "overloaded_error"}', "codes", ("overloaded_error",)),
    ('{"code": -32602, "message": "Invalid"} error', "codes", ("error -32602",)),
    ("NVRM: Xid (PCI:0000:5e:00): 79, GPU", "codes", ("Xid 79",)),
    ("Error 111 connecting to cache:6379", "codes", ("ECONNREFUSED",)),
    ("curl: (60) SSL certificate problem", "codes", ("curl 60",)),
    ("StatusRuntimeException: UNAVAILABLE: no", "codes", ("UNAVAILABLE",)),
    ("E0307 21:14:55.208 140 api.py:8] failed", "codes", ()),
    ('{"code": "EUR", "currency": "error"}', "codes", ()),
    ("Error code: 429 - {'error': 1}", "statuses", ("429",)),
    ("be/srv 0/-1/-1/-1/0 503 217 - -", "statuses", ("503",)),
    ("18 % of requests answered 503 over 5 m", "statuses", ("503",)),
    ("pika.exceptions.ChannelClosedByBroker: (406, 'x')", "exceptions", ("ChannelClosedByBroker",)),
    ("PG::ConnectionBad: refused", "exceptions", ("PG::ConnectionBad",)),
    ('{"type":"circuit_breaking_exception"}', "exceptions", ("circuit_breaking_exception",)),
    ("RequestTimeout: after 8 s", "exceptions", ("RequestTimeout",)),
]


@pytest.mark.parametrize(("text", "services"), NAMED)
def test_services_are_named_in_many_ways(text: str, services: tuple[str, ...]) -> None:
    """A text yields exactly these services."""
    assert extract(text).services == services


@pytest.mark.parametrize(("text", "field", "found"), CODED)
def test_codes_of_logs_are_read(text: str, field: str, found: tuple[str, ...]) -> None:
    """A text yields exactly these marks of a sort."""
    assert getattr(extract(text), field) == found
