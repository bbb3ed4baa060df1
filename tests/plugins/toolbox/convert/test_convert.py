"""What is the same for every source: the finished graph, its card, the comparison, and what is written beside it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from xmaker_toolbox.nodes import opened
from xmaker_toolbox.progress import Cancelled

from tests.conftest import Run
from xmaker import Frame, Plugins, Project, ProjectError, read_onnx
from xmaker.toolbox import convert

from .networks import write_net

BLUE = np.full((100, 150, 3), (250, 10, 30), np.uint8)


def says(model: Path, image: np.ndarray = BLUE) -> tuple[str, float]:
    with opened(Plugins.load(), "classifier", model=str(model), smooth=0) as node:
        found = node.run(Frame(image))
        return str(found.label), found.score


def test_a_file_that_needs_no_option(net: Path) -> None:
    made = convert(checkpoint=net, out=net.with_name("colours.onnx"))
    label, score = says(made.path)
    assert label == "蓝"
    means = (np.array([30, 10, 250]) - 127.5) / 127.5
    wanted = np.exp(np.array([[4, -2, -2], [-2, 4, -2], [-2, -2, 4]]) @ means)
    assert score == pytest.approx(wanted[2] / wanted.sum(), abs=1e-4)
    assert made.difference < 1e-4 and made.pictures == 6
    card = Plugins.load().model(str(made.path), Path())
    assert (card.name, card.format, card.guessed) == ("colours", "Colours", ["colours: red, green, blue"])
    assert card.source["checkpoint"] == "colours.net"


def test_the_graph_is_static_and_old_programs_read_it(net: Path) -> None:
    file = convert(net, net.with_name("colours.onnx")).path
    found, graph = read_onnx(file), onnx.load(file)
    assert [str(one) for one in (*found.inputs, *found.outputs)] == ["input float32 [1, 3, 224, 224]", "probs float32 [1, 3]"]
    assert not {"Shape", "Gather", "Constant"} & {node.op_type for node in graph.graph.node}
    assert [one.domain for one in graph.opset_import] == [""]
    assert (graph.opset_import[0].version, graph.ir_version) == (13, 7)


def test_xeduhub_is_told_the_labels_and_how_to_prepare_pictures(net: Path) -> None:
    told = read_onnx(convert(net, net.with_name("colours.onnx")).path).metadata["MODEL_INFO"]
    assert told.isascii()
    assert json.loads(told) == {"codebase": "MMCls", "modelname": "MobileNet", "classes": ["red", "green", "蓝"]}


@pytest.mark.parametrize(("colour", "norm"), [("RGB", ([0, 0, 0], [255, 255, 255])), ("BGR", ([103, 116, 123], [57, 58, 59]))])
def test_whatever_the_network_was_trained_with_it_takes_imagenets_numbers(net: Path, colour: str, norm: object) -> None:
    write_net(net, labels=["red", "green", "blue"], colour=colour, norm=norm)
    made = convert(net, net.with_name("colours.onnx"))
    card = Plugins.load().model(str(made.path), Path())
    assert (card.input.colour, card.input.mean) == ("RGB", (123.675, 116.28, 103.53))
    assert says(made.path)[0] == ("blue" if colour == "RGB" else "red")  # its first weight is for the first colour


def test_words_of_mmedu_for_the_same(net: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = net.with_name("classes.txt")
    labels.write_text("a\nb\nc\n")
    made = convert(checkpoint=net, backend="ONNX", out_file=net.with_name("x.onnx"), class_path=labels)
    assert (made.path.name, made.labels) == ("x.onnx", ["a", "b", "c"])
    monkeypatch.chdir(net.parent)
    assert convert(net).path == Path("colours.onnx")


def test_the_project_and_the_programs_beside_it_run(net: Path, xmaker: Run) -> None:
    made = convert(net, net.with_name("colours.onnx"))
    assert [path.name for path in made.beside.written] == ["project.yaml", "colours_xmaker.py", "colours_xeduhub.py"]
    assert not Project.load(net.parent).warnings
    cv2.imwrite(str(net.with_name("blue.png")), BLUE)
    ran = xmaker("run", net.with_name("project.yaml"), "--set", f"camera.source={net.with_name('blue.png')}", "--for", "5s")
    assert ran.code == 0, ran.err
    assert "蓝" in ran.out
    program = net.with_name("colours_xeduhub.py").read_text(encoding="utf-8")
    assert 'Workflow(task="mmedu"' in program
    assert "data=sys.argv[1]" in program
    compile(program, "colours_xeduhub.py", "exec")


def test_xeduhubs_program_cuts_the_middle_out_where_training_did(net: Path) -> None:
    write_net(net, labels=["red", "green", "blue"], resize="centre-crop")
    convert(net, net.with_name("colours.onnx"))
    program = net.with_name("colours_xeduhub.py").read_text(encoding="utf-8")
    cut = [line for line in program.splitlines() if line.startswith(("height", "side", "top"))]
    result = re.search(r"data=(photo\[.*?\])\)", program)
    found: dict[str, np.ndarray] = {"photo": np.arange(5 * 9).reshape(5, 9)}
    exec("\n".join([*cut, f"middle = {result[1] if result else None}"]), found)
    assert found["middle"].tolist() == np.arange(5 * 9).reshape(5, 9)[:, 2:7].tolist()


def test_what_somebody_wrote_is_left_as_it_is(net: Path, xmaker: Run) -> None:
    net.with_name("project.yaml").write_text("inputs: {}\n")
    ran = xmaker("model", "convert", net, net.with_name("colours.onnx"))
    assert ran.code == 0, ran.err
    assert "Colours → " in ran.out and "3 labels" in ran.out
    assert "Guessed: colours: red, green, blue" in ran.out
    assert f"Left as they were, with something else in them: {net.with_name('project.yaml')}" in ran.out
    assert net.with_name("project.yaml").read_text() == "inputs: {}\n"
    assert convert(net, net.with_name("colours.onnx")).difference < 1e-4  # its own file it writes over


def refusal(net: Path, out: str = "colours.onnx", **options: object) -> str:
    """Return the code of the message; the folder must be as it was."""
    before = sorted(net.parent.iterdir())
    with pytest.raises(ProjectError) as caught:
        convert(net, net.with_name(out), **options)
    assert sorted(net.parent.iterdir()) == before
    assert caught.value.show("en") and caught.value.show("zh")
    return caught.value.code


def test_other_answers_are_not_written(net: Path) -> None:
    assert refusal(write_net(net, labels=["a", "b", "c"], wrong=1.01)) == "XM537"
    assert refusal(write_net(net, labels=["a", "b", "c"], wrong=float("nan"))) == "XM537"


def test_files_that_are_something_else(net: Path) -> None:
    net.with_name("mine.onnx").write_bytes(b"mine")
    assert refusal(net, "mine.onnx") == "XM538"
    assert refusal(net, "colours.h5") == "XM539"
    assert refusal(net, backend="TensorRT") == "XM539"
    net.with_name("notes.txt").write_text("")
    assert refusal(net.with_name("notes.txt")) == "XM540"
    assert refusal(net.with_name("none.net")) == "XM604"


def test_labels_that_occur_twice_are_told_of(net: Path) -> None:
    """It is no error: two of ImageNet's classes are called crane."""
    made = convert(write_net(net), net.with_suffix(".onnx"), labels=["crane", "duck", "crane"])
    assert [one for one in made.guessed if "crane" in one and "duck" not in one]
    made = convert(write_net(net), net.with_suffix(".onnx"), labels=["crane", "duck", "goose"])
    assert not [one for one in made.guessed if "crane" in one]


def test_labels_that_do_not_fit(net: Path) -> None:
    assert refusal(net, labels=["a", "b"]) == "XM535"
    assert refusal(write_net(net)) == "XM536"
    assert refusal(net, labels=net.with_name("none.txt")) == "XM546"


def test_ended_in_the_middle_nothing_is_left(net: Path) -> None:
    doings = []

    def end(part: float, doing: str = "") -> None:
        doings.append(doing)
        if part > 0.85:
            assert any(path.suffix == ".onnx" for path in net.parent.iterdir())  # the half that must go
            raise Cancelled

    with pytest.raises(Cancelled):
        convert(net, net.with_name("colours.onnx"), progress=end)
    assert [path.name for path in net.parent.iterdir()] == ["colours.net"]
    assert "Comparing the answers" in doings or "比较结果" in doings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk"])
def test_labels_as_windows_saves_them(net: Path, encoding: str) -> None:
    net.with_name("labels.txt").write_bytes("红\r\n绿\r\n\r\n蓝\r\n".encode(encoding))
    assert convert(net, net.with_name("colours.onnx"), labels=net.with_name("labels.txt")).labels == ["红", "绿", "蓝"]


def test_numbers_before_labels_are_no_part_of_them(net: Path) -> None:
    net.with_name("labels.txt").write_text("0 red\n1 green\n2 blue sky\n")
    made = convert(net, net.with_name("colours.onnx"), labels=net.with_name("labels.txt"))
    assert made.labels == ["red", "green", "blue sky"]
