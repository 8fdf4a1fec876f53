"""The API as its own documentation has it, held against whatever schemathesis makes of that."""

import os
from collections.abc import Iterator
from typing import Any, Final

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, SerializationContext
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api_support import LOCKS, SECRET, Site, serving
from lessonbase.api.gate import Limits
from support import base_at

# Of each caller.
EXAMPLES: Final = int(os.environ.get("LESSONBASE_EXAMPLES", "300")) // 3
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    allow_header_conformance,
]


@schemathesis.serializer("application/x-ndjson")
def lines(_: SerializationContext, value: Any) -> bytes:
    """The body of an import, as it was made up."""
    return str(value).encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A small base: it is reindexed, and every record erased, time and again."""
    path = tmp_path_factory.mktemp("schema")
    with base_at(path / "base") as base:
        base.add(LOCKS)
        with serving(base, limits=Limits(read_s=5)) as served:
            yield served


@pytest.mark.slow
@pytest.mark.parametrize("caller", ["owner", "reader", "nobody"])
def test_what_is_documented_is_so(site: Site, caller: str) -> None:
    """No request, right or wrong, is answered but in a way that is written down; none breaks us."""
    headers = {
        "owner": {"Authorization": f"Bearer {SECRET}"},
        "reader": {"Authorization": f"Bearer {site.key('reader', 'scout')}"},
        "nobody": {},
    }[caller]
    schema = schemathesis.openapi.from_url(f"{site.url}/v1/openapi.json")
    cases = st.one_of(
        schema.as_strategy(GenerationMode.POSITIVE), schema.as_strategy(GenerationMode.NEGATIVE)
    )
    with requests.Session() as session:
        session.trust_env = False

        @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
        @given(cases)
        def each(case: Case) -> None:
            case.call_and_validate(session=session, headers=headers, checks=CHECKS, timeout=30)

        each()
    assert site.http().get("/health").json()["ready"]
    assert site.base.doctor().healthy
