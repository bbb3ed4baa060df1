"""Teaching in the browser: labels, pictures from the live frames, the lesson, a try, and its head in the project."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.plugins.toolbox.teach.conftest import draw

FILMING = """
name: Shapes
inputs:
  camera: {source: seen, fps: 20, loop: true}  # what lies in front of it
models:
  shape: {use: classifier, from: camera}  # tells them apart
outputs:
  lamp: led
rules:
  - {when: shape == "ring", then: [lamp.on]}
  - {when: shape == "umbrella", then: [lamp.off]}
"""


@pytest.fixture
def panel(start: Callable[..., Any], tmp_path: Path) -> Any:
    """A project whose camera sees rings, one after the other."""
    show(tmp_path, "ring")
    return start(FILMING)


def show(project: Path, kind: str) -> None:
    """Have the camera see other things from now on; the run needs to be told."""
    shutil.rmtree(project / "seen", ignore_errors=True)
    for number in range(8):
        draw(project / "seen" / f"{number}.png", kind, number)


def take(panel: Any, label: str, count: int) -> list[str]:
    """Hold the key until there are so many pictures."""
    taken: list[str] = []
    while len(taken) < count:
        status, answer = panel.tell("/teach", "take", label=label, camera="camera")
        assert status == 200, answer
        taken += filter(None, [answer["picture"]])
    return taken


def labels(panel: Any) -> dict[str, int]:
    return {one["label"]: len(one["pictures"]) for one in panel.get("/teach")["labels"]}


def shapes(project: Path, each: int = 8) -> None:
    """Put pictures of both shapes there, as if they had been taken."""
    for kind in ("ring", "stripes"):
        for number in range(each):
            draw(project / "pictures" / kind / f"{number:04}.png", kind, number)


def test_pictures_are_what_the_camera_of_the_run_sees(panel: Any, tmp_path: Path) -> None:
    assert panel.tell("/teach", "add", label="ring")[0] == 200
    assert take(panel, "ring", 3) == ["0001.jpg", "0002.jpg", "0003.jpg"]
    assert labels(panel) == {"ring": 3}
    seen = [cv2.imread(str(tmp_path / "seen" / f"{number}.png")).astype(int) for number in range(8)]
    for path in (tmp_path / "pictures" / "ring").iterdir():
        image = cv2.imread(str(path)).astype(int)
        assert min(np.abs(image - one).mean() for one in seen) < 4, "no other picture than one of the camera's"
    assert not [one for one in panel.runtime.stats() if one.errors], "and the camera has not been disturbed"


def test_a_picture_that_stands_still_is_taken_once(start: Callable[..., Any], tmp_path: Path) -> None:
    show(tmp_path, "ring")
    panel = start(FILMING.replace("fps: 20", "fps: 0.4"))
    panel.tell("/teach", "add", label="ring")
    with panel.page("pictures/camera?lang=en") as film:  # the page shows it meanwhile
        film.socket.recv(5)
        taken = [panel.tell("/teach", "take", label="ring", camera="camera")[1]["picture"] for _ in range(4)]
    assert taken == ["0001.jpg", "", "", ""]


def test_labels_are_added_renamed_and_removed_and_a_picture_deleted(panel: Any, tmp_path: Path) -> None:
    for label in ("ring", "苹果"):
        assert panel.tell("/teach", "add", label=label)[0] == 200
    take(panel, "ring", 2)
    assert panel.tell("/teach", "drop", label="ring", picture="0001.jpg")[0] == 200
    assert panel.tell("/teach", "rename", label="ring", to="round thing")[0] == 200
    assert labels(panel) == {"round thing": 1, "苹果": 0}
    assert (tmp_path / "pictures" / "round thing" / "0002.jpg").is_file()
    assert panel.tell("/teach", "remove", label="round thing")[0] == 200
    assert labels(panel) == {"苹果": 0}
    assert not (tmp_path / "pictures" / "round thing").exists()


def test_a_folder_that_could_be_no_label_everywhere_is_shown_all_the_same(panel: Any, tmp_path: Path) -> None:
    shapes(tmp_path)
    (tmp_path / "pictures" / "stripes").rename(tmp_path / "pictures" / "aux")
    assert labels(panel) == {"aux": 8, "ring": 8}


def test_a_label_that_is_removed_takes_nothing_but_pictures_with_it(panel: Any, tmp_path: Path) -> None:
    shapes(tmp_path)
    (tmp_path / "pictures" / "ring" / "diary.txt").write_text("mine")
    assert panel.tell("/teach", "remove", label="ring")[0] == 200
    assert [path.name for path in (tmp_path / "pictures" / "ring").iterdir()] == ["diary.txt"]


def test_thumbnails_are_small_pictures(panel: Any, tmp_path: Path) -> None:
    shapes(tmp_path)
    answer = panel.ask("/teach/pictures/ring/0003.png")
    assert answer.status == 200 and answer.headers["Content-Type"] == "image/jpeg"
    assert max(cv2.imdecode(np.frombuffer(answer.read_all, np.uint8), cv2.IMREAD_COLOR).shape) == 144


def test_what_was_taught_is_tried_and_used_in_the_project(panel: Any, tmp_path: Path) -> None:
    shapes(tmp_path)
    assert panel.tell("/teach", "learn")[0] == 200
    done = panel.job()
    assert done["state"] == "done", done
    assert done["result"]["labels"] == ["ring", "stripes"] and done["result"]["counts"] == [8, 8]
    assert done["result"]["accuracy"] > 0.8
    assert sum(map(sum, done["result"]["confusion"])) == 16
    status, answer = panel.tell("/teach", "try", camera="camera")
    assert status == 200 and answer["top"][0][0] == "ring"

    status, answer = panel.tell("/teach", "use", node="shape")
    assert (status, answer["model"]) == (200, "taught_1.json")
    assert answer["doubts"] == ["shape never gives the label “umbrella”."]
    text = (tmp_path / "project.yaml").read_text(encoding="utf-8")
    assert text == FILMING.replace("from: camera}  # tells", "from: camera, model: taught_1.json}  # tells")
    with panel.page() as page:
        page.until(lambda: page.state.get("value.shape", {}).get("words", "").startswith("ring"))
    assert FILMING in [path.read_text() for path in (tmp_path / ".xmaker" / "versions" / "project.yaml").iterdir()], (
        "the one before is kept"
    )
    assert panel.tell("/teach", "use", node="shape")[1]["model"] == "taught_2.json", "what was taught before stays"


@pytest.mark.parametrize(("each", "code"), [(4, "XM465"), (0, "XM984")])
def test_too_few_pictures_are_refused_with_the_reason(panel: Any, tmp_path: Path, each: int, code: str) -> None:
    shapes(tmp_path, each)
    status, answer = panel.tell("/teach", "learn")
    assert (status, answer["code"]) == (409, code)
    assert answer["words"] and answer["hint"]


def test_a_lesson_can_be_cancelled_and_leaves_nothing(panel: Any, tmp_path: Path) -> None:
    shapes(tmp_path, 100)
    assert panel.tell("/teach", "learn")[0] == 200
    assert panel.tell("/teach", "learn")[1]["code"] == "XM970", "one thing at a time"
    with panel.page() as page:
        page.until(lambda: (page.state.get("job.now") or {}).get("part", 0) > 0.02)
    assert panel.tell("/models", "cancel")[0] == 200
    assert panel.job()["state"] == "cancelled"
    assert panel.get("/teach")["taught"] is False
    wait_gone(tmp_path)
    panel.tell("/models", "forget")
    assert panel.runtime.workers["camera"].state == "on"


def wait_gone(project: Path) -> None:
    from xmaker.testing import wait_until

    wait_until(lambda: not [*(project / ".xmaker").glob("xmaker-job-*")])


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ({"type": "add", "label": "../../etc"}, "XM475"),
        ({"type": "add", "label": ".."}, "XM475"),
        ({"type": "add", "label": "con"}, "XM475"),
        ({"type": "rename", "label": "ring", "to": "Com1.x"}, "XM475"),
        ({"type": "add", "label": "a\x00b"}, "XM475"),
        ({"type": "add", "label": "x" * 41}, "XM475"),
        ({"type": "add", "label": "  "}, "XM475"),
        ({"type": "add", "label": "ring"}, "XM978"),
        ({"type": "rename", "label": "ring", "to": "../ring"}, "XM475"),
        ({"type": "rename", "label": "ring", "to": "stripes"}, "XM978"),
        ({"type": "rename", "label": "cube", "to": "box"}, "XM979"),
        ({"type": "remove", "label": "../seen"}, "XM475"),
        ({"type": "drop", "label": "ring", "picture": "../../project.yaml"}, "XM979"),
        ({"type": "drop", "label": "ring", "picture": "9999.png"}, "XM979"),
        ({"type": "take", "label": "cube", "camera": "camera"}, "XM979"),
        ({"type": "take", "label": "ring", "camera": "nowhere"}, "XM977"),
        ({"type": "try", "camera": "camera"}, "XM979"),
        ({"type": "use", "node": "shape"}, "XM979"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_cannot_be_done_is_said_in_words(panel: Any, tmp_path: Path, command: dict[str, str], code: str) -> None:
    shapes(tmp_path, 1)
    before = sorted(tmp_path.rglob("*"))
    status, answer = panel.tell("/teach", **command)
    assert (status, answer["code"]) == (409, code)
    assert answer["words"] and answer["hint"]
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("body", ["", "[]", "{", '{"type": "format"}', '{"type": "add"}', '{"type": "add", "label": 7}'])
def test_nonsense_is_refused(panel: Any, body: str) -> None:
    assert panel.ask("/teach", "POST", body, Origin=f"http://{panel.address}").status == 400


def test_a_long_command_and_too_many_are_refused(panel: Any) -> None:
    origin = f"http://{panel.address}"
    assert panel.ask("/teach", "POST", "x" * 300_000, Origin=origin).status == 413
    assert 429 in [panel.ask("/teach", "POST", "{", Origin=origin).status for _ in range(150)]


@pytest.mark.parametrize(
    "path",
    [
        "/teach/pictures/../project.yaml",
        "/teach/pictures/ring/..%2f..%2fproject.yaml",
        "/teach/pictures/%2e%2e/project.yaml",
        "/teach/pictures/ring/none.jpg",
    ],
)
def test_no_other_file_is_a_picture(panel: Any, tmp_path: Path, path: str) -> None:
    shapes(tmp_path, 1)
    assert panel.ask(path).status == 404


def test_a_link_does_not_lead_out_of_the_project(panel: Any, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    draw(elsewhere / "mine" / "1.png", "ring", 1)
    (tmp_path / "pictures").symlink_to(elsewhere)
    assert panel.tell("/teach", "add", label="ring")[1]["code"] == "XM973"
    assert panel.ask("/teach?lang=en").status == 409
    (tmp_path / "pictures").unlink()
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "mine").symlink_to(elsewhere / "mine")
    assert labels(panel) == {}
    assert panel.tell("/teach", "remove", label="mine")[1]["code"] == "XM973"
    assert panel.ask("/teach/pictures/mine/1.png").status == 404
    assert (elsewhere / "mine" / "1.png").is_file()


def test_another_site_and_a_browser_without_the_pin_can_do_nothing(start: Callable[..., Any], tmp_path: Path) -> None:
    show(tmp_path, "ring")
    panel = start(FILMING, host="0.0.0.0")
    panel.address = f"127.0.0.1:{panel.address.rpartition(':')[2]}"
    body = '{"type": "add", "label": "cat"}'
    assert panel.ask("/teach", "POST", body).status == 403
    assert panel.ask("/teach", "POST", body, Origin="http://evil.example").status == 403
    assert panel.ask("/teach", "POST", body, Origin=f"http://{panel.address}").status == 401
    assert panel.ask("/teach").status == panel.ask("/teach/pictures/ring/1.png").status == 401
    assert not (tmp_path / "pictures").exists()
