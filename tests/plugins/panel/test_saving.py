"""Saving in the editor, over HTTP: what it changes in the run, which versions are kept, and where nothing is written."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from xmaker_panel.versions import MOST, Versions

from tests.plugins.panel.conftest import HALL, get, post, save
from xmaker import Event, ProjectError, hookimpl
from xmaker.runtime.live_file import LOOK
from xmaker.testing import wait_until


def test_a_page_of_another_project_writes_nothing(hall: Any) -> None:
    opened = get(hall, "/editor")
    status, refused = post(hall, f"/editor/save?lang=en&tag={opened['tag']}&place=another", HALL.replace("Hall", "Mine"))
    assert status == 409 and refused["code"] == "XM996"
    assert get(hall, "/editor")["text"] == HALL


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
    text = HALL.replace("inputs: {", "inputs: {camera: {source: seen, fps: 20, loop: true}, ")
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
    save(hall, HALL.replace("use: button", "use: button, hold: 2 s"))
    assert [name for name, worker in before.items() if hall.runtime.workers[name] is not worker] == ["door"]
    with hall.page() as page:
        page.until(lambda: page.state.get("about.change", {}).get("started") == ["door"])
    save(hall, HALL.replace("use: button", "use: button, hold: 2 s").replace("room < 30", "room < 40"))
    assert hall.file.started == [], "a rule is no node"


def test_a_broken_text_is_saved_and_the_last_good_one_goes_on(hall: Any) -> None:
    before = dict(hall.runtime.workers)
    save(hall, HALL.replace("lamp.on", "lamp.glow"))
    assert "lamp.glow" in hall.file.path.read_text(encoding="utf-8"), "work is never lost"
    assert hall.runtime.workers == before
    with hall.page() as page:
        page.until(lambda: (page.state.get("about.file") or {}).get("code") == "XM305")
        save(hall, HALL)
        page.until(lambda: page.state.get("about.file", 1) is None)


def test_each_save_keeps_the_version_before(hall: Any) -> None:
    save(hall, HALL.replace("Hall", "Two"))
    save(hall, HALL.replace("Hall", "Three"))
    numbers = [version["number"] for version in get(hall, "/editor/versions")["versions"]]
    assert numbers == [2, 1]
    assert get(hall, "/editor/versions/1")["text"] == HALL
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
    save(hall, HALL.replace("Hall", "Theirs"))
    status, refused = post(hall, f"/editor/save?lang=en&tag={mine}", HALL.replace("Hall", "Mine"))
    assert status == 409 and refused["code"] == "XM960"
    assert "Theirs" in hall.file.path.read_text(encoding="utf-8")
    save(hall, HALL.replace("Hall", "Mine"))  # having looked
    assert "Theirs" in get(hall, "/editor/versions/2")["text"]


def test_a_change_from_outside_is_told_to_the_page(hall: Any) -> None:
    with hall.page() as page:
        before = page.until(lambda: page.state.get("about.text"))
        hall.file.path.write_text(HALL.replace("Hall", "Outside"), encoding="utf-8")
        after = page.until(lambda: page.state["about.text"] != before and page.state["about.text"])
        assert after["tag"] == get(hall, "/editor")["tag"]


def test_a_deleted_file_comes_back_with_the_next_save(hall: Any) -> None:
    tag = get(hall, "/editor")["tag"]
    hall.file.path.unlink()
    assert save(hall, HALL, tag)["tag"] == tag
    assert hall.file.path.read_text(encoding="utf-8") == HALL


def test_lines_end_as_they_did(hall: Any) -> None:
    hall.file.path.write_bytes(HALL.replace("\n", "\r\n").encode())
    assert get(hall, "/editor")["text"] == HALL
    save(hall, HALL.replace("Hall", "Windows"))
    assert hall.file.path.read_bytes() == HALL.replace("Hall", "Windows").replace("\n", "\r\n").encode()


def test_a_file_of_a_chinese_editor_is_read_and_mended_by_saving(hall: Any) -> None:
    hall.file.path.write_bytes(HALL.replace("Hall", "走廊").encode("gb18030"))
    opened = get(hall, "/editor")
    assert "走廊" in opened["text"]
    save(hall, opened["text"])
    assert "走廊" in hall.file.path.read_text(encoding="utf-8")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(hall: Any) -> None:
    folder = hall.file.path.parent
    folder.chmod(0o500)
    try:
        status, refused = post(hall, f"/editor/save?lang=en&tag={get(hall, '/editor')['tag']}", HALL + "\n")
    finally:
        folder.chmod(0o700)
    assert status == 409 and refused["code"] == "XM961"


def test_what_cannot_be_put_in_place_leaves_the_old_file(hall: Any) -> None:
    tag = get(hall, "/editor")["tag"]
    (hall.file.path.parent / ".xmaker").write_text("in the way", encoding="utf-8")
    status, refused = post(hall, f"/editor/save?lang=en&tag={tag}", HALL + "\n")
    assert status == 409 and refused["code"] == "XM961"
    assert hall.file.path.read_text(encoding="utf-8") == HALL
    assert sorted(path.name for path in hall.file.path.parent.iterdir()) == [".xmaker", "project.yaml"]


def test_a_link_does_not_lead_out_of_the_folder(hall: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (hall.file.path.parent / ".xmaker").symlink_to(elsewhere)
    status, refused = post(hall, f"/editor/save?lang=en&tag={get(hall, '/editor')['tag']}", HALL + "\n")
    assert status == 409 and refused["code"] == "XM962"
    assert list(elsewhere.iterdir()) == [] and hall.file.path.read_text(encoding="utf-8") == HALL
    assert hall.ask("/editor/versions").status == 409


@pytest.mark.parametrize(
    "path", ["/editor/versions/..%2f..%2fproject.yaml", "/editor/versions/-1", "/editor/versions/../../etc/passwd"]
)
def test_versions_are_numbers_and_nothing_else(hall: Any, path: str) -> None:
    assert hall.ask(path).status == 404


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
        save(hall, HALL.replace("use: button", "use: button, hold: 2 s"))
        hall.file.path.write_text(HALL.replace("Hall", "Outside"), encoding="utf-8")
        wait_until(lambda: hall.file.changes == 2)
        time.sleep(3 * LOOK)
        assert hall.file.changes == 2 and hall.runtime.project.name == "Outside"
