"""Results to report on: a small document by hand, and any that the schema allows."""

import json
from collections.abc import Iterator
from copy import deepcopy
from importlib.resources import files
from typing import Any

import pytest
from browsing import chromium
from hypothesis import strategies as st

Document = dict[str, Any]
Strategy = st.SearchStrategy[Any]


@pytest.fixture
def figures() -> Document:
    """Return the figures of an output that passes."""
    return {
        "checks": 4,
        "worst_ratio": 0.75,
        "median_ratio": 0.5,
        "max_ulp": 1.5,
        "grade": None,
        "verdicts": {"pass": 4},
        "histogram": {"-64": 1, "-1.5": 2, "-0.5": 1},
    }


@pytest.fixture
def finding() -> Document:
    """Return a finding with its diagnosis, a case and a way to replay it."""
    return {
        "id": "924e4298a0",
        "output": "running_mean",
        "kind": "semantics",
        "codes": ["momentum=old"],
        "explained": True,
        "text": "running_mean: computed with momentum=old, but torch has momentum=new",
        "ratio": 7239397.6,
        "case": {"shape": [2, 1], "layout": "contiguous", "recipe": {"seed": 0, "scale": -1}},
        "repro": "findings/kernel-924e4298a0/repro.py",
        "count": 45,
    }


@pytest.fixture
def backend(figures: Document) -> Document:
    """Return a backend that passes on every output."""
    names = ("output", "running_mean", "running_var", "grad_input", "grad_weight", "grad_bias")
    outputs = dict.fromkeys(names, figures)
    return {
        "name": "numpy",
        "version": "2.4.6",
        "device": "cpu",
        "dialect": "torch",
        "interpreter": "/usr/bin/python3",
        "status": "pass",
        "reason": "",
        "cases": 3150,
        "checks": 24,
        "seconds": 6.0,
        "unsupported": {},
        "outputs": outputs,
        "cells": [
            {
                "mode": "training",
                "dtype": "float32",
                "layout": "sliced",
                "rank": 4,
                "outputs": outputs,
            }
        ],
        "findings": [],
    }


@pytest.fixture
def results(backend: Document) -> Document:
    """Return the results of a session with one backend."""
    return {
        "schema": "bnparity-results/1",
        "run": {
            "created": "2026-01-02T03:04:05+00:00",
            "seed": 17,
            "duration_s": 30.0,
            "command": "bnparity run numpy --time 30s",
            "bnparity": "0.1.0",
            "python": "3.11.7",
            "platform": "Linux",
            "cpu": "a CPU, 2 cores",
            "numpy": "2.4.6",
        },
        "backends": [backend],
    }


@pytest.fixture(scope="session")
def documents() -> Strategy:
    """Return a strategy for every document that is valid under the published schema."""
    schema = json.loads(files("bnparity.results").joinpath("results.schema.json").read_text())
    return _valid(schema, schema["$defs"])


def _valid(schema: Document, definitions: Document) -> Strategy:
    """Return a strategy for the part of JSON Schema that the results' schema uses."""
    if "$ref" in schema:
        return _valid(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "const" in schema or "enum" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    if isinstance(schema["type"], list):
        return st.one_of(
            *(_valid({**schema, "type": kind}, definitions) for kind in schema["type"])
        )
    simple = {
        "null": st.none(),
        "boolean": st.booleans(),
        "integer": st.integers(min_value=schema.get("minimum")),
        "number": st.floats(min_value=schema.get("minimum"), allow_nan=False),
        # Every code point that JSON can spell, halves of surrogate pairs too.
        "string": st.text(st.characters(), max_size=20),
    }
    if schema["type"] in simple:
        return simple[schema["type"]]
    if schema["type"] == "array":
        return st.lists(_valid(schema["items"], definitions), max_size=3)
    return _object(schema, definitions)


def _object(schema: Document, definitions: Document) -> Strategy:
    parts = {key: _valid(part, definitions) for key, part in schema.get("properties", {}).items()}
    if parts:
        required = {key: parts[key] for key in schema["required"]}
        optional = {key: part for key, part in parts.items() if key not in required}
        return st.fixed_dictionaries(required, optional=optional)
    keys = _valid({"type": "string", **schema.get("propertyNames", {})}, definitions)
    values = schema.get("additionalProperties", {"type": ["number", "string", "null"]})
    return st.dictionaries(keys, _valid(values, definitions), max_size=3)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Return a browser."""
    with chromium() as found:
        yield found


@pytest.fixture
def session(results: Document, finding: Document, figures: Document) -> Document:
    """Return the results of a right backend, a wrong one and one that is not there, in full."""
    right, bad = results["backends"][0], {**figures, "worst_ratio": 90.5, "verdicts": {"fail": 4}}
    points = [
        {"n": n, "conditioning": c, "error": e, "scatter": 0.1}
        for n, c, e in ((64, 0.0, 1.0), (256, 0.0, 2.0), (4096, 1.0, 3.0), (4096, 10.0, 300.0))
    ]
    growth = {"exponent": 0.5, "conditioning_exponent": 2.0, "points": points}
    right["outputs"] = {**right["outputs"], "output": {**figures, "accumulation": growth}}
    statistic = {"max_ulp": 2.0, "worst_share": 0.1, "path": [1.0, 2.0]}
    right["drift"] = {"steps": 2, "statistics": {"running_mean": statistic}}
    row = {"field": "momentum", "declared": "new", "value": "new", "outputs": [], "certain": True}
    right["conventions"] = [{**row, "claims": ["2d-torch-relation"]}]
    claim = dict.fromkeys(("statement", "title", "language", "version", "evidence"), "some words")
    about = {"id": "2d-torch-relation", "api": "torch", "address": "https://example.org/a"}
    right["claims"] = [{**claim, **about, "verdict": "differs"}]
    wrong = deepcopy(right)
    wrong.update(name="kernel.py:bn", status="fail", findings=[finding, _fault(finding)])
    wrong["outputs"]["running_mean"] = bad
    wrong["conventions"][0]["value"] = "old"
    half = {**wrong["cells"][0], "dtype": "float16", "outputs": {"output": bad}}
    wrong["cells"] = [*wrong["cells"], half]
    gone = {**right, "name": "jax", "status": "unavailable", "reason": "no module", "outputs": {}}
    gone.update(cells=[], claims=[], conventions=[])
    return {**results, "backends": [right, wrong, gone], "cases": [_across(finding)]}


def _across(finding: Document) -> Document:
    passed = {"verdict": "pass", "ratios": {"output": 0.5}, "fault": ""}
    failed = {"verdict": "fail", "ratios": {"output": 90.5}, "fault": ""}
    return {"case": finding["case"], "answers": {"numpy": passed, "kernel.py:bn": failed}}


def _fault(finding: Document) -> Document:
    case = {"shape": [2, 1], "dtype": "float16", "param_dtype": "float16", "training": False}
    element = {"output": "grad_bias", "index": [0], "got": "nan", "expected": "1", "bound": "1e-7"}
    other = {"id": "b0", "output": "grad_bias", "outputs": ["grad_bias"], "element": element}
    return {**finding, **other, "case": case}
