"""Whatever stands in the file, the answer is a catalog or mistakes with places that exist."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.compat import StringIO

from bot.config.catalog import CatalogResult, read_texts, render_mistakes
from bot.config.shape import CatalogShape, EnvironmentShape, PeopleShape, ServiceShape
from bot.config.shape_base import keys_of
from bot.config.shape_rules import ApprovalsShape, PipelineShape, RollbackShape

WORDS = sorted(
    {key for shape in (CatalogShape, EnvironmentShape, PeopleShape, ServiceShape) for key in keys_of(shape)}
    | {key for shape in (ApprovalsShape, PipelineShape, RollbackShape) for key in keys_of(shape)}
    | {"api", "staging", "production", "cron", "http", "kind", "canary", "sre", "main", "1h", "{sha}"}
)
SCALARS = st.one_of(
    st.sampled_from(WORDS),
    st.none(),
    st.booleans(),
    st.integers(-5, 50),
    st.floats(allow_nan=True),
    st.sampled_from(["github:acme/api", "#deploys", "2026-12-20", "0 17 * * FRI", "https://a.example"]),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)
SERVICES = st.fixed_dictionaries(
    {
        "environments": st.dictionaries(
            st.sampled_from(["staging", "production"]),
            st.dictionaries(st.sampled_from(keys_of(EnvironmentShape)), VALUES, max_size=4),
            max_size=2,
        )
    },
    optional={key: VALUES for key in keys_of(ServiceShape) if key != "environments"},
)
DOCUMENTS = st.fixed_dictionaries(
    {
        "version": st.just(1),
        "people": st.dictionaries(st.sampled_from(["sre", "api"]), VALUES, max_size=2),
        "services": st.dictionaries(st.just("api"), SERVICES, max_size=1),
    },
    optional={"defaults": VALUES, "templates": VALUES, "rights": VALUES, "digests": VALUES, "slack": VALUES},
)


def holds_together(result: CatalogResult) -> None:
    assert (result.catalog is None) is bool(result.errors)
    for mistake in (*result.errors, *result.warnings):
        lines = result.sources[mistake.file].splitlines() or [""]
        assert 1 <= mistake.line <= len(lines) + 1
        assert mistake.column >= 1
        assert mistake.message
    assert render_mistakes(result).endswith("\n")


@given(DOCUMENTS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_document(document: Any) -> None:
    text = StringIO()
    YAML(typ="safe", pure=True).dump(document, text)
    holds_together(read_texts({"slipway.yml": text.getvalue()}))


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_text(text: str) -> None:
    holds_together(read_texts({"slipway.yml": text}))
