from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from xmaker.cli import gallery
from xmaker.errors import catalog

MODULE = f"{sys.executable} -m xmaker"


def test_without_a_command_it_says_how_to_begin(xmaker) -> None:
    ran = xmaker()
    assert ran.code == 0
    assert "xmaker run cat_dog" in ran.out


def test_help_names_every_command(xmaker) -> None:
    out = xmaker("--help").out
    for command in ("run", "check", "nodes", "plugins", "model", "new", "schema", "explain", "export", "version", "completion"):
        assert f"\n  {command} " in out


def test_every_project_of_the_gallery_is_right(xmaker) -> None:
    ran = xmaker("check", *gallery.names())
    assert ran.code == 0
    assert ran.out.count("OK") == len(gallery.names())


def test_check_goes_on_after_a_bad_project(xmaker, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("inputs: {camra: {}}\nmodels: {pet: {use: nope}}\n", encoding="utf-8")
    ran = xmaker("check", tmp_path / "bad.yaml", "nope", "cat_dog")
    assert ran.code == 1
    assert ran.err.count("XM203") == 2
    assert "XM701" in ran.err
    assert "cat_dog: OK" in ran.out


def test_what_lies_here_wins_over_the_gallery(xmaker, odd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd.rename(odd.parent / "cat_dog")
    monkeypatch.chdir(odd.parent)
    assert "2 nodes" in xmaker("check", "cat_dog").out


def test_the_fields_of_a_node_show_a_range_only_where_there_is_one(xmaker, odd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(odd)
    fields = [line.split() for line in xmaker("nodes", "air").out.splitlines()]
    assert ["temperature", "°C", "0", "…", "50"] in fields and ["wet", "-", "flag"] in fields
    fields = [line.split() for line in xmaker("nodes", "camera").out.splitlines()]
    assert ["width", "-", "number"] in fields and ["source", "-", "text"] in fields


def test_a_full_disk_is_told_of_in_one_line() -> None:
    for arguments in ("nodes", "version", "schema", "explain"):
        ran = subprocess.run(f"{MODULE} {arguments} > /dev/full", shell=True, capture_output=True, text=True)
        assert ran.returncode == 1 and ran.stderr.startswith("error XM751: ") and "Traceback" not in ran.stderr


def test_a_pipe_is_no_project(xmaker, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    ran = xmaker("check", tmp_path / "pipe.yaml")
    assert ran.code == 1 and "XM752" in ran.err


def test_nodes(xmaker, odd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"camera", "classifier", "led"} <= {line.split()[0] for line in xmaker("nodes").out.splitlines()}
    assert "air" in (monkeypatch.chdir(odd), xmaker("nodes"))[1].out, "the project's own ones too, in its folder"
    led = xmaker("nodes", "led").out
    assert "brightness(level)" in led
    assert "17, P25" in led
    air = xmaker("nodes", "air").out
    assert "°C" in air
    assert "0 … 50" in air
    assert "0.5 s" in air
    assert "XM203" in xmaker("nodes", "lde").err


def test_nodes_in_chinese(xmaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    nodes = xmaker("nodes").out.splitlines()[1:]
    assert len(nodes) > 25 and all(re.search("[\u4e00-\u9fff]{3}", line) for line in nodes)
    assert "引脚上的灯" in (led := xmaker("nodes", "led").out) and "A lamp on a pin" not in led
    monkeypatch.setenv("LANG", "C")
    assert "引脚上的灯" not in (led := xmaker("nodes", "led").out) and "A lamp on a pin" in led


def test_a_models_card_in_chinese(xmaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    lines = xmaker("model", "info", "objects").out.splitlines()
    assert {"任务: 检测", "大小: 3.9 MB", "推测的: 没有"} <= set(lines)
    assert not [line for line in lines if re.match("(?!sha256)[a-z]+:", line)]


def test_plugins_shows_failed_ones(xmaker, odd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(odd)
    monkeypatch.setenv("XMAKER_PLUGINS_OFF", "servo,leed")
    (odd / "plugins" / "bad.py").write_text("import nothing_like_it\n", encoding="utf-8")
    ran = xmaker("plugins")
    rows = {line.split()[0]: line.split()[1:] for line in ran.out.splitlines() if line.strip()}
    assert ran.code == 0
    assert rows["servo"][0] == "off" and "warning XM645" in ran.err
    assert rows["plugins/bad.py"][0] == "failed"
    assert rows["plugins/odd.py"] == ["on", "air"]
    assert "onnxruntime," in rows["onnxruntime"]
    assert "nothing_like_it" in ran.out


def test_models(xmaker) -> None:
    assert "cat-dog" in xmaker("model", "list").out
    shown = xmaker("model", "info", "cat-dog").out
    for words in ("cat 猫", "224×224", "Apache-2.0", "sha256: ", "MB", "top1"):
        assert words in shown
    assert "XM607" in xmaker("model", "info", "cat-dgo").err
    assert "XM604" in xmaker("model", "info", "nothing.onnx").err


def test_the_size_of_a_model_counts_the_weights_beside_it(xmaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = helper.make_tensor("weights", TensorProto.FLOAT, [1_000_000], bytes(4_000_000), raw=True)
    picture, scores = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in (("p", [1, 3, 8, 8]), ("s", [1, 2]))
    )
    axes = helper.make_tensor("axes", TensorProto.INT64, [2], [2, 3])
    node = helper.make_node("ReduceMean", ["p", "axes"], ["s"], keepdims=0)
    model = helper.make_model(helper.make_graph([node], "g", [picture], [scores], [weights, axes]))
    onnx.save(model, str(tmp_path / "big.onnx"), save_as_external_data=True, location="big.data", size_threshold=1000)
    assert "\nsize: 4.0 MB\n" in xmaker("model", "info", tmp_path / "big.onnx").out  # nothing says how it is used
    (tmp_path / "big.txt").write_text("one\ntwo\n")
    ran = xmaker("model", "info", tmp_path / "big.onnx")
    assert ran.code == 0 and "\nsize: 4.0 MB\n" in ran.out and "memory: " not in ran.out
    monkeypatch.setattr("xmaker.engines._free_memory", lambda: 1_000_000)
    assert "big.onnx is 4 MB large, and 1 MB of memory" in xmaker("model", "info", tmp_path / "big.onnx").out


def test_of_a_file_without_a_card_is_shown_what_can_be_seen(xmaker, tmp_path: Path) -> None:
    nodes = [helper.make_node("Identity", [one], [two]) for one, two in (("picture", "boxes"), ("marks", "scores"))]
    shapes = {"picture": [1, 3, 300, 300], "marks": [1, 1917, 91], "boxes": [1, 1917, 4], "scores": [1, 1917, 91]}
    one = {name: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()}
    graph = helper.make_graph(nodes, "g", [one["picture"], one["marks"]], [one["boxes"], one["scores"]])
    onnx.save(helper.make_model(graph), str(tmp_path / "ssd.onnx"))
    ran = xmaker("model", "info", tmp_path / "ssd.onnx")
    assert (ran.code, ran.err.partition(":")[0]) == (1, "error XM606")
    assert "outputs: boxes float32 [1, 1917, 4]; scores float32 [1, 1917, 91]\nlayout: ssd\n" in ran.out


@pytest.mark.parametrize("language", ["C", "zh_CN.UTF-8"])
def test_every_message_can_be_explained(xmaker, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setenv("LANG", language)
    assert len(xmaker("explain").out.splitlines()) >= len(catalog()) - 1
    for code in catalog():
        ran = xmaker("explain", code.lower())
        assert ran.code == 0
        assert ran.out.startswith(f"{code}: ")
    assert "<option>" in xmaker("explain", "XM208").out
    assert "XM707" in xmaker("explain", "XM999").err


def test_version(xmaker) -> None:
    out = xmaker("version").out
    assert out == xmaker("--version").out
    for name in ("xmaker 0.", "Python 3.", "onnxruntime ", "opencv"):
        assert name in out


def test_schema_into_a_file(xmaker, tmp_path: Path) -> None:
    assert xmaker("schema", "-o", tmp_path / "schema.json") == (0, "", "")
    assert json.loads((tmp_path / "schema.json").read_text(encoding="utf-8")) == json.loads(xmaker("schema").out)
    assert xmaker("schema", "-o", tmp_path / "no" / "where.json").code == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(xmaker, shell: str) -> None:
    assert "_XMAKER_COMPLETE" in xmaker("completion", shell).out


@pytest.mark.parametrize(
    ("typed", "found"), [("run cat", "cat_dog"), ("ch", "check"), ("nodes cam", "camera"), ("model info cat", "cat-dog")]
)
def test_words_are_completed(typed: str, found: str) -> None:
    environment = {
        "_XMAKER_COMPLETE": "bash_complete",
        "COMP_WORDS": f"xmaker {typed}",
        "COMP_CWORD": str(typed.count(" ") + 1),
    }
    code = f"import os; os.environ.update({environment!r}); from xmaker.cli import main; main()"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert f"plain,{found}" in ran.stdout.splitlines()
    assert ran.stderr == ""


def test_a_plugin_may_add_a_command_and_may_fail_at_it(xmaker, monkeypatch: pytest.MonkeyPatch) -> None:
    import click

    from xmaker.cli.app import Commands, cli
    from xmaker.hookspecs import hookimpl
    from xmaker.plugins import Plugins

    class Greeter:
        @hookimpl
        def xmaker_commands(self, cli: click.Group) -> None:
            @cli.command("hello")
            def hello() -> None:
                click.echo("hello")

    class Bad:
        @hookimpl
        def xmaker_commands(self, cli: click.Group) -> None:
            raise ValueError("oh")

    loaded = []

    def load(folder: Path | None = None) -> Plugins:
        loaded.append(plugins := Plugins())
        plugins.add("greeter", Greeter())
        plugins.add("bad", Bad())
        return plugins

    monkeypatch.setattr(Plugins, "load", load)
    monkeypatch.setattr(Commands, "_plugins_asked", False)
    monkeypatch.setattr(cli, "_plugins_asked", False)
    monkeypatch.setattr(cli, "commands", {})
    assert xmaker("explain", "XM203").code == 0
    assert not loaded, "a command of XMaker's own needs no plugins to be found"
    assert xmaker("hello") == (0, "hello\n", "bad: ValueError: oh\n")
    assert len(loaded) == 1
