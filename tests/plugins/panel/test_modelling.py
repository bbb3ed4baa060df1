"""Models in the browser: uploads and what is refused of them, cards, quantizing, evaluating, a try, one in the project."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import pytest

from tests.plugins.panel.conftest import COLOURS, names, network, upload
from tests.plugins.panel.test_teaching import wait_gone
from xmaker.cli.gallery import gallery


@pytest.fixture
def panel(colours: Any) -> Any:
    return colours


def bare(tmp_path: Path) -> bytes:
    """The same network without a card, as a training program writes it."""
    made = onnx.load_from_string(network(tmp_path))
    del made.metadata_props[:]
    return made.SerializeToString()


def test_an_upload_is_there_with_its_card(panel: Any, tmp_path: Path) -> None:
    status, answer = upload(panel, "My%20Colours.onnx", network(tmp_path))
    assert (status, answer["model"]) == (200, "models/My_Colours.onnx")
    assert (tmp_path / answer["model"]).read_bytes() == network(tmp_path)
    card = panel.get(f"/models/card?lang=en&model={answer['model']}")
    assert card["task"] == "classify" and card["labels"] == 3
    assert "32×32" in card["facts"]["picture"]
    again = panel.ask(f"/models/file?model={answer['model']}")
    assert again.read_all == network(tmp_path) and 'filename="My_Colours.onnx"' in again.headers["Content-Disposition"]


def test_an_upload_takes_no_other_files_place(panel: Any, tmp_path: Path) -> None:
    assert upload(panel, "colours.onnx", network(tmp_path))[1]["model"] == "models/colours_2.onnx"
    assert names(panel) == ["models/colours.onnx", "models/colours_2.onnx"]
    assert panel.tell("/models", "remove", model="models/colours_2.onnx")[0] == 200
    assert names(panel) == ["models/colours.onnx"]


def test_labels_make_a_model_without_a_card_known(panel: Any, tmp_path: Path) -> None:
    name = upload(panel, "bare.onnx", bare(tmp_path))[1]["model"]
    answer = panel.ask(f"/models/card?lang=en&model={name}")
    assert answer.status == 409 and json.loads(answer.read_all)["code"] == "XM606"
    for text in ("红\n绿\n蓝\n", "红，绿, 蓝"):
        assert panel.tell("/models", "label", model=name, labels=text)[0] == 200
        assert (tmp_path / "models" / "bare.txt").read_text(encoding="utf-8") == "红\n绿\n蓝\n"
    assert panel.get(f"/models/card?lang=en&model={name}")["labels"] == 3
    panel.tell("/models", "label", model=name, labels="red\ngreen")
    answer = json.loads(panel.ask(f"/models/card?lang=en&model={name}").read_all)
    assert answer["code"] == "XM650", "three scores, two labels"


def test_a_model_is_tried_on_a_picture_and_on_what_the_camera_sees(panel: Any, tmp_path: Path) -> None:
    red = cv2.imencode(".png", np.full((40, 60, 3), (20, 20, 220), np.uint8))[1].tobytes()
    answer = panel.ask("/models/try?lang=en&model=models/colours.onnx", "POST", red, Origin=f"http://{panel.address}")
    said = json.loads(answer.read_all)
    assert answer.status == 200 and said["top"][0][0] == "red" and (said["width"], said["height"]) == (60, 40)
    answer = panel.ask(
        "/models/try?lang=en&model=models/colours.onnx&camera=camera", "POST", "", Origin=f"http://{panel.address}"
    )
    assert json.loads(answer.read_all)["top"][0][0] == "green"


def test_a_network_is_quantized_evaluated_and_used_in_the_project(panel: Any, tmp_path: Path) -> None:
    assert panel.tell("/models", "quantize", model="models/colours.onnx", data="pictures")[0] == 200
    done = panel.job()
    assert done["state"] == "done", done
    made = done["result"]["model"]
    assert made == "models/colours_int8.onnx" and made in names(panel)
    assert done["result"]["rows"][0]["title"] == "fp32" and sum(one["chosen"] for one in done["result"]["rows"]) == 1
    assert done["result"]["reason"]

    assert panel.tell("/models", "evaluate", model=made, data="pictures")[0] == 200
    done = panel.job()
    assert done["state"] == "done", done
    assert done["result"]["figures"]["top-1"] == 1.0 and len(done["result"]["confusion"]) == 3

    status, answer = panel.tell("/models", "use", model=made, node="colour")
    assert (status, answer["doubts"]) == (200, [])
    text = (tmp_path / "project.yaml").read_text(encoding="utf-8")
    assert text == COLOURS.replace("models/colours.onnx", made)
    assert panel.runtime.project.nodes["colour"].options["model"] == made
    wait_gone(tmp_path)


def test_a_checkpoint_is_converted_or_it_is_said_what_that_needs(panel: Any, tmp_path: Path) -> None:
    name = upload(panel, "fruit.pth", checkpoint())[1]["model"]
    panel.tell("/models", "label", model=name, labels="a\nb\nc")
    assert panel.tell("/models", "convert", model=name, arch="mobilenet_v3_small")[0] == 200
    done = panel.job()
    if find_spec("torch") is None:
        assert done["error"]["code"] == "XM601" and "xmaker[convert]" in done["error"]["hint"]
        assert not (tmp_path / "models" / "fruit.onnx").exists()
    else:
        assert done["state"] == "done", done
        assert done["result"]["model"] == "models/fruit.onnx"
        assert panel.get("/models/card?lang=en&model=models/fruit.onnx")["labels"] == 3


def checkpoint() -> bytes:
    """A network of torchvision that was taught three classes; without torch, a file that only looks so."""
    if find_spec("torch") is None:
        return pickle.dumps({"state_dict": {}}, protocol=2)
    import io

    from xmaker_toolbox.convert.torch_files import libraries

    file, torch = io.BytesIO(), libraries.torch()
    torch.save(libraries.torchvision_models().mobilenet_v3_small(num_classes=3).state_dict(), file)
    return file.getvalue()


def test_the_photographs_that_come_with_xmaker_will_do(panel: Any) -> None:
    assert panel.tell("/models", "quantize", model="models/colours.onnx", data="")[0] == 200
    done = panel.job()
    assert done["state"] in ("done", "failed"), done
    if done["state"] == "failed":  # eight photographs are not what this network sees
        assert done["error"]["code"] == "XM586"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ({"type": "remove", "model": "project.yaml"}, "XM979"),
        ({"type": "remove", "model": "models/../project.yaml"}, "XM979"),
        ({"type": "label", "model": "models/colours.onnx", "labels": " \n "}, "XM983"),
        ({"type": "label", "model": "../x.onnx", "labels": "a"}, "XM979"),
        ({"type": "quantize", "model": "models/none.onnx", "data": ""}, "XM979"),
        ({"type": "quantize", "model": "models/colours.onnx", "data": "/etc"}, "XM979"),
        ({"type": "quantize", "model": "models/colours.onnx", "data": ".."}, "XM979"),
        ({"type": "evaluate", "model": "models/colours.onnx", "data": ""}, "XM979"),
        ({"type": "use", "model": "/etc/passwd", "node": "colour"}, "XM979"),
        ({"type": "use", "model": "models/colours.onnx", "node": "lamp"}, "XM980"),
        ({"type": "use", "model": "models/colours.onnx", "node": "__class__"}, "XM980"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_cannot_be_done_is_said_in_words(panel: Any, tmp_path: Path, command: dict[str, str], code: str) -> None:
    status, answer = panel.tell("/models", **command)
    assert (status, answer["code"]) == (409, code)
    assert answer["words"] and answer["hint"]
    assert (tmp_path / "project.yaml").read_text() == COLOURS and names(panel) == ["models/colours.onnx"]


def test_labels_for_a_model_that_has_others_inside_are_not_taken_in_silence(panel: Any, tmp_path: Path) -> None:
    inside = panel.tell("/models", "label", model="models/colours.onnx", labels="red\ngreen\nblue")
    assert inside[0] == 200, "the same ones"
    (tmp_path / "models" / "colours.txt").unlink()
    status, answer = panel.tell("/models", "label", model="models/colours.onnx", labels="cat, dog")
    assert (status, answer["code"]) == (409, "XM998") and "red, green, blue" in answer["words"]
    assert not (tmp_path / "models" / "colours.txt").exists()


@pytest.mark.parametrize("path", ["project.yaml", "/etc/passwd", "../project.yaml", "models/../project.yaml", ""])
def test_nothing_but_models_is_downloaded(panel: Any, path: str) -> None:
    assert panel.ask(f"/models/file?model={path}").status == 404
    assert panel.ask(f"/models/card?model={path}").status == 409


@pytest.mark.parametrize("data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"])
def test_what_is_no_picture_is_told(panel: Any, data: bytes) -> None:
    answer = panel.ask("/models/try?lang=en&model=models/colours.onnx", "POST", data, Origin=f"http://{panel.address}")
    assert answer.status == 409 and json.loads(answer.read_all)["code"] == "XM982"


def test_a_picture_that_says_it_is_endless_is_not_unpacked(panel: Any) -> None:
    import struct
    import zlib

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(1_000_000))), (b"IEND", b"")]
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    answer = panel.ask("/models/try?lang=en&model=models/colours.onnx", "POST", png, Origin=f"http://{panel.address}")
    assert answer.status == 409 and json.loads(answer.read_all)["code"] == "XM982"


def test_a_picture_is_not_larger_than_it_may_be(panel: Any) -> None:
    origin = f"http://{panel.address}"
    try:
        assert panel.ask("/models/try?model=models/colours.onnx", "POST", bytes(16_000_000), Origin=origin).status == 413
    except OSError:
        pass  # cut off while it was still being sent


def test_another_site_and_a_browser_without_the_pin_can_do_nothing(
    start: Callable[..., Any], panel: Any, tmp_path: Path
) -> None:
    outside = start(COLOURS, host="0.0.0.0")
    outside.address = f"127.0.0.1:{outside.address.rpartition(':')[2]}"
    data = network(tmp_path)
    assert upload_status(outside, data) == 403
    assert upload_status(outside, data, Origin="http://evil.example") == 403
    assert upload_status(outside, data, Origin=f"http://{outside.address}") == 401
    for path in ("/models", "/models/card?model=models/colours.onnx", "/models/file?model=models/colours.onnx"):
        assert outside.ask(path).status == 401
    assert names(panel) == ["models/colours.onnx"]


def upload_status(panel: Any, data: bytes, **headers: str) -> int:
    return int(panel.ask("/models/upload?name=x.onnx", "POST", data, **headers).status)


def test_a_project_of_the_gallery_is_copied_before_anything_in_it_changes(
    start: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted((gallery() / "my_own_model").rglob("*"))
    panel = start(gallery() / "my_own_model")
    assert names(panel) == ["fruit.onnx", "fruit_int8.onnx"]
    assert panel.get("/models/card?lang=en&model=fruit.onnx")["labels"] == 5, "to look is no change"
    assert not (tmp_path / "my_own_model").exists()
    status, answer = panel.tell("/models", "use", model="fruit_int8.onnx", node="fruit")
    assert status == 200, answer
    assert "model: fruit_int8.onnx" in (tmp_path / "my_own_model" / "project.yaml").read_text(encoding="utf-8")
    assert panel.runtime.project.nodes["fruit"].options["model"] == "fruit_int8.onnx"
    assert sorted((gallery() / "my_own_model").rglob("*")) == before
