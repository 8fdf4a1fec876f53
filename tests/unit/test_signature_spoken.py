"""A team's own services by what people, alerts and the machinery around them say of them."""

import pytest

from lessonbase.signature import extract

# (text, services)
SPOKEN = [
    ("the stock-sync job has been failing since two", ("stock-sync",)),
    ("the seat_map worker got stuck", ("seat_map",)),
    ("*Service:* `seat-map`\n*Severity:* critical", ("seat-map",)),
    ("Application 'seat-map' failed to start", ("seat-map",)),
    ("seat-map exited with code 3", ("seat-map",)),
    ("seat-map is returning errors", ("seat-map",)),
    ("deployment seat-map has no ready replicas", ("seat-map",)),
    ("calling seat-map POST /v1/seats -> 409", ("seat-map",)),
    ("circuit breaker open for price-feed, waiting", ("price-feed",)),
    ("failed to reach seat-map: no answer", ("seat-map",)),
    ("errors in seat-map since the deploy", ("seat-map",)),
    ('{"err":"x","peer":"seat-map:50051"}', ("seat-map",)),
    ("seat_map  | Error: cannot open it", ("seat_map",)),
    # Adjectives, functions, jobs that check a change.
    ("the long-running job failed", ()),
    ("the third-party service is slow", ()),
    ("the event-sourced service is slow", ()),
    ("the database-integration-tests job failed", ()),
    ("an error since calling get_watchlist returned nothing", ()),
    ("efi_loader: error handling in the setup of images", ()),
]
PREFIXED = [
    ("pod=shop/seat-map-7c9d8b6f5d-x2lqp restarted", ("seat-map",)),
    ("container app in pod seat-map-7c9d8b6f5d-x2lqp_shop(8d1c2b9e)", ("seat-map",)),
    ("pod: seat-map-0 is not ready", ("seat-map",)),
    ("job.batch/stock-sync failed", ("stock-sync",)),
    ("2026-06-16T04:17:09.111Z ERROR stock-sync - failed to load", ("stock-sync",)),
    ("2026-06-16 04:17:09,111 ERROR stock_worker: failed to load", ("stock_worker",)),
    ("04:17:09.1 ERROR 7 --- [seat-map] [nio-80-exec-1] c.a.X : failed", ("seat-map",)),
    ("ERROR [seat-map,4bf92f3577b34da6,00f067aa0ba902b7] 1 : failed", ("seat-map",)),
    ('{"name":"seat-map","level":50,"pid":17}', ("seat-map",)),
    ("[FIRING:1] HighLatency seat-map (prod critical)", ("seat-map",)),
    ("[P1] Triggered: seat-map latency is high", ("seat-map",)),
    ('Alarm: "thumb-maker-errors" in EU', ("thumb-maker",)),
    ("new issue in `seat-map` (production)", ("seat-map",)),
    ("/aws/lambda/thumb-maker", ("thumb-maker",)),
    ("groupId=seat-events] Offset commit failed", ("seat-events",)),
    ('Failed to pull image "registry.acme.io/shop/seat-map:1.2.3"', ("seat-map",)),
    # Threads, and names of one word.
    ("04:17:09 ERROR [http-nio-8080-exec-4] c.a.X : failed", ()),
    ("04:17:09 [pool-1-thread-2] it failed", ()),
    ("04:17:09 ERROR main: it failed", ()),
]


@pytest.mark.parametrize(("text", "services"), SPOKEN)
def test_a_service_is_known_by_what_is_said_of_it(text: str, services: tuple[str, ...]) -> None:
    """A name of two words is a service where a sentence treats it as one, and else is none."""
    assert extract(text).services == services


@pytest.mark.parametrize(("text", "services"), PREFIXED)
def test_a_service_is_known_by_its_place_in_a_log(text: str, services: tuple[str, ...]) -> None:
    """Heads of lines, pods, images and groups of logs name services; threads are none."""
    assert extract(text).services == services


# (text, codes, statuses)
CODED = [
    ("An error occurred (Throttling) when calling the Get operation", ("Throttling",), ()),
    ("An error occurred (403) when calling the Get operation", (), ("403",)),
    ("Error from server (Forbidden): pods is forbidden", ("Forbidden",), ()),
    ("Warning  Evicted  3m  the node was low", ("Evicted",), ()),
    ("upstream timed out (110: Connection timed out) while reading", ("ETIMEDOUT",), ()),
    ("14 UNAVAILABLE: No connection established", ("UNAVAILABLE",), ()),
    ('{"error":"invalid_grant"}', ("invalid_grant",), ()),
    ("code=card_declined type=card_error", ("card_declined", "card_error"), ()),
    ('{"code":"SEAT_TAKEN_ALREADY"}', ("SEAT_TAKEN_ALREADY",), ()),
    ("Error 1213: Deadlock found", ("error 1213",), ()),
    ("(1205, 'Lock wait timeout exceeded')", ("error 1205",), ()),
    ("https://x.example/back?code=card_declined", (), ()),
    ("GET /v1/x 500 12ms", (), ("500",)),
    ("POST /v1/x -> 409", (), ("409",)),
    ("GET /v1/x 200 12ms", (), ()),
    ("returning 502 to caller", (), ("502",)),
    ("returning 502 to 600 guests", (), ()),
    ("answers bulk requests with 429 (queue_full)", (), ("429",)),
    ("502s from the gateway", (), ("502",)),
    ("500s for the whole family", (), ()),
]


@pytest.mark.parametrize(("text", "codes", "statuses"), CODED)
def test_a_code_is_known_by_the_sentence_around_it(
    text: str, codes: tuple[str, ...], statuses: tuple[str, ...]
) -> None:
    """Names and numbers of failures are known where a program's own sentence holds them."""
    found = extract(text)

    assert (found.codes, found.statuses) == (codes, statuses)


def test_a_type_of_elasticsearch_stands_in_brackets() -> None:
    """Its clients print the type in brackets or quotes; a variable's short name is none."""
    said = "429 (es_rejected_execution_exception), then raise_exception(on_exception)"

    assert extract(said).exceptions == ("es_rejected_execution_exception",)
