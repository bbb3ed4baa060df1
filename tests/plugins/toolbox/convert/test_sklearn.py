"""`xmaker model convert` of what scikit-learn trained on small pictures: the same probabilities in ONNX."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from xmaker_toolbox.convert.run import convert
from xmaker_toolbox.nodes import opened

from tests.conftest import Run
from xmaker import Frame, Plugins, ProjectError

pytest.importorskip("skl2onnx")
skops = pytest.importorskip("skops.io")
from sklearn.datasets import load_digits, load_iris  # noqa: E402
from sklearn.ensemble import RandomForestClassifier  # noqa: E402
from sklearn.linear_model import LinearRegression, LogisticRegression  # noqa: E402
from sklearn.naive_bayes import GaussianNB  # noqa: E402
from sklearn.neighbors import KNeighborsClassifier  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler  # noqa: E402
from sklearn.svm import SVC  # noqa: E402
from sklearn.tree import DecisionTreeClassifier  # noqa: E402

DIGITS = load_digits()
SCALED = DIGITS.data * 255 / 16
"""Grey pictures of 8 × 8, 0 to 255."""
MODELS: dict[str, Callable[[], Any]] = {
    "logistic": lambda: make_pipeline(MinMaxScaler(), LogisticRegression(max_iter=100)),
    "tree": lambda: DecisionTreeClassifier(random_state=0),
    "forest": lambda: RandomForestClassifier(20, random_state=0),
    "neighbours": lambda: KNeighborsClassifier(3),
}


def save(path: Path, model: Any) -> Path:
    skops.dump(model, path)
    return path


def write_picture(number: int) -> Any:
    """Return a digit as a photograph would show it: large, in BGR."""
    grey = SCALED[number].reshape(8, 8).astype(np.uint8)
    return cv2.cvtColor(cv2.resize(grey, (80, 80), interpolation=cv2.INTER_NEAREST), cv2.COLOR_GRAY2BGR)


@pytest.mark.parametrize("name", MODELS)
def test_the_probabilities_are_the_same_and_digits_are_read(name: str, tmp_path: Path) -> None:
    source = save(tmp_path / "digits.skops", MODELS[name]().fit(SCALED, DIGITS.target))
    done = convert(source, tmp_path / "digits.onnx")
    assert done.difference < 1e-5 and done.labels == [str(digit) for digit in range(10)]
    assert "GREY 8 × 8" in done.guessed[0]
    assert sorted(path.name for path in done.beside.written) == ["digits_xmaker.py", "project.yaml"]
    with opened(Plugins.load(), "classifier", model=str(done.path), smooth=0) as node:
        read = [str(node.run(Frame(write_picture(number))).label) for number in range(30)]
    assert sum(label == str(right) for label, right in zip(read, DIGITS.target[:30], strict=True)) >= 28


def test_numbers_from_0_to_1_in_training_can_be_said(tmp_path: Path) -> None:
    model = MODELS["logistic"]().fit(SCALED / 255, DIGITS.target)
    done = convert(save(tmp_path / "digits.skops", model), tmp_path / "digits.onnx", pixels="0..1")
    assert not done.guessed
    with opened(Plugins.load(), "classifier", model=str(done.path), smooth=0) as node:
        read = [str(node.run(Frame(write_picture(number))).label) for number in range(30)]
    assert sum(label == str(right) for label, right in zip(read, DIGITS.target[:30], strict=True)) >= 28


def test_names_and_colours_can_be_given(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    pictures, labels = random.integers(0, 256, (60, 4 * 4 * 3)), np.arange(60) % 2
    source = save(tmp_path / "net.skops", LogisticRegression(max_iter=50).fit(pictures / 255, labels))
    done = convert(source, tmp_path / "net.onnx", labels=["猫", "狗"])
    assert done.labels == ["猫", "狗"]
    assert Plugins.load().model(str(done.path), tmp_path).input.colour == "RGB"


def refusal(path: Path, **options: Any) -> str:
    before = sorted(path.parent.iterdir())
    with pytest.raises(ProjectError) as caught:
        convert(path, path.with_name("net.onnx"), **options)
    assert sorted(path.parent.iterdir()) == before
    return caught.value.code


def test_a_table_is_no_picture_and_a_number_no_class(tmp_path: Path) -> None:
    table = LogisticRegression().fit(np.eye(13), np.arange(13) % 3)
    assert refusal(save(tmp_path / "wine.skops", table)) == "XM459"
    assert refusal(save(tmp_path / "line.skops", LinearRegression().fit(np.eye(4), np.arange(4)))) == "XM459"
    digits = save(tmp_path / "nb.skops", GaussianNB().fit(SCALED, DIGITS.target))
    assert refusal(digits, size=9) == "XM459"
    silent = SVC().fit(SCALED[:100], DIGITS.target[:100])
    assert refusal(save(tmp_path / "svc.skops", silent)) == "XM459"


def test_a_step_that_has_no_words_in_onnx_is_named(tmp_path: Path, xmaker: Run) -> None:
    model = make_pipeline(FunctionTransformer(np.sqrt), GaussianNB()).fit(SCALED, DIGITS.target)
    ran = xmaker("model", "convert", save(tmp_path / "root.skops", model), tmp_path / "net.onnx")
    assert ran.code == 1 and "XM518" in ran.err and "FunctionTransformer is not supported" in ran.err
    assert "issue" not in ran.err and ".." not in ran.err.partition("\n")[0].rpartition(": ")[2]


def test_four_lengths_of_a_flower_are_no_picture_unless_somebody_says_so(tmp_path: Path) -> None:
    flowers = load_iris()
    source = save(tmp_path / "iris.skops", LogisticRegression(max_iter=500).fit(flowers.data, flowers.target))
    assert refusal(source) == "XM459"
    assert "GREY 2 × 2" in convert(source, tmp_path / "iris.onnx", size=2).guessed[0]


def test_a_pickle_names_what_it_would_call_and_how_to_save_it(tmp_path: Path, xmaker: Run) -> None:
    (tmp_path / "digits.pkl").write_bytes(pickle.dumps(MODELS["logistic"]().fit(SCALED, DIGITS.target)))
    ran = xmaker("model", "convert", tmp_path / "digits.pkl", tmp_path / "net.onnx")
    assert "names sklearn.pipeline.Pipeline, sklearn.preprocessing._data.MinMaxScaler, " in ran.err
    assert "mean_" not in ran.err and "skops.io.dump" in ran.err and "torch" not in ran.err
    (tmp_path / "bad.pkl").write_bytes(pickle.dumps([np.zeros(3), Bomb(tmp_path / "ran")]))
    ran = xmaker("model", "convert", tmp_path / "bad.pkl", tmp_path / "net.onnx")
    assert "names pathlib.Path.touch, " in ran.err and "numpy" not in ran.err and not (tmp_path / "ran").exists()


class Bomb:
    """What would be run when a pickle of it is opened."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self._path,)


def test_a_pickle_is_opened_only_when_it_is_trusted(tmp_path: Path, xmaker: Run) -> None:
    (tmp_path / "bad.pkl").write_bytes(pickle.dumps(Bomb(tmp_path / "ran")))
    assert refusal(tmp_path / "bad.pkl") == "XM498" and not (tmp_path / "ran").exists()
    (tmp_path / "good.pkl").write_bytes(pickle.dumps(MODELS["tree"]().fit(SCALED, DIGITS.target)))
    assert refusal(tmp_path / "good.pkl") == "XM498"
    ran = xmaker("model", "convert", tmp_path / "good.pkl", tmp_path / "net.onnx", "--trust")
    assert ran.code == 0 and "scikit-learn, DecisionTreeClassifier" in ran.out


def test_a_skops_file_with_strange_classes_is_not_opened(tmp_path: Path) -> None:
    model = MODELS["tree"]().fit(SCALED, DIGITS.target)
    model.note = Bomb(tmp_path / "ran")
    assert refusal(save(tmp_path / "net.skops", model)) == "XM498"


def test_a_damaged_file_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "net.skops").write_bytes(b"PK\x03\x04 cut off")
    assert refusal(tmp_path / "net.skops") == "XM499"
