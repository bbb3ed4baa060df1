"""The node: hears the words of a head, or of a network for spectrograms made here, in sound of every kind."""

from __future__ import annotations

import json
import shutil
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from xmaker_keywords.logmel import picture
from xmaker_keywords.node import Keyword, Keywords
from xmaker_keywords.takes import read_wav

from xmaker import Event, Plugins, Project, ProjectError, Runtime, Sound, hookimpl
from xmaker.nodes import fields_of
from xmaker.options import convert
from xmaker.testing import ProjectRun
from xmaker.yaml_reader import Item

from .conftest import RATE, noise, word

SAID = ["你好", "多谢", "早晨", "再见", "other"]
"""What is said in the project's said.wav."""

Listen = Callable[..., ProjectRun]


@pytest.fixture
def listen(dialect: Path, xmaker_run: Any) -> Listen:
    """Give a function that runs the node on what the test sends as `microphone`."""

    def listen(model: str = "words.json", folder: Path = dialect, **options: Any) -> ProjectRun:
        plugins = Plugins.load()
        project = Project("test", folder=folder, plugins=plugins).add(plugins.nodes["microphone"](), name="microphone")
        project.add(Keywords(model=model, **options), name="word", from_="microphone")
        project.check()
        return xmaker_run(project)  # type: ignore[no-any-return]

    return listen


def send(run: ProjectRun, samples: Any, rate: int = RATE, piece: float = 0.1) -> list[str]:
    """Send -1..1 samples in pieces, as a microphone does; return the words that were heard."""
    before, step = len(heard(run)), round(rate * piece)
    whole = (np.clip(samples, -1, 1) * 32767).astype(np.int16)
    for start in range(0, len(whole), step):
        run.send("microphone", Sound(whole[start : start + step], rate))
    return heard(run)[before:]


def heard(run: ProjectRun) -> list[str]:
    return [str(event.value.label) for event in run.events if isinstance(event.value, Keyword)]


def test_a_word_has_the_number_of_its_label(listen: Listen, dialect: Path) -> None:
    run = listen(min_score=0.0)
    send(run, read_wav(dialect / "media" / "said.wav"))
    names = json.loads((dialect / "words.json").read_text(encoding="utf-8"))["labels"]["zh"]
    results = [event.value.as_xedu() for event in run.events if isinstance(event.value, Keyword)]
    assert [names[one["标签"]] for one in results] == [*SAID[:4], "其他"] and results[0]["预测结果"] == SAID[0]
    strict = listen(min_score=1.0)
    send(strict, read_wav(dialect / "media" / "said.wav"))
    assert {(event.value.number, str(event.value.label)) for event in strict.events if isinstance(event.value, Keyword)} == {
        (len(names) - 1, "other")
    }


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
def test_words_are_heard_at_every_rate(listen: Listen, dialect: Path, rate: int) -> None:
    said = read_wav(dialect / "media/said.wav")
    samples = np.interp(np.arange(int(len(said) * rate / RATE)) * RATE / rate, np.arange(len(said)), said)
    assert send(listen(), samples, rate) == SAID


@pytest.mark.parametrize("piece", [0.02, 0.33, 10.0])
def test_the_pieces_in_which_sound_comes_do_not_matter(listen: Listen, dialect: Path, piece: float) -> None:
    assert send(listen(), read_wav(dialect / "media/said.wav"), piece=piece) == SAID


def test_a_stereo_file_of_a_sound_program_will_do(dialect: Path, tmp_path: Path) -> None:
    """44.1 kHz, 24 bits, two channels: through the microphone node, as fast as it can be read."""
    said = read_wav(dialect / "media/said.wav")
    samples = np.interp(np.arange(int(len(said) * 2.75625)) / 2.75625, np.arange(len(said)), said)
    folder = shutil.copytree(dialect, tmp_path / "dialect")
    with wave.open(str(folder / "media/said.wav"), "wb") as file:
        file.setparams((2, 3, 44100, 0, "NONE", ""))
        wide = (samples[:, None].repeat(2, 1) * 2**23).astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3]
        file.writeframes(wide.tobytes())
    project = Project.load(folder)
    project.nodes["microphone"].options |= {"source": "media/said.wav", "fallback": ""}
    assert played(project) == SAID


def played(project: Project) -> list[str]:
    """Run a project to the end of its file; return the words that were heard."""
    words: list[str] = []

    class Ears:
        @hookimpl
        def xmaker_event(self, event: Event) -> None:
            if isinstance(event.value, Keyword):
                words.append(str(event.value.label))

    project.plugins.manager.register(Ears())
    Runtime(project.plugins, simulate=True).run(project)
    return words


def test_a_file_may_end_with_its_word(dialect: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(dialect, tmp_path / "dialect")
    project = Project.load(folder)
    project.nodes["microphone"].options |= {"source": "media/takes/多谢/3.wav", "fallback": ""}
    assert played(project) == ["多谢"]


def test_a_word_is_true_for_one_event_so_the_same_word_counts_again(dialect: Path, xmaker_run: Any) -> None:
    assert fields_of(Keyword).momentary
    run = xmaker_run(dialect)
    hello = read_wav(dialect / "media/takes/你好/1.wav")
    for _ in range(2):
        run.send("microphone", Sound((np.pad(hello, 8000) * 32767).astype(np.int16)))
    assert run.actions.count('screen.write("nei hou: hello 你好")') == 2


def test_silence_and_noise_never_reach_the_network(listen: Listen) -> None:
    run = listen()

    def scores(word: Any) -> Any:
        raise AssertionError("the network ran")

    run.runtime.workers["word"].node._scores = scores  # type: ignore[attr-defined]
    assert send(run, np.zeros(10 * RATE)) == send(run, noise(10.0, 0.01)) == []
    assert not run.errors


@pytest.mark.parametrize("samples", [np.zeros(0, np.int16), np.full(1600, np.nan, np.float32), np.full(1600, np.inf)])
def test_sound_that_is_none_says_nothing_and_the_next_word_is_heard(listen: Listen, dialect: Path, samples: Any) -> None:
    run = listen()
    run.send("microphone", *[Sound(samples)] * 5)
    hello = np.concatenate((np.zeros(RATE), read_wav(dialect / "media/takes/你好/2.wav"), np.zeros(RATE)))
    assert send(run, hello) == ["你好"]
    assert not run.errors


def test_a_word_below_the_least_score_is_other(listen: Listen, dialect: Path) -> None:
    run = listen(min_score=1.01)
    assert set(send(run, read_wav(dialect / "media/said.wav"))) == {"other"}
    (label, *_) = [event.value.label for event in run.events if isinstance(event.value, Keyword)]
    assert label == "其他"


def test_its_labels_are_known_before_it_runs(listen: Listen) -> None:
    node: Any = listen().runtime.workers["word"].node
    assert set(node.known_labels()) == {*SAID}


@pytest.mark.parametrize("options", [{"engine": "onnxruntime-spin", "threads": 2}, {"engine": "openvino"}])
def test_another_engine_hears_the_same(listen: Listen, dialect: Path, options: dict[str, Any]) -> None:
    if options["engine"] == "openvino":
        pytest.importorskip("openvino")
    assert send(listen(**options), read_wav(dialect / "media/said.wav")) == SAID


# Networks that look at a spectrogram's picture


def network(path: Path, task: str = "classify", output: str = "mean") -> Path:
    """Write a network whose scores are how much of its three channels there is in a picture of 64 x 128."""
    axes = helper.make_tensor("axes", TensorProto.INT64, [2], [1, 2])
    nodes = [
        helper.make_node("Cast", ["picture"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["float", "axes"], ["mean"], keepdims=0),
        helper.make_node("Sub", ["mean", "mean"], ["zero"]),
        helper.make_node("Div", ["zero", "zero"], ["nothing"]),
    ]
    given = helper.make_tensor_value_info("picture", TensorProto.UINT8, [1, 128, 63, 3])
    gives = helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, 3])
    graph = helper.make_graph(nodes, "sound", [given], [gives], [axes])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    card = {"name": "knock", "task": task, "input": {"width": 63, "height": 128, "resize": "stretch"}}
    helper.set_model_props(model, {"xmaker": json.dumps(card | {"labels": {"en": ["first", "second", "third"]}})})
    onnx.save(model, str(path))
    return path


@pytest.mark.parametrize("swap", [True, False])
def test_a_network_sees_two_seconds_from_where_the_sound_begins(listen: Listen, tmp_path: Path, swap: bool) -> None:
    network(tmp_path / "knock.onnx")
    run = listen("knock.onnx", tmp_path, swap=swap, min_score=0.0)
    sound = np.concatenate((noise(1.0, 0.001), word(0.5), noise(2.5, 0.001)))
    send(run, sound)
    (event,) = [event for event in run.events if isinstance(event.value, Keyword)]
    begins = RATE  # the frame of 20 ms in which the word begins
    seen = picture((sound[begins : begins + 2 * RATE] * 32767).astype(np.int16) / np.float32(32768))
    means = seen.reshape(-1, 3).mean(axis=0) if swap else seen.reshape(-1, 3).mean(axis=0)[::-1]
    assert event.value.label == ["first", "second", "third"][int(means.argmax())]
    assert event.value.score == pytest.approx(means.max(), abs=0.01)


def test_answers_that_are_no_numbers_are_left_out(listen: Listen, tmp_path: Path) -> None:
    network(tmp_path / "knock.onnx", output="nothing")
    run = listen("knock.onnx", tmp_path)
    assert send(run, np.concatenate((noise(1.0, 0.001), word(0.5), noise(2.5, 0.001)))) == []
    assert [error.code for error in run.errors] == ["XM922"]


# What is wrong with a model


def problem(folder: Path, model: str) -> str:
    plugins = Plugins.load()
    project = Project("test", folder=folder, plugins=plugins).add(plugins.nodes["microphone"](), name="microphone")
    with pytest.raises(ProjectError) as raised:
        project.add(Keywords(model=model), name="word", from_="microphone").check()
    return raised.value.code


def test_what_is_wrong_with_a_model_is_said_before_the_run(dialect: Path, tmp_path: Path) -> None:
    card = json.loads((dialect / "words.json").read_text(encoding="utf-8"))
    kinds: dict[str, Any] = {
        "short": {"decode": {**card["decode"], "weights": card["decode"]["weights"][:400]}},
        "empty": {"decode": {}},
        "letters": {"decode": {"weights": "!"}},
        "number": {"decode": {"weights": 5}},
        "more": {"labels": {language: [*names, "new"] for language, names in card["labels"].items()}},
        "none": {"labels": {}},
    }
    for name, change in kinds.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(card | change), encoding="utf-8")
    assert {name: problem(tmp_path, f"{name}.json") for name in kinds} == dict.fromkeys(kinds, "XM921")
    network(tmp_path / "finds.onnx", task="detect")
    (tmp_path / "text.json").write_text("[]", encoding="utf-8")
    assert problem(tmp_path, "finds.onnx") == "XM920"
    assert problem(tmp_path, "text.json") == "XM614"
    assert problem(tmp_path, "nothing.json") == "XM604"
    assert problem(tmp_path, "digit") == "XM607"


@pytest.mark.parametrize("seconds", [0, "0.01 s", "1000 s"])
def test_a_spectrogram_of_no_sound_or_of_minutes_is_refused(seconds: Any) -> None:
    problems = convert(Keywords, Item.of({"seconds": seconds}), "word")[1]
    assert [problem.code for problem in problems] == ["XM208"]
    assert convert(Keywords, Item.of({"seconds": "1500 ms"}), "word") == ({"seconds": 1.5}, [])


@pytest.mark.parametrize("model", ["imagenet", "cat-dog"])
def test_a_model_of_the_catalog_that_looks_at_photographs_hears_no_words(model: str) -> None:
    plugins = Plugins.load()
    project = Project("test", plugins=plugins).add(plugins.nodes["microphone"](), name="microphone")
    project.add(plugins.nodes["keywords"](model=model), name="word", from_="microphone")
    with pytest.raises(ProjectError) as raised:
        project.check()
    assert "XM920" in raised.value.show()
