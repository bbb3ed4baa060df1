"""Files of Keras. They are made here with random weights, so that nothing needs to be fetched."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from xmaker_toolbox.convert import compare
from xmaker_toolbox.convert.keras_files.library import keras as imported

from tests.conftest import Run
from xmaker import MissingDependency, Plugins, ProjectError
from xmaker.toolbox import convert

pytestmark = pytest.mark.filterwarnings("ignore")
try:
    keras = imported()
except MissingDependency as missing:
    pytest.skip(str(missing), allow_module_level=True)
h5py = pytest.importorskip("h5py")
layers = keras.layers
LABELS = ["cat", "dog", "other"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    keras.utils.set_random_seed(0)
    return tmp_path


def body(x: Any) -> Any:
    """Layers as in MobileNet, with statistics as after some training."""
    kept = layers.ReLU(6.0)(normal(layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(x)))
    x = normal(layers.DepthwiseConv2D(3, padding="same", use_bias=False)(kept))
    return layers.Add()([kept, layers.Conv2D(8, 1)(x)])


def normal(x: Any) -> Any:
    some = keras.initializers.RandomUniform(0.5, 1.5)
    return layers.BatchNormalization(gamma_initializer=some, moving_mean_initializer=some, moving_variance_initializer=some)(x)


def network(*before: Any, side: int = 32, colours: int = 3, last: Any = None) -> Any:
    picture = x = keras.Input((side, side, colours))
    for layer in before:
        x = layer(x)
    x = layers.GlobalAveragePooling2D()(body(x))
    return keras.Model(picture, (last or layers.Dense(3, activation="softmax"))(x))


def answer(model: Any, picture: Any) -> Any:
    """Keras's own answer to a picture of numbers as the network takes them, (height, width, colours)."""
    with keras.device("cpu"):
        return keras.ops.convert_to_numpy(model(picture[None].astype(np.float32), training=False))


def converted_answer(path: Path, picture: Any) -> Any:
    """The converted network's answer to a picture of bytes in RGB, which has its size."""
    wanted = Plugins.load().model(str(path), Path()).input
    given = np.ascontiguousarray(np.broadcast_to(picture, (*picture.shape[:2], 3))[..., ::-1])
    return compare.runner(path)(compare.tensors([given], wanted)[0])


def noise(side: int = 32, colours: int = 3) -> Any:
    return np.random.default_rng(0).integers(0, 256, (side, side, colours), np.uint8)


@pytest.mark.parametrize("name", ["cats.keras", "cats.h5", "cats.hdf5"])
def test_the_answers_are_those_of_keras(name: str) -> None:
    model = network()
    model.save("source.h5" if name == "cats.hdf5" else name)
    if name == "cats.hdf5":
        Path("source.h5").rename(name)
    done = convert(name, "out/cats.onnx", labels=LABELS)
    assert done.difference < 1e-5 and done.labels == LABELS and "Keras 3" in done.origin
    assert converted_answer(done.path, noise()) == pytest.approx(answer(model, noise() / 127.5 - 1), abs=1e-5)
    graph = onnx.load(done.path)
    assert graph.opset_import[0].version == 14
    assert [side.dim_value for side in graph.graph.input[0].type.tensor_type.shape.dim] == [1, 3, 32, 32]
    assert "Sub" not in {node.op_type for node in graph.graph.node}  # the normalisations are in the convolutions


def test_what_is_guessed_can_be_said() -> None:
    model = network()
    model.save("cats.keras")
    assert len(convert("cats.keras", "out/cats.onnx", labels=LABELS).guessed) == 2
    done = convert("cats.keras", "out/cats.onnx", labels=LABELS, pixels="0..1")
    assert len(done.guessed) == 1
    assert converted_answer(done.path, noise()) == pytest.approx(answer(model, noise() / 255), abs=1e-5)
    with pytest.raises(ProjectError) as caught:
        convert("cats.keras", "out/cats.onnx", labels=LABELS, pixels="1/255")
    assert caught.value.code == "XM918"


def test_a_network_that_scales_by_itself_gets_the_numbers_of_the_picture() -> None:
    model = network(layers.Rescaling(1 / 255), layers.RandomFlip())
    model.save("cats.keras")
    done = convert("cats.keras", "out/cats.onnx", labels=LABELS)
    assert converted_answer(done.path, noise()) == pytest.approx(answer(model, noise()), abs=1e-5)
    assert len(done.guessed) == 1  # that the picture is stretched


@pytest.mark.parametrize("activation", ["sigmoid", None])
def test_one_score_stands_for_two_classes(activation: str | None) -> None:
    model = network(last=layers.Dense(1, activation=activation))
    model.save("cats.keras")
    done = convert("cats.keras", "out/cats.onnx", labels=["cat", "dog"])
    wanted = float(answer(model, noise() / 127.5 - 1)[0, 0])
    wanted = wanted if activation else 1 / (1 + np.exp(-wanted))
    assert converted_answer(done.path, noise())[0] == pytest.approx([1 - wanted, wanted], abs=1e-5)


def test_scores_that_do_not_add_up_are_made_to() -> None:
    network(last=layers.Dense(3)).save("cats.keras")
    done = convert("cats.keras", "out/cats.onnx", labels=LABELS)
    assert float(converted_answer(done.path, noise()).sum()) == pytest.approx(1, abs=1e-5)


def test_grey_pictures_of_digits() -> None:
    model = network(side=28, colours=1)
    model.save("digits.keras")
    done = convert("digits.keras", "out/digits.onnx", labels=["0", "1", "2"])
    assert Plugins.load().model(str(done.path), Path()).input.colour == "GREY"
    assert not Path("out/digits_xeduhub.py").exists()  # XEduHub prepares no such picture
    assert converted_answer(done.path, noise(28, 1)) == pytest.approx(answer(model, noise(28, 1) / 255), abs=1e-5)


def test_any_size_needs_one() -> None:
    picture = keras.Input((None, None, 3))
    scores = layers.Dense(3, activation="softmax")(layers.GlobalAveragePooling2D()(body(picture)))
    keras.Model(picture, scores).save("cats.keras")
    with pytest.raises(ProjectError, match="--size") as caught:
        convert("cats.keras", "out/cats.onnx", labels=LABELS)
    assert caught.value.code == "XM545"
    assert convert("cats.keras", "out/cats.onnx", labels=LABELS, size=48).difference < 1e-5


def teachable(path: Path, base: Callable[[], Any], side: int) -> Any:
    """Write a file as Teachable Machine and Keras 2 do, and return its network.

    The layers' names and their nesting are those of its files; the words that Keras 3 writes otherwise are put back.
    """
    average = layers.GlobalAveragePooling2D(name="global_average_pooling2d_GlobalAveragePooling2D1")
    features = keras.Sequential([base(), average], name="sequential_1")
    head = keras.Sequential(name="sequential_3")
    head.add(layers.Dense(16, activation="relu", name="dense_Dense1"))
    head.add(layers.Dense(3, activation="softmax", use_bias=False, name="dense_Dense2"))
    model = keras.Sequential([keras.Input((side, side, 3)), features, head], name="sequential_4")
    model.save(path, include_optimizer=False)
    with h5py.File(path, "r+") as file:
        plan = json.loads(file.attrs["model_config"])
        file.attrs["model_config"] = json.dumps(_as_keras_2(plan))
        file.attrs["keras_version"] = "2.4.0"
    return model


def _as_keras_2(plan: Any) -> Any:
    if isinstance(plan, list):
        return [_as_keras_2(one) for one in plan]
    if not isinstance(plan, dict):
        return plan
    plan = {
        name: _as_keras_2(value) for name, value in plan.items() if name not in ("module", "registered_name", "build_config")
    }
    if plan.get("class_name") == "DTypePolicy":
        return plan["config"]["name"]
    if plan.get("class_name") == "DepthwiseConv2D":
        plan["config"]["groups"] = 1
    if plan.get("class_name") == "BatchNormalization":
        plan["config"]["axis"] = [3]
    if "batch_shape" in plan:
        plan["batch_input_shape"] = plan.pop("batch_shape")
    for ends in ("input_layers", "output_layers"):
        if isinstance(plan.get(ends), list) and isinstance(plan[ends][0], str):
            plan[ends] = [plan[ends]]
    return plan


def small() -> Any:
    picture = keras.Input((32, 32, 3))
    return keras.Model(picture, body(picture), name="model1")


def test_a_file_of_teachable_machine(tmp_path: Path) -> None:
    model = teachable(tmp_path / "keras_model.h5", small, 32)
    with pytest.raises(TypeError):  # so the file is as told: Keras 3 alone does not read it
        keras.saving.load_model(tmp_path / "keras_model.h5", compile=False)
    (tmp_path / "labels.txt").write_text("0 猫\n1 狗\n2 其他\n", encoding="utf-8")
    done = convert("keras_model.h5", "out/cats.onnx")
    assert (done.origin, done.labels, done.guessed) == ("Teachable Machine, Keras", ["猫", "狗", "其他"], [])
    assert done.difference < 1e-5
    assert converted_answer(done.path, noise()) == pytest.approx(answer(model, noise() / 127.5 - 1), abs=1e-5)
    assert Plugins.load().model(str(done.path), Path()).input.resize == "centre-crop"  # as its sample program does


@pytest.mark.slow
def test_the_network_of_teachable_machine(tmp_path: Path) -> None:
    def mobilenet() -> Any:
        return keras.applications.MobileNetV2((224, 224, 3), alpha=0.35, include_top=False, weights=None)

    model = teachable(tmp_path / "keras_model.h5", mobilenet, 224)
    done = convert("keras_model.h5", "out/cats.onnx", labels=LABELS)
    assert done.difference < 1e-5
    assert converted_answer(done.path, noise(224)) == pytest.approx(answer(model, noise(224) / 127.5 - 1), abs=1e-5)


@pytest.mark.parametrize("name", ["cats.keras", "cats.h5"])
def test_a_file_with_code_stays_shut_unless_it_is_trusted(name: str) -> None:
    marked = Path("exploded")
    model = network(layers.Lambda(lambda x: (open("exploded", "w").close(), x / 255)[1], output_shape=(32, 32, 3)))
    model.save(name)
    marked.unlink(missing_ok=True)
    with pytest.raises(ProjectError, match="Lambda") as caught:
        convert(name, "out/cats.onnx", labels=LABELS)
    assert caught.value.code == "XM912" and not marked.exists() and not Path("out").exists()
    done = convert(name, "out/cats.onnx", labels=LABELS, trust=True)
    assert done.difference < 1e-5 and marked.exists()


def test_a_layer_of_somebodys_own_is_named() -> None:
    class Twice(layers.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return 2 * x

    for name in ("cats.keras", "cats.h5"):
        network(Twice()).save(name)
        with pytest.raises(ProjectError, match="Twice") as caught:
            convert(name, "out/cats.onnx", labels=LABELS)
        assert caught.value.code == "XM913"


def refusal(path: str, **options: Any) -> str:
    with pytest.raises(ProjectError) as caught:
        convert(path, "out/cats.onnx", **{"labels": LABELS, **options})
    assert not Path("out").exists()
    return str(caught.value.code)


def test_what_is_no_network_is_told_of() -> None:
    model = network()
    model.save("cats.keras")
    model.save_weights("cats.weights.h5")
    assert refusal("cats.weights.h5") == "XM916"
    for name, content in {
        "cut.keras": Path("cats.keras").read_bytes()[:900],
        "page.h5": b"<html>" * 50,
        "no.keras": b"",
    }.items():
        Path(name).write_bytes(content)
        assert refusal(name) == "XM911"
    assert refusal("cats.keras", labels=["cat"]) == "XM535"
    two = [keras.Input((32, 32, 3)), keras.Input((32, 32, 3))]
    keras.Model(two, layers.Dense(3)(layers.Flatten()(layers.Add()(two)))).save("two.keras")
    assert refusal("two.keras") == "XM545"
    keras.Sequential([keras.Input((4,)), layers.Dense(3)]).save("table.keras")
    assert refusal("table.keras") == "XM545"


def test_the_command_converts(xmaker: Run) -> None:
    network().save("cats.keras")
    Path("labels.txt").write_text("\n".join(LABELS))
    ran = xmaker("model", "convert", "cats.keras", "cats.onnx", "--labels", "labels.txt", "--pixels", "0..1")
    assert ran.code == 0 and "Keras 3" in ran.out and "3 labels" in ran.out and "Guessed: picture" in ran.out


def test_without_keras_the_command_that_brings_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    network().save("cats.keras")
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(MissingDependency, match=r"keras") as caught:
        convert("cats.keras", "cats.onnx", labels=LABELS)
    assert "xmaker[keras]" in caught.value.hint
