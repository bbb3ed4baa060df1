"""The editor over HTTP: what is wrong with a text, what saving it changes, what is kept, and what is refused."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from xmaker_panel.editor import AT_ONCE
from xmaker_panel.versions import MOST, Versions

from tests.plugins.panel.conftest import get, post, save
from xmaker import Event, ProjectError, hookimpl
from xmaker.errors import speaking
from xmaker.runtime.live_file import LOOK
from xmaker.testing import wait_until
from xmaker.words import spoken

TEXT = """
name: Hall
simulate: true
inputs: {room: {use: light}, door: {use: button}}
outputs: {lamp: {use: led}}
rules: [{when: room < 30, then: [lamp.on], else: [lamp.off]}]
"""


@pytest.fixture
def hall(start: Callable[..., Any]) -> Any:
    """Run a project that is edited."""
    return start(TEXT)


def check(panel: Any, text: str, lang: str = "en") -> Any:
    status, answer = post(panel, f"/editor/check?lang={lang}", text)
    assert status == 200
    return answer


def test_the_editor_opens_the_file(hall: Any) -> None:
    opened = get(hall, "/editor")
    assert opened["text"] == TEXT and opened["file"] == "project.yaml"


def test_mistakes_have_their_place_and_how_to_mend_them_in_both_languages(hall: Any) -> None:
    wrong = TEXT.replace("use: button", "use: buton").replace("lamp.on", "lamp.onn")
    first, second = check(hall, wrong)["problems"]
    assert (first["code"], first["line"], first["column"]) == ("XM203", 4, wrong.split("\n")[3].index("buton") + 1)
    assert first["words"] == "There is no node type “buton”." and first["hint"] == "did you mean “button”?"
    assert first["corrected"] == "inputs: {room: {use: light}, door: {use: button}}"
    assert second["code"] == "XM305" and second["line"] == 6
    assert check(hall, wrong, "zh")["problems"][0]["words"] == "没有“buton”这种节点。"
    assert get(hall, "/editor")["text"] == TEXT, "looking at a text changes nothing"


def test_a_text_that_is_no_yaml_is_told_in_words(hall: Any) -> None:
    (problem,) = check(hall, "inputs: {room: [\n")["problems"]
    assert problem["line"] > 0 and problem["code"].startswith("XM1")


def test_the_same_project_as_python_runs(hall: Any) -> None:
    python = check(hall, TEXT.replace("room < 30", "room < 44"))["python"]
    assert "room < 44" in python
    compile(python, "project.py", "exec")
    assert check(hall, TEXT.replace("led", "ledd"))["python"] is None


def test_completion_knows_types_fields_actions_functions_and_colours(hall: Any) -> None:
    words = get(hall, "/editor/words?lang=en")
    assert words["types"]["light"] == {
        "section": "inputs",
        "doc": words["types"]["light"]["doc"],
        "fields": {"value": "0…100 %"},
        "methods": {},
        "actions": [],
    }
    assert {"on", "off", "blink"} <= {one["name"] for one in words["types"]["led"]["actions"]}
    colour = next(one for one in words["types"]["rgb_led"]["actions"] if one["name"] == "colour")
    assert {"red", "green", "blue"} <= set(colour["needs"][0]["known"])
    assert words["functions"]["clamp"]["call"] == "clamp(value, low, high)" and "imagenet" in words["models"]
    assert words["types"]["detector"]["methods"]["count"] == "a number"
    assert words["schema"]["$defs"]["button"]["properties"]["hold"]["description"]


def _without(found: Any, place: str = "") -> Iterator[str]:
    """Yield where an explanation is missing or not in Chinese."""
    if isinstance(found, dict):
        for key, value in found.items():
            if key in ("doc", "description") and isinstance(value, str) and not re.search("[\u4e00-\u9fff]", value):
                yield f"{place}/{key}: {value}"
            yield from _without(value, f"{place}/{key}")
    elif isinstance(found, list):
        for number, value in enumerate(found):
            yield from _without(value, f"{place}/{number}")


def test_completion_explains_everything_in_chinese_too(hall: Any) -> None:
    chinese, english = get(hall, "/editor/words?lang=zh"), get(hall, "/editor/words?lang=en")
    assert list(_without(chinese)) == []
    assert chinese["schema"]["$defs"]["button"]["properties"]["hold"]["description"] == "按多久算长按。"
    assert next(one["doc"] for one in chinese["types"]["led"]["actions"] if one["name"] == "on") == "把灯开到最亮。"
    described = english["schema"]["$defs"]["button"]["properties"].items()
    assert [name for name, one in described if not one.get("description")] == []
    assert "按" not in json.dumps(english, ensure_ascii=False)


def test_a_plugin_without_chinese_is_explained_in_english() -> None:
    with speaking("zh"):
        assert spoken("Say how to wire it.\n\nMore of it.") == "Say how to wire it.\n\nMore of it."
        assert spoken("In a colour: `red`, `红`.") == "In a colour: `red`, `红`."
        assert spoken("One line\nor two.\nVosk 模型。\n\nMore.") == "Vosk 模型。\n\nMore."
    with speaking("en"):
        assert spoken("One line\nor two.\nVosk 模型。\n\nMore.") == "One line\nor two.\n\nMore."


def test_a_page_of_another_project_writes_nothing(hall: Any) -> None:
    opened = get(hall, "/editor")
    status, refused = post(hall, f"/editor/save?lang=en&tag={opened['tag']}&place=another", TEXT.replace("Hall", "Mine"))
    assert status == 409 and refused["code"] == "XM996"
    assert get(hall, "/editor")["text"] == TEXT


class Frames:
    """Keeps the number of each frame that reaches the event loop."""

    xmaker_wants_media = True

    def __init__(self) -> None:
        self.numbers: list[int] = []

    @hookimpl
    def xmaker_event(self, event: Event) -> None:
        if event.node == "camera":
            self.numbers.append(event.sequence)


def test_no_frame_is_missing_when_only_a_rule_changes(start: Callable[..., Any], tmp_path: Path) -> None:
    import cv2
    import numpy as np

    (tmp_path / "seen").mkdir()
    cv2.imwrite(str(tmp_path / "seen" / "0.png"), np.zeros((60, 80, 3), np.uint8))
    text = TEXT.replace("inputs: {", "inputs: {camera: {source: seen, fps: 20, loop: true}, ")
    hall, frames = start(text), Frames()
    hall.runtime.observe(frames)
    wait_until(lambda: len(frames.numbers) > 5)
    for limit in (31, 32, 33):
        before = len(frames.numbers)
        save(hall, text.replace("room < 30", f"room < {limit}"))
        wait_until(lambda before=before: len(frames.numbers) > before + 5)
    assert hall.file.changes == 3 and hall.file.started == []
    assert frames.numbers == list(range(frames.numbers[0], frames.numbers[-1] + 1))


def test_only_the_node_that_has_changed_is_started_anew(hall: Any) -> None:
    before = dict(hall.runtime.workers)
    save(hall, TEXT.replace("use: button", "use: button, hold: 2 s"))
    assert [name for name, worker in before.items() if hall.runtime.workers[name] is not worker] == ["door"]
    with hall.page() as page:
        page.until(lambda: page.state.get("about.change", {}).get("started") == ["door"])
    save(hall, TEXT.replace("use: button", "use: button, hold: 2 s").replace("room < 30", "room < 40"))
    assert hall.file.started == [], "a rule is no node"


def test_a_broken_text_is_saved_and_the_last_good_one_goes_on(hall: Any) -> None:
    before = dict(hall.runtime.workers)
    save(hall, TEXT.replace("lamp.on", "lamp.glow"))
    assert "lamp.glow" in hall.file.path.read_text(encoding="utf-8"), "work is never lost"
    assert hall.runtime.workers == before
    with hall.page() as page:
        page.until(lambda: (page.state.get("about.file") or {}).get("code") == "XM305")
        save(hall, TEXT)
        page.until(lambda: page.state.get("about.file", 1) is None)


def test_each_save_keeps_the_version_before(hall: Any) -> None:
    save(hall, TEXT.replace("Hall", "Two"))
    save(hall, TEXT.replace("Hall", "Three"))
    numbers = [version["number"] for version in get(hall, "/editor/versions")["versions"]]
    assert numbers == [2, 1]
    assert get(hall, "/editor/versions/1")["text"] == TEXT
    assert "Two" in get(hall, "/editor/versions/2")["text"]
    save(hall, get(hall, "/editor/versions/1")["text"])
    assert hall.runtime.project.name == "Hall"
    assert hall.ask("/editor/versions/9").status == 409


def test_so_many_versions_and_no_more(tmp_path: Path) -> None:
    versions = Versions(tmp_path / "project.yaml")
    for number in range(MOST + 7):
        versions.keep(f"name: {number}".encode(), 1e9 + number)
    kept = versions.list()
    assert len(kept) == MOST and kept[0].number == MOST + 7 and kept[0].written == 1e9 + MOST + 6
    versions.keep(f"name: {MOST + 6}".encode(), 1e9)
    assert versions.list() == kept, "the same text again is no new version"
    with pytest.raises(ProjectError, match="no version 1"):
        versions.read(1)


def test_who_saves_second_is_told_and_nothing_is_lost(hall: Any) -> None:
    mine = get(hall, "/editor")["tag"]
    save(hall, TEXT.replace("Hall", "Theirs"))
    status, refused = post(hall, f"/editor/save?lang=en&tag={mine}", TEXT.replace("Hall", "Mine"))
    assert status == 409 and refused["code"] == "XM960"
    assert "Theirs" in hall.file.path.read_text(encoding="utf-8")
    save(hall, TEXT.replace("Hall", "Mine"))  # having looked
    assert "Theirs" in get(hall, "/editor/versions/2")["text"]


def test_a_change_from_outside_is_told_to_the_page(hall: Any) -> None:
    with hall.page() as page:
        before = page.until(lambda: page.state.get("about.text"))
        hall.file.path.write_text(TEXT.replace("Hall", "Outside"), encoding="utf-8")
        after = page.until(lambda: page.state["about.text"] != before and page.state["about.text"])
        assert after["tag"] == get(hall, "/editor")["tag"]


def test_a_deleted_file_comes_back_with_the_next_save(hall: Any) -> None:
    tag = get(hall, "/editor")["tag"]
    hall.file.path.unlink()
    assert save(hall, TEXT, tag)["tag"] == tag
    assert hall.file.path.read_text(encoding="utf-8") == TEXT


def test_lines_end_as_they_did(hall: Any) -> None:
    hall.file.path.write_bytes(TEXT.replace("\n", "\r\n").encode())
    assert get(hall, "/editor")["text"] == TEXT
    save(hall, TEXT.replace("Hall", "Windows"))
    assert hall.file.path.read_bytes() == TEXT.replace("Hall", "Windows").replace("\n", "\r\n").encode()


def test_a_file_of_a_chinese_editor_is_read_and_mended_by_saving(hall: Any) -> None:
    hall.file.path.write_bytes(TEXT.replace("Hall", "走廊").encode("gb18030"))
    opened = get(hall, "/editor")
    assert "走廊" in opened["text"]
    save(hall, opened["text"])
    assert "走廊" in hall.file.path.read_text(encoding="utf-8")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(hall: Any) -> None:
    folder = hall.file.path.parent
    folder.chmod(0o500)
    try:
        status, refused = post(hall, f"/editor/save?lang=en&tag={get(hall, '/editor')['tag']}", TEXT + "\n")
    finally:
        folder.chmod(0o700)
    assert status == 409 and refused["code"] == "XM961"


def test_what_cannot_be_put_in_place_leaves_the_old_file(hall: Any) -> None:
    tag = get(hall, "/editor")["tag"]
    (hall.file.path.parent / ".xmaker").write_text("in the way", encoding="utf-8")
    status, refused = post(hall, f"/editor/save?lang=en&tag={tag}", TEXT + "\n")
    assert status == 409 and refused["code"] == "XM961"
    assert hall.file.path.read_text(encoding="utf-8") == TEXT
    assert sorted(path.name for path in hall.file.path.parent.iterdir()) == [".xmaker", "project.yaml"]


def test_a_link_does_not_lead_out_of_the_folder(hall: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (hall.file.path.parent / ".xmaker").symlink_to(elsewhere)
    status, refused = post(hall, f"/editor/save?lang=en&tag={get(hall, '/editor')['tag']}", TEXT + "\n")
    assert status == 409 and refused["code"] == "XM962"
    assert list(elsewhere.iterdir()) == [] and hall.file.path.read_text(encoding="utf-8") == TEXT
    assert hall.ask("/editor/versions").status == 409


@pytest.mark.parametrize(
    "path", ["/editor/versions/..%2f..%2fproject.yaml", "/editor/versions/-1", "/editor/versions/../../etc/passwd"]
)
def test_versions_are_numbers_and_nothing_else(hall: Any, path: str) -> None:
    assert hall.ask(path).status == 404


def test_another_page_can_neither_look_at_a_text_nor_save_one(hall: Any) -> None:
    for path in ("/editor/check", "/editor/save"):
        for headers in ({}, {"Origin": "http://evil.example"}):
            assert hall.ask(path, "POST", TEXT, **headers).status == 403
    assert hall.ask("/editor", Host="evil.example").status == 403


def test_without_the_pin_there_is_no_text(start: Callable[..., Any]) -> None:
    panel = start(TEXT, host="0.0.0.0")
    panel.address = f"127.0.0.1:{panel.address.rpartition(':')[2]}"
    for path in ("/editor", "/editor/words", "/editor/versions", "/editor/versions/1"):
        assert panel.ask(path).status == 401
    assert panel.ask("/editor/save", "POST", TEXT, Origin=f"http://{panel.address}").status == 401


def test_a_text_too_long_or_no_text_at_all_is_refused(hall: Any) -> None:
    origin = {"Origin": f"http://{hall.address}"}
    long = "#" * 1_000_001
    assert [problem["code"] for problem in post(hall, "/editor/check?lang=en", long)[1]["problems"]] == ["XM103"]
    status, answer = post(hall, f"/editor/save?lang=en&tag={get(hall, '/editor')['tag']}", long)
    assert (status, answer["code"]) == (409, "XM103") and hall.file.path.read_text(encoding="utf-8") == TEXT
    assert hall.ask("/editor/check", "POST", b"\xff\xfe\xff", **origin).status == 400
    assert hall.ask("/editor/check", "POST", b"#" * 999_999, **origin).status == 200


def test_a_flood_of_texts_is_slowed_down(hall: Any) -> None:
    answers = [hall.ask("/editor/check", "POST", "a: 1", Origin=f"http://{hall.address}").status for _ in range(AT_ONCE + 30)]
    assert 429 in answers and set(answers) == {200, 429}
    save(hall, TEXT.replace("Hall", "Corridor"))  # who types much keeps nobody from saving
    with hall.page() as page:
        page.until(lambda: page.state.get("about.project"))  # the run and its pages go on


def test_what_came_with_xmaker_is_saved_as_a_copy_of_ones_own(
    start: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xmaker.cli.gallery import gallery

    monkeypatch.chdir(tmp_path)
    shipped = gallery() / "night_light" / "project.yaml"
    before = shipped.read_bytes()
    panel = start(gallery() / "night_light")
    text = get(panel, "/editor")["text"]
    moved = save(panel, text + "\n# mine\n")["moved"]
    assert str(tmp_path / "night_light") in moved
    assert shipped.read_bytes() == before
    assert (tmp_path / "night_light" / "project.yaml").read_text(encoding="utf-8").endswith("# mine\n")
    assert save(panel, text)["moved"] == "" and panel.file.path.parent == tmp_path / "night_light"
    assert not (shipped.parent / ".xmaker").exists()
    shutil.rmtree(tmp_path / "night_light")


def test_an_editor_elsewhere_and_the_page_do_not_start_a_node_twice(hall: Any) -> None:
    with hall.file.followed(hall.runtime):
        save(hall, TEXT.replace("use: button", "use: button, hold: 2 s"))
        hall.file.path.write_text(TEXT.replace("Hall", "Outside"), encoding="utf-8")
        wait_until(lambda: hall.file.changes == 2)
        time.sleep(3 * LOOK)
        assert hall.file.changes == 2 and hall.runtime.project.name == "Outside"
