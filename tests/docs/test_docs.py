"""Everything in the docs is tried: YAML is loaded, Python is imported, commands are run, in the order of the page.

A comment before an example says what it is: `<!-- file: NAME -->` a file that the reader writes, `<!-- part of: rules -->` a
piece of a project (beside a project of the gallery: a change of that one; `instead: 1` takes the place of its first rule),
`<!-- wrong: XM407 -->` a mistake on purpose, `<!-- fails: 1 -->` a command with that exit code.
YAML without a comment is a whole project. In what a command prints, `…` stands for anything.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from xmaker import Project, ProjectError
from xmaker.testing import check_plugin

ROOT = Path(__file__).parents[2]
PAGES = [page for folder in ("*.md", "docs/**/*.md", "projects/*/README*.md") for page in sorted(ROOT.glob(folder))]
PAIRS = {page: ROOT / "docs" / page.relative_to(ROOT / "docs/zh") for page in sorted(ROOT.glob("docs/zh/**/*.md"))} | {
    page: page.with_name("README.md") for page in PAGES if page.name == "README.zh.md"
}
NOT_OUR_WORDS = r"\b(component|device class|block|operator|entity|platform|port|transform|sink)s?\b"
EXAMPLE = re.compile(r"(?:^<!-- (?P<marks>[^>]*) -->\n\n?)?^```(?P<language>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
INSTALLING = re.compile(r"(pip install|python3? -m venv|source|git clone|sudo|pytest$|\.ci/run)")
FILLERS = {  # what a piece of a project may take for granted
    "inputs": {"camera": "{source: pictures}", "room": "{use: light}", "knob": "{use: analog}", "keyboard": "{}"},
    "models": {"pet": "{use: classifier, model: cat-dog, from: camera}"},
    "outputs": {"lamp": "led", "screen": "{}", "arm": "servo", "console": "{}"},
    "vars": {"count": "0"},
}


def page_name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@dataclass
class Example:
    page: Path
    line: int
    language: str
    body: str
    marks: dict[str, str]

    def __str__(self) -> str:
        return f"{page_name(self.page)}:{self.line}"


def examples(page: Path) -> list[Example]:
    text = page.read_text(encoding="utf-8")
    found = []
    for match in EXAMPLE.finditer(text):
        marks = dict(mark.split(": ") for mark in (match["marks"] or "").split("; ") if ": " in mark)
        found.append(Example(page, text.count("\n", 0, match.start("language")) + 1, match["language"], match["body"], marks))
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the docs take for granted: folders of pictures (four of ours), and networks: bare, with weights, a detector."""
    for name in ("pictures", "media"):
        shutil.copytree(ROOT / "projects/cat_dog/media", tmp_path / name, ignore=shutil.ignore_patterns("*.md", "r*", "c?f*"))
    write_network(tmp_path / "flowers.onnx")
    write_trained(tmp_path / "pets.onnx")
    write_detector(tmp_path / "yolov3.onnx")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_network(path: Path) -> None:
    """Write a network: (1, 3, 64, 64) → three scores."""
    from onnx import TensorProto, helper, save

    nodes = [helper.make_node("ReduceMean", ["x"], ["y"], axes=[2, 3], keepdims=0), helper.make_node("Softmax", ["y"], ["z"])]
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 64, 64])
    gives = helper.make_tensor_value_info("z", TensorProto.FLOAT, [1, 3])
    graph = helper.make_graph(nodes, "flowers", [given], [gives])
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)


def write_trained(path: Path) -> None:
    """Write a network with weights and a card: three convolutions and a matrix, (1, 3, 64, 64) → three scores."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper, save

    random, channels = np.random.default_rng(0), (3, 32, 64, 64)
    shapes = {f"w{n}": (channels[n + 1], channels[n], 3, 3) for n in range(3)} | {"head": (64, 3)}
    weights = [numpy_helper.from_array(random.normal(0, 0.2, shape).astype(np.float32), w) for w, shape in shapes.items()]
    nodes = []
    for n in range(3):
        nodes.append(helper.make_node("Conv", [f"x{n}", f"w{n}"], [f"c{n}"], strides=[n + 1, n + 1]))
        nodes.append(helper.make_node("Relu", [f"c{n}"], [f"x{n + 1}"]))
    nodes.append(helper.make_node("GlobalAveragePool", ["x3"], ["a"]))
    nodes += [helper.make_node("Flatten", ["a"], ["f"]), helper.make_node("MatMul", ["f", "head"], ["m"])]
    nodes.append(helper.make_node("Softmax", ["m"], ["z"]))
    given = helper.make_tensor_value_info("x0", TensorProto.FLOAT, [1, 3, 64, 64])
    gives = helper.make_tensor_value_info("z", TensorProto.FLOAT, [1, 3])
    graph = helper.make_graph(nodes, "pets", [given], [gives], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    picture = {"width": 64, "height": 64, "layout": "NCHW", "dtype": "float32", "mean": [128] * 3, "std": [128] * 3}
    card = {"name": "pets", "task": "classify", "input": picture, "labels": {"en": ["cat", "dog", "other"]}}
    helper.set_model_props(model, {"xmaker": json.dumps(card)})
    save(model, path)


def write_detector(path: Path) -> None:
    """Write a network that finds nothing, as if MMEdu had written it."""
    from onnx import TensorProto, helper, save

    kinds = {"dets": (TensorProto.FLOAT, [1, 1, 5]), "labels": (TensorProto.INT64, [1, 1])}
    nodes = [
        helper.make_node("Constant", [], [name], value=helper.make_tensor(name, kind, shape, [0] * shape[-1]))
        for name, (kind, shape) in kinds.items()
    ]
    given = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, 416, 416])
    gives = [helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in kinds.items()]
    graph = helper.make_graph(nodes, "yolov3", [given], gives)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    info = {"codebase": "MMDet", "modelname": "Yolov3", "classes": ["cat", "dog"]}
    helper.set_model_props(model, {"MODEL_INFO": json.dumps(info)})
    save(model, path)


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_examples(page: Path, folder: Path) -> None:
    if Path("/dev/video0").exists() or os.name == "nt":
        pytest.skip("the docs show what happens on Linux without a camera")
    for example in examples(page):
        if example.language in ("sh", "console"):
            folder = try_commands(example, folder)
            continue
        suffix = {"python": ".py", "yaml": ".yaml"}.get(example.language, "")
        path = folder / example.marks.get("file", f"line_{example.line}{suffix}")
        path.parent.mkdir(exist_ok=True)
        text = example.body
        if "part of" in example.marks and (project := page.with_name("project.yaml")).is_file():
            shutil.copytree(ROOT / "projects", folder / "projects", dirs_exist_ok=True)  # one plays the pictures of another
            path, text = folder / "projects" / page.parent.name / "changed.yaml", changed(project, example)
        elif "part of" in example.marks:
            text = whole(example.body)
        path.write_text(text, encoding="utf-8")
        if suffix == ".yaml":
            load_project(path, example)
        elif suffix == ".py" and "def test_" not in example.body:  # tests are run by the command that follows them
            module = import_file(path)
            if "@hookimpl" in example.body:
                check_plugin(module)


def changed(project: Path, example: Example) -> str:
    """Return a project with a page's change: nodes of the same name are replaced, a rule is added or takes another's place."""
    data = yaml.safe_load(project.read_text(encoding="utf-8"))
    for section, piece in yaml.safe_load(example.body).items():
        if section != "rules":
            data[section] = {**data.get(section, {}), **piece} if isinstance(piece, dict) else piece
        elif "instead" in example.marks:
            number = int(example.marks["instead"]) - 1
            data["rules"][number : number + 1] = piece
        else:
            data["rules"] += piece
    return json.dumps(data, ensure_ascii=False)  # which is YAML, too


def whole(piece: str) -> str:
    """Complete a piece of a project: its own nodes and vars come first, the fillers after them."""
    sections = re.split(r"^(\w+):\n", piece, flags=re.MULTILINE)
    bodies = dict(zip(sections[1::2], sections[2::2], strict=True))
    for section, fillers in FILLERS.items():
        own = bodies.get(section, "")
        bodies[section] = own + "".join(f"  {name}: {value}\n" for name, value in fillers.items() if f"  {name}:" not in own)
    return "".join(f"{section}:\n{body}" for section, body in bodies.items())


def load_project(path: Path, example: Example) -> None:
    wrong = [example.marks["wrong"]] if "wrong" in example.marks else []
    try:
        found = [problem.code for problem in Project.load(path).warnings]
    except ProjectError as error:
        found = [problem.code for problem in error.problems]
        assert found == wrong, f"{example}\n{error.show()}"
    assert found == wrong, str(example)


def import_file(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"docs_{path.parent.name}_{path.stem}", path)
    assert spec and spec.loader
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def try_commands(example: Example, folder: Path) -> Path:
    """Run the commands; the lines after one are what it must print. Return the folder that `cd` leads to."""
    typed = re.split(r"^\$ ", example.body, flags=re.MULTILINE)[1:] or example.body.splitlines()
    for entry in typed:
        line, _, wanted = entry.partition("\n")
        for command in (part.removeprefix(".venv/bin/").strip() for part in line.split(" && ")):
            if command.startswith("cd "):
                folder = (folder / command[3:]).resolve()
            elif INSTALLING.match(command):
                extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
                    "optional-dependencies"
                ]
                assert set(re.findall(r"\[(\w+)\]", command)) <= set(extras), str(example)
            elif command:
                run(command, wanted.strip(), example, folder)
    return folder


def run(command: str, wanted: str, example: Example, folder: Path) -> None:
    if command.startswith("xmaker run") and "--for" not in command and not wanted:
        command += " --for 1s"  # that it begins is enough
    if command.startswith("xmaker panel"):
        command = f"timeout --preserve-status -s INT 5 {command} || test $? = 130"  # it goes on until Ctrl-C
    locale = "zh_CN.UTF-8" if "zh" in page_name(example.page) else "C.UTF-8"
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    settings = {**os.environ, "LC_ALL": locale, "COLUMNS": "120", "PYTHONUTF8": "1", "PATH": path}
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
    done = subprocess.run(command, shell=True, cwd=folder, env=settings, timeout=60, **pipes)
    printed = re.sub(r" +$", "", done.stdout, flags=re.MULTILINE)
    told = f"{example}: {command}: exit code {done.returncode}, expected\n{wanted}\n\ngot\n{printed}"
    assert done.returncode == int(example.marks.get("fails", 0)), told
    found = re.search(".*".join(re.escape(part.strip("\n")) for part in wanted.split("…")), printed, re.DOTALL)
    assert found is not None, told


@pytest.mark.parametrize("page", PAIRS, ids=page_name)
def test_chinese_is_in_step(page: Path) -> None:
    def shape(page: Path) -> tuple[list[str], list[tuple[str, list[str]]]]:
        headings = re.findall(r"^#+(?= )", EXAMPLE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
        return headings, [(example.language, list(example.marks)) for example in examples(page)]

    assert shape(page) == shape(PAIRS[page])


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_links_and_words(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (page.parent / link).exists(), link
    if "docs" in page.parts and page.name not in ("architecture.md", "hooks.md", "nodes.md"):
        assert not re.findall(NOT_OUR_WORDS, EXAMPLE.sub("", text))


def test_generated_pages_are_up_to_date() -> None:
    for path, text in import_file(ROOT / "docs/make_hooks.py").pages().items():
        assert path.read_text(encoding="utf-8") == text, f"`python docs/make_hooks.py` brings {path.name} up to date"
