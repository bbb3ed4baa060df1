"""A project file becomes a Project; `--set` wins over it; every problem shows at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xmaker.drivers import Pin
from xmaker.errors import ProjectError
from xmaker.plugins import Plugins
from xmaker.project import Project
from xmaker.project_file import read_project, read_settings

TEXT = """
name: Lamp
simulate: never
inputs:
  knob: {use: analog, pin: 3, every: 200 ms, fresh: 5 s}
  room: light
models:
outputs:
  灯: {use: led, driver: simulator}
  screen:
    from: [knob, room]
vars: {count: 0, word: hello, on: false}
rules:
  - when: knob > 0.5
    for: 0.5 s
    then: 灯.on
    else: [灯.off, wait: 1 s, count = count + 1]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "project.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_project_is_read(tmp_path: Path) -> None:
    project = Project.load(write(tmp_path, TEXT))
    assert (project.name, project.simulate, project.folder) == ("Lamp", "never", tmp_path.resolve())
    assert list(project.nodes) == ["knob", "room", "灯", "screen"]
    knob, room = project.nodes["knob"], project.nodes["room"]
    assert (knob.options, knob.fresh, room.type.use) == ({"pin": Pin("3"), "every": 0.2}, 5.0, "light")
    assert project.nodes["灯"].driver == "simulator"
    assert project.nodes["screen"].wires == ("knob", "room")
    assert project.vars == {"count": 0, "word": "hello", "on": False}
    (rule,) = project.rules
    assert (rule.hold, len(rule.then), len(rule.otherwise)) == (0.5, 1, 3)


def test_a_folder_and_its_file_are_the_same_project(tmp_path: Path) -> None:
    write(tmp_path, TEXT)
    assert Project.load(tmp_path).nodes == Project.load(tmp_path / "project.yaml").nodes


def test_a_project_without_a_name_is_called_like_its_folder(tmp_path: Path) -> None:
    assert Project.load(write(tmp_path, "inputs: {keyboard: {}}")).name == tmp_path.name


def test_names_have_one_spelling(tmp_path: Path) -> None:
    """Full-width letters are the same name, wherever they are typed."""
    text = "inputs: {ｃａｍ: {use: camera}}\noutputs: {screen: {from: cam}}\n"
    text += "rules:\n  - {when: ｃａｍ.width > 3, then: [screen.clear]}\n"
    assert list(Project.load(write(tmp_path, text)).nodes) == ["cam", "screen"]
    with pytest.raises(ProjectError, match="taken"):
        Project.load(write(tmp_path, "inputs: {ｃａｍ: {use: camera}, cam: {use: camera}}"))


def test_set_wins_over_the_file(tmp_path: Path) -> None:
    project = Project.load(write(tmp_path, TEXT), options={"knob": {"every": "1 s"}, "room": {"value": 12}})
    assert project.nodes["knob"].options["every"] == 1.0
    assert project.nodes["room"].preset == {"value": 12} and project.nodes["room"].simulate is True


def test_set_of_what_is_not_there_is_refused(tmp_path: Path) -> None:
    for options, code in (
        ({"knbo": {"every": 1}}, "XM702"),
        ({"knob": {"evry": 1}}, "XM207"),
        ({"knob": {"every": "x"}}, "XM208"),
    ):
        with pytest.raises(ProjectError) as caught:
            Project.load(write(tmp_path, TEXT), options=options)
        assert [problem.code for problem in caught.value.problems] == [code]


def test_a_broken_node_is_not_complained_of_again(tmp_path: Path) -> None:
    text = TEXT.replace("use: analog", "use: analogue")
    with pytest.raises(ProjectError) as caught:
        Project.load(write(tmp_path, text))
    assert [problem.code for problem in caught.value.problems] == ["XM203"]


def test_problems_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = (
        TEXT.replace("use: analog", "ues: analog")
        .replace("[knob, room]", "[knbo]")
        .replace("灯.on", "灯.onn")
        .replace("1 s,", "x,")
    )
    with pytest.raises(ProjectError) as caught:
        Project.load(write(tmp_path, text))
    lines = [problem.mark.line for problem in caught.value.problems if problem.mark]
    assert lines == sorted(lines) and len(lines) >= 4


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return Plugins.load()


_VALUES = st.recursive(
    st.sampled_from(
        ["camera", "led", "knob", "light.on", "knob > 0.5", "1 s", "a, b", '"', "：", "use", None, True, 3, -1, 0.5, 1e308]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["use", "from", "when", "then", "else", "for", "wait", "each", "knob", "pin", "a-b", "fresh", "light.on"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
_SECTIONS = st.sampled_from(["name", "inputs", "models", "outputs", "vars", "rules", "board", "simulate", "input"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(parts=st.dictionaries(_SECTIONS, _VALUES, max_size=6), flow=st.booleans())
def test_whatever_stands_in_it_only_a_project_error_comes_out(
    parts: dict[str, object], flow: bool, tmp_path: Path, plugins: Plugins, monkeypatch: pytest.MonkeyPatch
) -> None:
    import yaml

    monkeypatch.setattr(Plugins, "load", lambda folder=None: plugins)
    path = write(tmp_path, yaml.safe_dump(parts, allow_unicode=True, default_flow_style=flow))
    try:
        read_project(path, {})
    except ProjectError as error:
        assert error.show("en") and error.show("zh")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(at=st.integers(0, len(TEXT)), gone=st.integers(0, 8), instead=st.text("\n -:[]{}'\"=.，：“a#&*!|>%\t", max_size=3))
def test_a_good_project_with_a_mistake_is_read_or_refused(
    at: int, gone: int, instead: str, tmp_path: Path, plugins: Plugins, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Plugins, "load", lambda folder=None: plugins)
    try:
        read_project(write(tmp_path, TEXT[:at] + instead + TEXT[at + gone :]), {})
    except ProjectError as error:
        assert error.show("en") and error.show("zh")


def test_a_setting_may_be_a_list_or_a_mapping(tmp_path: Path) -> None:
    text = "inputs: {camera: {}}\nmodels: {pet: {use: classifier, from: camera}}"
    typed = read_settings(["pet.groups={cat: [tabby cat, Egyptian cat]}", "pet.top=2"])
    project = read_project(write(tmp_path, text), options=typed, plugins=Plugins.load())
    assert project.nodes["pet"].options == {"groups": {"cat": ["tabby cat", "Egyptian cat"]}, "top": 2}
    assert read_settings(["camera.source=[b].jpg", "screen=[a"]) == {"camera": {"source": "[b].jpg"}, "screen": {"value": "[a"}}
