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
    # Inner hosts, Compose, labels of monitoring, quotes; machines of many are none.
    ("GET http://carrier-rates/v2/rates timed out", ("carrier-rates",)),
    ("GET http://rates:8080/v2 timed out", ("rates",)),
    ("amqp://me:secret@seat-queue-eu:5672/x is unreachable", ("seat-queue-eu",)),
    ("dial tcp: lookup seat-map on 10.96.0.10:53: no such host", ("seat-map",)),
    ("Error: connect ECONNREFUSED seat-map:8080", ("seat-map",)),
    ("deploy-bot  | ERROR could not read the key", ("deploy-bot",)),
    ("k8s.deployment.name=seats error", ("seats",)),
    ("503 from upstream `stock-reader`", ("stock-reader",)),
    ("GET http://web-03:8080/v2 timed out", ()),
    ("GET http://localhost:8080/v2 timed out", ()),
    ("open http://user:12345@example.com/ and wait", ()),
    # What Amazon's and Google's clients, crash reports and app servers print.
    ("operation error Bedrock Runtime: InvokeModel, failed", ("bedrock",)),
    ("(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: X1)", ("dynamodb",)),
    ("node_modules/@aws-sdk/client-bedrock-runtime/dist-cjs/index.js", ("bedrock",)),
    ("see https://cloud.google.com/bigquery/docs/quotas", ("bigquery",)),
    ("POST https://sqs.eu-central-1.amazonaws.com/ failed", ("sqs",)),
    ("POST https://abcdef.googleapis.com/ failed", ()),
    ("Process:             Jotter [2071]\nIdentifier: x", ("jotter",)),
    ("Process 911 (grabber) of user 0 dumped core.", ("grabber",)),
    ("[1] [CRITICAL] WORKER TIMEOUT (pid:48)", ("gunicorn",)),
    ("Error response from daemon: no such image", ("docker",)),
    ("panicked at crates/seatd/src/pump.rs:118:14:", ("seatd",)),
    ("RUN go build -o /relay ./cmd/relay", ("relay",)),
    ("hudson.remoting.ChannelClosedException: gone", ("jenkins",)),
    ("Client error for url 'https://api.anthropic.com/v1/messages'", ("anthropic",)),
    ("see https://api.mongodb.com/python/current/api", ()),
    ("AndroidRuntime: Process: com.acme.rider, PID: 14233", ("com.acme.rider",)),
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
    ("ERROR: script returned exit code -1", "codes", ("exit -1",)),
    ('command "/bin/probe" exited with 2', "codes", ("exit 2",)),
    ("he exited with 2", "codes", ()),
    ("FlywayMigrateException: SQL State  : 42P07", "codes", ("SQLSTATE 42P07",)),
    ("FATAL:  53300: remaining slots are reserved", "codes", ("SQLSTATE 53300",)),
    (
        "SQLSTATE[23000]: Integrity constraint violation: 1062 Duplicate entry",
        "codes",
        ("SQLSTATE 23000", "error 1062"),
    ),
    (
        "('42S02', \"[42S02] [Microsoft][ODBC Driver 18] no table (208) (SQLExecDirectW)\")",
        "codes",
        ("SQLSTATE 42S02", "error 208"),
    ),
    (
        "1064 (42000): You have an error in your SQL syntax",
        "codes",
        ("error 1064", "SQLSTATE 42000"),
    ),
    (
        "* Error creating thing: LimitExceeded: no more\n    status code: 400, request id: x",
        "codes",
        ("LimitExceeded",),
    ),
    (
        "Error: Code=InvalidTemplateDeployment; Message=The template is not valid",
        "codes",
        ("InvalidTemplateDeployment",),
    ),
    (
        "googleapi: Error 400: Syntax error at [1:13], invalidQuery",
        "codes",
        ("invalidQuery",),
    ),
    ("host mx.example.com said: 451-try later", "codes", ("error 451",)),
    ("the last reply was 550 5.7.1 denied", "codes", ("error 550",)),
    ("we sold 450 4.5 kg bags", "codes", ()),
    ("OOM command not allowed when used memory > 'maxmemory'", "codes", ("OOM",)),
    ("Error: NOT_LEADER_OR_FOLLOWER (o.a.k.Sender)", "codes", ("NOT_LEADER_OR_FOLLOWER",)),
    ("error: MAX_CONNECTIONS must be set", "codes", ()),
    (
        "An error occurred (OptInRequired) when calling the RunInstances operation",
        "codes",
        ("OptInRequired",),
    ),
    (
        "An error occurred (ThrottlingException) when calling the Scan operation",
        "codes",
        (),
    ),
    ("reason: quotaExceeded, location: x", "codes", ("quotaExceeded",)),
    ("toomanyrequests: You have reached your limit", "codes", ("toomanyrequests",)),
    ("urn:ietf:params:acme:error:rateLimited: too many", "codes", ("rateLimited",)),
    ("SyncError    Failed sync attempt", "codes", ("SyncError",)),
    (
        "visit https://example.com/docs/errors/GRAPH_RECURSION_LIMIT",
        "codes",
        ("GRAPH_RECURSION_LIMIT",),
    ),
    ("Exception Type:  EXC_BREAKPOINT (SIGTRAP)", "codes", ("EXC_BREAKPOINT",)),
    (
        "Error Domain=NSURLErrorDomain Code=-1001 x",
        "codes",
        ("NSURLErrorDomain", "error -1001"),
    ),
    ("google.api_core.exceptions.Forbidden: 403 Quota exceeded", "statuses", ("403",)),
    ("ApiException: (404)", "statuses", ("404",)),
    ("it says [429] Too Many Requests", "statuses", ("429",)),
    ("ValueError: 404 is odd", "statuses", ()),
    ('error="400 - Rejected by Elasticsearch"', "statuses", ("400",)),
    (
        r"[object] (App\\Db\\UniqueConstraintViolationException(code: 23000)",
        "exceptions",
        ("UniqueConstraintViolationException",),
    ),
    (r"App\Db\LockException: no", "exceptions", ("LockException",)),
    ("called `Result::unwrap()` on an `Err` value: PoolTimedOut", "exceptions", ("PoolTimedOut",)),
    ("on an `Err` value: Os { kind: Other }", "exceptions", ()),
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
