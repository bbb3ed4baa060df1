"""Every engine gives the same answers, each from its own kind of file, with its real library."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import xmaker_onnxruntime
from xmaker_vision.prepare import Preparer

from xmaker import MissingDependency, Plugins, ProjectError, XMakerError
from xmaker.engines import _free_memory

from .networks import CARD, write_ncnn, write_onnx, write_tflite

NEEDS = {"litert": "ai_edge_litert", "ncnn": "ncnn", "openvino": "openvino", "onnxruntime": "onnxruntime"}
BGR = (30, 120, 240)
SCORES = [240 / 255, 120 / 255, 30 / 255]


def scores(path: Path, engine: str = "", threads: int = 1) -> list[float]:
    """Load a model as a node does, run it twice, and return the scores of the second time."""
    plugins = Plugins.load()
    card = plugins.model(str(path), Path())
    made = plugins.engine(card, engine)
    card = plugins.model(str(path), Path())
    card.path = made.files(path)[0]
    session = made.load(card, threads)
    preparer = Preparer(card.input)
    session.run(preparer.tensor(np.zeros((20, 30, 3), np.uint8)))
    result = session.run(preparer.tensor(np.full((20, 30, 3), BGR, np.uint8)))
    found = np.array(result[0]).reshape(-1).tolist()
    assert len(session.outputs) == len(result) == 1
    session.close()
    return found  # type: ignore[no-any-return]


WRITE: dict[str, Callable[[Path], Any]] = {
    "litert": lambda folder: write_tflite(folder / "colours.tflite"),
    "ncnn": lambda folder: write_ncnn(folder / "colours.ncnn.param"),
    "openvino": lambda folder: None,  # it reads the .onnx
    "onnxruntime": lambda folder: None,
    "onnxruntime-spin": lambda folder: None,
}


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("engine", WRITE)
def test_an_engine_by_its_name_takes_the_file_beside_the_model(tmp_path: Path, engine: str, threads: int) -> None:
    pytest.importorskip(NEEDS[engine.removesuffix("-spin")])
    path = write_onnx(tmp_path / "colours.onnx")
    WRITE[engine](tmp_path)
    assert scores(path, engine, threads) == pytest.approx(SCORES, abs=1e-5)


def test_bytes_outside_are_the_cards_whatever_is_inside(tmp_path: Path) -> None:
    """An INT8 file takes and gives bytes with a scale; nodes see real numbers."""
    pytest.importorskip("ai_edge_litert")
    path = write_onnx(tmp_path / "colours.onnx")
    write_tflite(tmp_path / "colours_int8.tflite", int8=True)
    assert scores(path, "litert") == pytest.approx(SCORES, abs=1 / 255)


@pytest.mark.parametrize("int8", [False, True])
def test_a_tflite_file_with_labels_needs_no_onnx(tmp_path: Path, int8: bool) -> None:
    """So Teachable Machine exports it: numbers from -1 to 1 go in."""
    pytest.importorskip("ai_edge_litert")
    path = write_tflite(tmp_path / "model.tflite", int8)
    (tmp_path / "labels.txt").write_text("0 red\n1 green\n2 blue\n")
    card = Plugins.load().model(str(path), Path())
    assert (card.format, [str(name) for name in card.label_names()]) == ("Teachable Machine", ["red", "green", "blue"])
    wanted = [2 * score - 1 for score in SCORES]
    assert scores(path) == pytest.approx([max(0, score) for score in wanted] if int8 else wanted, abs=1 / 255)
    (tmp_path / "labels.txt").write_text("red\ngreen\n")
    with pytest.raises(ProjectError) as raised:
        Plugins.load().model(str(path), Path())
    assert raised.value.code == "XM650"


def test_a_tflite_file_without_its_library_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.tflite").touch()
    monkeypatch.setattr(importlib.import_module("xmaker_litert"), "find_spec", lambda name: None)
    with pytest.raises(ProjectError) as raised:
        Plugins.load().model("model.tflite", tmp_path)
    assert raised.value.code == "XM659" and 'pip install "xmaker[litert]"' in raised.value.hint


def test_a_tflite_file_without_labels_asks_for_them(tmp_path: Path) -> None:
    pytest.importorskip("ai_edge_litert")
    write_tflite(tmp_path / "model.tflite")
    with pytest.raises(ProjectError) as raised:
        Plugins.load().model("model.tflite", tmp_path)
    assert raised.value.code == "XM606" and "model.txt" in raised.value.hint


def test_the_card_beside_a_tflite_file_is_found_by_the_files_name(tmp_path: Path) -> None:
    pytest.importorskip("ai_edge_litert")
    write_tflite(tmp_path / "model.tflite")
    card = {**CARD, "file": "model.tflite", "title": {"en": "Colours"}}
    (tmp_path / "model.json").write_text(json.dumps(card))
    found = Plugins.load().model("model.tflite", tmp_path)
    assert found.title == {"en": "Colours"} and found.path == tmp_path / "model.tflite"


@pytest.mark.parametrize("beside", ['{"mine": 1}', "no JSON", json.dumps({**CARD, "file": "other.tflite"})])
def test_what_else_has_that_name_is_no_card_of_it(tmp_path: Path, beside: str) -> None:
    pytest.importorskip("ai_edge_litert")
    write_tflite(tmp_path / "model.tflite")
    (tmp_path / "model.json").write_text(beside)
    with pytest.raises(ProjectError) as raised:
        Plugins.load().model("model.tflite", tmp_path)
    assert raised.value.code == "XM606"


def test_a_tflite_file_that_is_none_is_damaged(tmp_path: Path) -> None:
    pytest.importorskip("ai_edge_litert")
    (tmp_path / "model.tflite").write_text("This is no model.")
    with pytest.raises(ProjectError) as raised:
        Plugins.load().model("model.tflite", tmp_path)
    assert raised.value.code == "XM605"


def test_openvinos_own_files(tmp_path: Path) -> None:
    openvino = pytest.importorskip("openvino")
    path = write_onnx(tmp_path / "colours.onnx")
    openvino.save_model(openvino.Core().read_model(str(path)), str(tmp_path / "colours.xml"))
    engine = Plugins.load().engine(Plugins.load().model(str(path), Path()), "openvino")
    assert [file.name for file in engine.files(path)] == ["colours.onnx", "colours.xml"]
    card = Plugins.load().model(str(path), Path())
    card.path = tmp_path / "colours.xml"
    session = engine.load(card, 1)
    assert session.run(np.ones((1, 3, 8, 8), np.float32))[0].tolist() == [[1, 1, 1]]


def test_files_like_the_model_are_found_by_their_names(tmp_path: Path) -> None:
    names = ("cats_fp32.onnx", "cats_int8.onnx", "cats.tflite", "cats_int8.tflite", "cats.ncnn.param", "catsanddogs.onnx")
    for name in names:
        (tmp_path / name).touch()
    engines = {engine.name: engine for engine in Plugins.load()._offers("xmaker_engines")}
    found = {
        name: [file.name for file in engines[name]().files(tmp_path / "cats_fp32.onnx")]
        for name in ("onnxruntime", "litert", "ncnn")
    }
    assert found == {
        "onnxruntime": ["cats_fp32.onnx", "cats_int8.onnx"],
        "litert": ["cats.tflite", "cats_int8.tflite"],
        "ncnn": ["cats.ncnn.param"],
    }


@pytest.mark.parametrize(("engine", "file"), [("ncnn", "colours.ncnn.param"), ("litert", "colours.tflite")])
def test_no_file_for_an_engine_says_which_one_and_how_to_make_it(tmp_path: Path, engine: str, file: str) -> None:
    pytest.importorskip(NEEDS[engine])
    path = write_onnx(tmp_path / "colours.onnx")
    with pytest.raises(ProjectError) as raised:
        scores(path, engine)
    assert raised.value.code == "XM625" and engine in str(raised.value)
    assert file in raised.value.hint and "xmaker model export" in raised.value.hint


@pytest.mark.parametrize("engine", ["litert", "ncnn"])
def test_no_file_for_an_engine_that_is_missing_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    path = write_onnx(tmp_path / "colours.onnx")
    monkeypatch.setattr(importlib.import_module(f"xmaker_{engine}"), "find_spec", lambda name: None)
    with pytest.raises(MissingDependency) as raised:
        scores(path, engine)
    assert f'pip install "xmaker[{engine}]"' in raised.value.hint


@pytest.mark.parametrize("engine", ["litert", "ncnn", "openvino"])
def test_a_missing_engine_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    path = write_onnx(tmp_path / "colours.onnx")
    for suffix in ("tflite", "ncnn.param"):
        (tmp_path / f"colours.{suffix}").touch()
    plugins = Plugins.load()
    card = plugins.model(str(path), Path())
    monkeypatch.setattr(importlib.import_module(f"xmaker_{engine}"), "find_spec", lambda name: None)
    with pytest.raises(MissingDependency) as raised:
        plugins.engine(card, engine).load(card, 1)
    assert f'pip install "xmaker[{engine}]"' in raised.value.hint


@pytest.mark.parametrize(("engine", "system"), [("onnxruntime-coreml", "macOS"), ("onnxruntime-directml", "Windows")])
def test_an_engine_of_another_system_is_not_offered_for_installing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str, system: str
) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    card = Plugins.load().model(str(write_onnx(tmp_path / "colours.onnx")), Path())
    with pytest.raises(ProjectError) as raised:
        Plugins.load().engine(card, engine).load(card, 1)
    assert raised.value.code == "XM661" and system in str(raised.value)


def test_a_provider_that_is_not_there_says_what_has_it(tmp_path: Path) -> None:
    path = write_onnx(tmp_path / "colours.onnx")
    with pytest.raises(MissingDependency) as raised:
        scores(path, "onnxruntime-cuda")
    assert "onnxruntime-gpu" in raised.value.hint


@pytest.mark.parametrize(
    ("engine", "name"), [("litert", "colours.tflite"), ("ncnn", "colours.ncnn.param"), ("openvino", "colours.xml")]
)
def test_a_file_that_is_none_is_an_error_with_a_code(tmp_path: Path, engine: str, name: str) -> None:
    pytest.importorskip(NEEDS[engine])
    write_onnx(tmp_path / "colours.onnx")
    (tmp_path / name).write_text("This is no model.")
    (tmp_path / "colours.ncnn.bin").touch()
    plugins = Plugins.load()
    card = plugins.model("./colours.onnx", tmp_path)
    card.path = tmp_path / name
    with pytest.raises(XMakerError) as raised:
        plugins.engine(card, engine).load(card, 1)
    assert raised.value.code == "XM618"


@pytest.mark.parametrize(
    ("machine", "flags", "calibration", "exact"),
    [
        ("x86_64", "flags : fpu avx2", None, True),
        ("x86_64", "flags : fpu avx512_vnni", None, False),
        ("x86_64", "flags : fpu avx2", {"saturates": False}, False),
        ("AMD64", "", None, True),  # Windows does not say
        ("aarch64", "Features : fp asimd", None, False),
    ],
)
def test_onnxruntime_is_exact_where_sums_could_overflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: str, flags: str, calibration: Any, exact: bool
) -> None:
    monkeypatch.setattr(xmaker_onnxruntime.platform, "machine", lambda: machine)
    monkeypatch.setattr(xmaker_onnxruntime, "processor", lambda: flags)
    plugins = Plugins.load()
    card = plugins.model(str(write_onnx(tmp_path / "colours.onnx")), Path())
    card.calibration = calibration
    session: Any = plugins.engine(card).load(card, 1)
    options = session._session.get_session_options()
    if exact:
        assert options.get_session_config_entry("session.x64quantprecision") == "1"
    else:
        with pytest.raises(RuntimeError):  # there is no such entry
            options.get_session_config_entry("session.x64quantprecision")


def test_the_memory_is_read_from_the_system() -> None:
    free = _free_memory()
    assert free is None or 1_000_000 < free < 1 << 50


def test_a_card_of_another_size_than_the_network_is_told_of(tmp_path: Path) -> None:
    write_onnx(tmp_path / "net.onnx")
    card = Plugins.load().model("net.onnx", tmp_path)
    card.input = msgspec.structs.replace(card.input, width=card.input.width + 1)
    with pytest.raises(ProjectError) as raised:
        xmaker_onnxruntime.OnnxRuntime().load(card, threads=1)
    assert raised.value.code == "XM662"


@pytest.mark.filterwarnings("ignore:Specified provider")
@pytest.mark.parametrize("engine", ["onnxruntime-cuda", "onnxruntime-tensorrt"])
def test_a_provider_that_does_not_load_is_no_run_on_the_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], engine: str
) -> None:
    """Its package is installed, the graphics card is not there: ONNX Runtime itself goes on with the processor."""
    import onnxruntime

    provider = xmaker_onnxruntime.PROVIDERS[engine.removeprefix("onnxruntime-")][0]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [provider, "CPUExecutionProvider"])
    with pytest.raises(MissingDependency) as raised:
        scores(write_onnx(tmp_path / "colours.onnx"), engine)
    assert raised.value.code == "XM660" and engine in str(raised.value) and "CUDA" in raised.value.hint
    assert capfd.readouterr() == ("", "")


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_a_damaged_file_is_not_the_providers_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import onnxruntime

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider"])
    card = Plugins.load().model("colours.onnx", write_onnx(tmp_path / "colours.onnx").parent)
    (tmp_path / "colours.onnx").write_bytes(b"no network")
    with pytest.raises(ProjectError) as raised:
        Plugins.load().engine(card, "onnxruntime-cuda").load(card, 1)
    assert raised.value.code == "XM618"
