"""The page for the browser: all in one file, in both languages, readable with two classes and with a thousand."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest
from xmaker_toolbox.evaluation.matrix import MOST, matrix, most_mistaken
from xmaker_toolbox.evaluation.report import page
from xmaker_toolbox.evaluation.result import Box, Class, Evaluation, Mistake
from xmaker_toolbox.evaluation.tables import summary

from tests.plugins.toolbox.evaluation.conftest import COLOURS, draw_picture

NOT_CLOSED = {"meta"}


class Outline(HTMLParser):
    """Raises AssertionError where tags do not close in turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in NOT_CLOSED and tag != "br":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None: ...

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def evaluation(count: int, wrong: dict[tuple[int, int], int], **more: object) -> Evaluation:
    """Return what was measured of a classifier: ten of each class, and these mistakes."""
    confusion = [[10 * (row == column) for column in range(count)] for row in range(count)]
    for (true, said), often in wrong.items():
        confusion[true][said], confusion[true][true] = often, 10 - often
    classes = [
        Class(f"class {number}", 10, row[number], sum(other[number] for other in confusion))
        for number, row in enumerate(confusion)
    ]
    return Evaluation("classify", 10 * count, {"top-1": 0.9}, classes, confusion, model="m.onnx", **more)  # type: ignore[arg-type]


def pictures_in(text: str) -> list[np.ndarray]:
    found = [base64.b64decode(data) for data in re.findall(r"data:image/jpeg;base64,([^\"]+)", text)]
    return [cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) for data in found]


@pytest.mark.parametrize("count", [2, 3, 10, MOST])
def test_a_matrix_shows_every_class(count: int) -> None:
    picture, hidden = matrix(evaluation(count, {(0, 1): 3}))
    assert hidden == 0
    assert picture.count('class="frame"') == count * count
    assert picture.count('class="right"') == count
    assert "<title>class 0 → class 1: 3</title>" in picture
    assert re.findall(r'class="wrong"[^>]*fill-opacity="(0\.[1-9]\d*)"', picture) == ["0.30"]


def test_of_a_thousand_classes_it_shows_those_that_are_mistaken() -> None:
    one = evaluation(1000, {(7, 900): 2, (3, 4): 5, (900, 8): 1})
    assert most_mistaken(one) == [3, 4, 7, 900, 8]
    picture, hidden = matrix(one)
    assert (picture.count('class="frame"'), hidden) == (25, 995)
    assert len(most_mistaken(evaluation(1000, {(number, number + 1): 1 for number in range(0, 900, 2)}))) == MOST


def test_labels_have_room(english: None) -> None:
    one = evaluation(2, {(0, 1): 1})
    one.classes[0].label, one.classes[1].label = "一种名字特别长的小动物叫什么呢", "Appenzeller mountain dog of the Alps"
    picture, _ = matrix(one)
    assert "一种名字特别长的小动…" in picture
    assert "Appenzeller mountain…" in picture
    left = min(float(x) for x in re.findall(r'class="frame" x="(\d+)"', picture))
    assert left > 20 * 7


def test_a_page_holds_all_that_it_shows(english: None, tmp_path: Path) -> None:
    wrong = Mistake(draw_picture(tmp_path / "1.png", COLOURS["red"], (400, 900)), "class 0", "class 1", 0.75)
    gone = Mistake(tmp_path / "gone.png", "class 0", "class 1", 0.5)
    text = page([evaluation(3, {(0, 1): 3}, mistakes=[wrong, gone], skipped=[tmp_path / "broken.jpg"])])
    words = " ".join(Outline(text).words)
    assert not re.search(r"(src|href)=\"(?!data:)|https?:|url\(|@import|<script|<link", text)
    assert 'lang="en"' in text
    for said in ("m.onnx", "90.0%", "it is", "75%", "1.png", "gone.png", "not counted (1): broken.jpg"):
        assert said in words
    (picture,) = pictures_in(text)
    assert picture.shape == (142, 320, 3)
    assert picture.mean((0, 1)) == pytest.approx((0, 0, 254), abs=3)


def test_a_page_is_in_the_users_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    text = page([evaluation(3, {(0, 1): 3})])
    assert 'lang="zh"' in text
    assert "模型有多好？" in text
    assert not re.search(
        r"[a-z]{3,} [a-z]{3,} [a-z]{3,}", " ".join(Outline(re.sub("<style>.*</style>", "", text, flags=re.S)).words)
    )


def test_labels_and_paths_are_text_and_no_tags(tmp_path: Path) -> None:
    one = evaluation(2, {(0, 1): 1}, data="<i>&", left_out=["<u>"], skipped=[tmp_path / "<s>.png"])
    one.classes[0].label = "<b>"
    one.mistakes = [Mistake(draw_picture(tmp_path / "<a>.png"), "<b>", '"', 0.5, [Box("<b>", (1, 1, 9, 9))], [])]
    words = "".join(Outline(page([one])).words)
    for part in ("<i>&", "<u>", "<s>.png", "<a>.png", "<b>"):
        assert part in words


def test_boxes_are_drawn_where_they_are(tmp_path: Path) -> None:
    wanted = [Box("cat", (10, 20, 30, 40), right=True), Box("dog", (1, 2, 3, 4))]
    found = [Box("cat", (11, 21, 31, 41), right=True, score=0.9), Box("dog", (50, 60, 7, 8), score=0.4)]
    one = Evaluation(
        "detect", 1, {"mAP": 0.5, "AP50": 0.5, "AP75": 0.5}, [Class("cat", 1, 1, 1, 1.0), Class("dog", 1, 0, 1, 0.0)]
    )
    one.mistakes = [Mistake(draw_picture(tmp_path / "1.png"), score=2, wanted=wanted, found=found)]
    text = page([one])
    frames = re.findall(r'<rect class="(\w+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', text)
    assert [(kind, *map(float, sides)) for kind, *sides in frames] == [
        ("seen", 10, 20, 30, 40),
        ("missed", 1, 2, 3, 4),
        ("good", 11, 21, 31, 41),
        ("bad", 50, 60, 7, 8),
    ]
    assert "cat 90%" in text
    assert "dog 40%" in text


def test_several_models_stand_in_one_table(tmp_path: Path) -> None:
    detector = Evaluation("detect", 5, {"mAP": 0.25, "AP50": 0.5, "AP75": 0.1}, [Class("cat", 1)], model="models/d.onnx")
    text = page([evaluation(2, {(0, 1): 1}), detector])
    rows = re.findall(r"<tr>(.*?)</tr>", text)
    assert re.findall(r"<th>(.*?)</th>", rows[0])[2:6] == ["top-1", "mAP", "AP50", "AP75"]
    assert re.findall(r"<td>(.*?)</td>", rows[2]) == ["d.onnx", "5", "–", "25.0%", "50.0%", "10.0%", "0.0"]


def test_models_of_the_same_name_are_told_apart_by_their_folders() -> None:
    found = [Evaluation("detect", 5, {"mAP": 0.5}, [], model=model) for model in ("old/d.onnx", "new/d.onnx", "new/e.onnx")]
    assert [row[0] for row in summary(found, str)[1]] == ["old/d.onnx", "new/d.onnx", "e.onnx"]
