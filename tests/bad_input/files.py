"""Files that are no project, and models and plugins that do not work."""

from __future__ import annotations

from .row import Bad

_PLUGIN = b"from xmaker import hookimpl\n@hookimpl\ndef xmaker_nodes():\n    return [42]\n"
_USES_SENSOR = "inputs:\n  sensor: {use: ‸my_sensor}\n"
_USES_MODEL = "inputs: {camera: {}}\nmodels:\n  pet: {use: classifier, model: ‸my.onnx, from: camera}\n"
_GBK = 'inputs: {camera: {}}\nname: "猫狗助手"\n'.encode("gbk")
_BOMB = 'a: &a ["x", "x"]\n' + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)

BAD = (
    Bad("empty file", b"", "XM110"),
    Bad("only a comment", b"# hello\n", "XM110"),
    Bad("10 MB of [", b"[" * 10_000_000, "XM103"),
    Bad("100,000 [", b"[" * 100_000, "XM107"),
    Bad("deep {", b"{a: " * 100, "XM107"),
    Bad("more values than any project", b"a: 1\nb: [" + b"1," * 20_000 + b"]\n", "XM128"),
    Bad("alias bomb", _BOMB.encode(), "XM108"),
    Bad("GBK", _GBK, "XM104"),
    Bad("a picture in place of a project", b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", "XM127"),
    Bad("no model file", _USES_MODEL, "XM604"),
    Bad("a truncated model", _USES_MODEL, "XM605", files={"my.onnx": b"\x08\x08\x12\x07pytorch:\xff\xff\x03\n"}),
    Bad("a model that is no ONNX", _USES_MODEL, "XM605", files={"my.onnx": b"<html>not found</html>"}),
    Bad("a plugin that fails to import", _USES_SENSOR, "XM217", files={"plugins/my_sensor.py": b"import nowhere\n"}),
    Bad("a plugin with a syntax error", _USES_SENSOR, "XM217", files={"plugins/my_sensor.py": b"def (\n"}),
    Bad("a plugin that offers nonsense", _USES_SENSOR, "XM217", files={"plugins/my_sensor.py": _PLUGIN}),
    Bad("a plugin that exits", _USES_SENSOR, "XM217", files={"plugins/my_sensor.py": b"import sys\nsys.exit(3)\n"}),
)
