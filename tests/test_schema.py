from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from xmaker import Plugins
from xmaker.cli import gallery
from xmaker.schema import project_schema
from xmaker.yaml_reader import read_file, read_text

jsonschema = pytest.importorskip("jsonschema")


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = project_schema(Plugins.load())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("name", gallery.names())
def test_the_gallery_is_accepted(name: str) -> None:
    folder = Path(gallery.gallery()) / name
    item, _ = read_file(folder / "project.yaml")
    jsonschema.Draft202012Validator(project_schema(Plugins.load(folder))).validate(item.plain())


GOOD = (
    "inputs: {camera: , door: {use: analog, pin: 3, every: 200 ms, fresh: 2}}",
    "outputs: {light: led, lamp: {use: led, pin: {pi: 17}}}",
    "inputs: {camera: {fps: 30 fps, source: 0, timeout: 5秒}}",
    "vars: {a: 1, b: x, c: true}\nrules: [{when: true, for: 3 events, then: [wait: 1 s, light.on], else: light.off}]",
    "simulate: never\nboard: pi",
)
BAD = (
    "inputs: {camera: {widht: 3}}",
    "inputs: {door: {pin: 3}}",
    "inputs: {door: {use: nope}}",
    "inputs: {light: {use: led}}",
    "inputs: {camera: {use: analog, width: 3}}",
    "inputs: {camera: {width: big}}",
    "inputs: {camera: {fps: often}}",
    "inputs: {analog: {every: half a second}}",
    "inputs: {analog: {from: camera}}",
    "outputs: {led: {pin: {}}}",
    "rules: [{when: a}]",
    "rules: [{when: a, each: b, then: c}]",
    "rules: [{if: a, then: c}]",
    "nodes: {}",
)


@pytest.mark.parametrize("text", GOOD)
def test_what_the_reader_takes_is_accepted(validator: Any, text: str) -> None:
    validator.validate(read_text(text, "x")[0].plain())


@pytest.mark.parametrize("text", BAD)
def test_mistakes_are_refused(validator: Any, text: str) -> None:
    assert not validator.is_valid(read_text(text, "x")[0].plain())


def test_editors_get_defaults_and_descriptions() -> None:
    definitions = project_schema(Plugins.load())["$defs"]
    assert definitions["timer"]["properties"]["every"]["default"] == 1.0
    assert definitions["camera"]["description"].startswith("The newest picture")
