"""The editor over HTTP: what is wrong with a text, what may be written in it, and what is refused. (Saving: test_saving.py.)"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from xmaker_panel.editor import AT_ONCE

from tests.plugins.panel.conftest import HALL, get, post, save
from xmaker.errors import speaking
from xmaker.words import spoken


def check(panel: Any, text: str, lang: str = "en") -> Any:
    status, answer = post(panel, f"/editor/check?lang={lang}", text)
    assert status == 200
    return answer


def test_the_editor_opens_the_file(hall: Any) -> None:
    opened = get(hall, "/editor")
    assert opened["text"] == HALL and opened["file"] == "project.yaml"


def test_mistakes_have_their_place_and_how_to_mend_them_in_both_languages(hall: Any) -> None:
    wrong = HALL.replace("use: button", "use: buton").replace("lamp.on", "lamp.onn")
    first, second = check(hall, wrong)["problems"]
    assert (first["code"], first["line"], first["column"]) == ("XM203", 4, wrong.split("\n")[3].index("buton") + 1)
    assert first["words"] == "There is no node type “buton”." and first["hint"] == "did you mean “button”?"
    assert first["corrected"] == "inputs: {room: {use: light}, door: {use: button}}"
    assert second["code"] == "XM305" and second["line"] == 6
    assert check(hall, wrong, "zh")["problems"][0]["words"] == "没有“buton”这种节点。"
    assert get(hall, "/editor")["text"] == HALL, "looking at a text changes nothing"


def test_a_text_that_is_no_yaml_is_told_in_words(hall: Any) -> None:
    (problem,) = check(hall, "inputs: {room: [\n")["problems"]
    assert problem["line"] > 0 and problem["code"].startswith("XM1")


def test_the_same_project_as_python_runs(hall: Any) -> None:
    python = check(hall, HALL.replace("room < 30", "room < 44"))["python"]
    assert "room < 44" in python
    compile(python, "project.py", "exec")
    assert check(hall, HALL.replace("led", "ledd"))["python"] is None


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


def test_another_page_can_neither_look_at_a_text_nor_save_one(hall: Any) -> None:
    for path in ("/editor/check", "/editor/save"):
        for headers in ({}, {"Origin": "http://evil.example"}):
            assert hall.ask(path, "POST", HALL, **headers).status == 403
    assert hall.ask("/editor", Host="evil.example").status == 403


def test_without_the_pin_there_is_no_text(start: Callable[..., Any]) -> None:
    panel = start(HALL, host="0.0.0.0")
    panel.address = f"127.0.0.1:{panel.address.rpartition(':')[2]}"
    for path in ("/editor", "/editor/words", "/editor/versions", "/editor/versions/1"):
        assert panel.ask(path).status == 401
    assert panel.ask("/editor/save", "POST", HALL, Origin=f"http://{panel.address}").status == 401


def test_a_text_too_long_or_no_text_at_all_is_refused(hall: Any) -> None:
    origin = {"Origin": f"http://{hall.address}"}
    long = "#" * 1_000_001
    assert [problem["code"] for problem in post(hall, "/editor/check?lang=en", long)[1]["problems"]] == ["XM103"]
    status, answer = post(hall, f"/editor/save?lang=en&tag={get(hall, '/editor')['tag']}", long)
    assert (status, answer["code"]) == (409, "XM103") and hall.file.path.read_text(encoding="utf-8") == HALL
    assert hall.ask("/editor/check", "POST", b"\xff\xfe\xff", **origin).status == 400
    assert hall.ask("/editor/check", "POST", b"#" * 999_999, **origin).status == 200


def test_a_flood_of_texts_is_slowed_down(hall: Any) -> None:
    answers = [hall.ask("/editor/check", "POST", "a: 1", Origin=f"http://{hall.address}").status for _ in range(AT_ONCE + 30)]
    assert 429 in answers and set(answers) == {200, 429}
    save(hall, HALL.replace("Hall", "Corridor"))  # who types much keeps nobody from saving
    with hall.page() as page:
        page.until(lambda: page.state.get("about.project"))  # the run and its pages go on
