"""What people type wrongly, and what XMaker must say to it. As a program it prints the table: `python tests/bad_input.py zh`.

‸ marks the place that the message must point at. A row with several codes has several problems, in the order of the codes.
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from xmaker.errors import ProjectError
from xmaker.project import Project

BASE = """\
inputs:
  camera: {}
  knob: {use: analog}
models:
  pet: {use: classifier, model: cat-dog, from: camera}
outputs:
  light: {use: led}
  screen: {}
vars: {count: 0}
rules:
"""


def rules(text: str) -> str:
    """A good project with these rules."""
    return BASE + text


def when(condition: str) -> str:
    return rules(f"  - when: {condition}\n    then: [light.on]\n")


def then(steps: str) -> str:
    return rules(f'  - when: pet == "cat"\n    then: {steps}\n')


def also(key: str) -> str:
    """A good project whose rule has another key."""
    return rules(f'  - when: pet == "cat"\n    then: [light.on]\n    {key}\n')


def line(name: str, text: str) -> str:
    """A good project with another line for this name."""
    return "".join(text + "\n" if row.strip().startswith(name + ":") else row for row in BASE.splitlines(keepends=True))


def change(old: str, new: str) -> str:
    return BASE.replace(old, new)


@dataclass(frozen=True)
class Bad:
    """One bad project: its text, the codes of what must be said, and the corrected line of each (" | " between them)."""

    name: str
    text: str | bytes
    codes: str
    corrected: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    """What else lies in the folder."""

    def places(self) -> list[tuple[int, int]]:
        """Line and column of every mark."""
        if isinstance(self.text, bytes):
            return []
        found = []
        for number, row in enumerate(self.text.split("\n"), 1):
            parts = row.split("‸")
            found += [(number, len("".join(parts[: index + 1])) + 1) for index in range(len(parts) - 1)]
        return found

    def load(self, folder: Path) -> Project:
        """Write the project into a folder and read it. Raises ProjectError."""
        data = self.text if isinstance(self.text, bytes) else self.text.replace("‸", "").encode()
        for name, content in {"project.yaml": data, **self.files}.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
        return Project.load(folder)


_PLUGIN = b"from xmaker import hookimpl\n@hookimpl\ndef xmaker_nodes():\n    return [42]\n"
_USES_SENSOR = "inputs:\n  sensor: {use: ‸my_sensor}\n"
_USES_MODEL = "inputs: {camera: {}}\nmodels:\n  pet: {use: classifier, model: ‸my.onnx, from: camera}\n"
_GBK = 'inputs: {camera: {}}\nname: "猫狗助手"\n'.encode("gbk")
_BOMB = 'a: &a ["x", "x"]\n' + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)

BAD = (
    Bad(
        "unknown node type",
        """\
inputs:
  cam: {use: ‸camrea}
""",
        "XM203",
        "cam: {use: camera}",
    ),
    Bad("unknown key top", line("inputs", "‸input:"), "XM201", "inputs:"),
    Bad("unknown option", line("camera", "  camera: {‸widht: 3}"), "XM207", "camera: {width: 3}"),
    Bad("wrong type", line("camera", "  camera: {width: ‸wide}"), "XM208"),
    Bad("unknown field", when("pet.‸scoer > 0.5"), "XM403", "- when: pet.score > 0.5"),
    Bad("unknown function", when("‸sqrt(knob) > 1"), "XM408"),
    Bad("unknown action", then("[light.‸onn]"), "XM305", "then: [light.on]"),
    Bad("light.On", then("[light.‸On]"), "XM305", "then: [light.on]"),
    Bad("Light.on", then("[‸Light.on]"), "XM310", "then: [light.on]"),
    Bad("light on", then("[‸light on]"), "XM304", "then: [light.on]"),
    Bad("then: on", then("‸on"), "XM304"),
    Bad(
        "model no from",
        """\
inputs: {camera: {}}
models:
  ‸pet: {use: classifier, model: cat-dog}
""",
        "XM210",
    ),
    Bad(
        "wire nothing",
        line("pet", "  pet: {use: classifier, model: cat-dog, from: ‸camrea}"),
        "XM211",
        "pet: {use: classifier, model: cat-dog, from: camera}",
    ),
    Bad(
        "from: Camera",
        line("pet", "  pet: {use: classifier, model: cat-dog, from: ‸Camera}"),
        "XM211",
        "pet: {use: classifier, model: cat-dog, from: camera}",
    ),
    Bad(
        "from: camera, pet",
        line(
            "screen",
            """\
  screen:
    from: ‸camera, pet""",
        ),
        "XM202",
        "from: [camera, pet]",
    ),
    Bad("from: {camera, pet} flow", line("screen", "  screen: {from: ‸camera, pet}"), "XM202", "screen: {from: [camera, pet]}"),
    Bad(
        "cycle",
        """\
models:
  ‸a: {use: classifier, model: cat-dog, from: b}
  b: {use: classifier, model: cat-dog, from: a}
""",
        "XM212",
    ),
    Bad("dup name", line("light", "  ‸pet: {use: led}"), "XM206"),
    Bad("dup key", line("screen", "  ‸light: {use: led}"), "XM109"),
    Bad(
        "two rules:",
        rules("""\
  - when: pet == "cat"
    then: [light.on]
‸rules:
  - when: knob > 1
    then: [light.off]
"""),
        "XM109",
    ),
    Bad("tab", line("camera", "‸\tcamera: {}"), "XM105", "camera: {}"),
    Bad("tab mid", line("knob", "  ‸\tknob: {use: analog}"), "XM105", "knob: {use: analog}"),
    Bad("unclosed [", then("‸[light.on"), "XM122", "then: [light.on]"),
    Bad("unclosed {", line("camera", "  camera: ‸{width: 3"), "XM122", "camera: {width: 3}"),
    Bad("unclosed quote", when('pet == ‸"cat'), "XM122"),
    Bad("unclosed quote action", then("[‸'screen.write(\"Hello)]"), "XM122"),
    Bad("missing colon", line("inputs", "inputs‸"), "XM120", "inputs:"),
    Bad("missing colon node", line("camera", "  camera‸ {}"), "XM120", "camera: {}"),
    Bad("no space colon", line("knob", "  knob‸:{use: analog}"), "XM119", "knob: {use: analog}"),
    Bad("no space colon in flow", line("knob", "  knob: {use‸:analog}"), "XM119", "knob: {use: analog}"),
    Bad(
        "no space when",
        rules("""\
  - when‸:pet == "cat"
    then: [light.on]
"""),
        "XM119",
        '- when: pet == "cat"',
    ),
    Bad(
        "no space then",
        rules("""\
  - when: pet == "cat"
    then‸:[light.on]
"""),
        "XM119",
        "then: [light.on]",
    ),
    Bad(
        "no space dash",
        rules("""\
  ‸-when: pet == "cat"
    then: [light.on]
"""),
        "XM119",
        '- when: pet == "cat"',
    ),
    Bad("fw colon top", line("outputs", "outputs‸："), "XM117", "outputs:"),
    Bad("fw colon node", line("knob", "  knob‸：{use: analog}"), "XM117", "knob: {use: analog}"),
    Bad(
        "fw colon when",
        rules("""\
  - when‸：pet == "cat"
    then: [light.on]
"""),
        "XM117",
        '- when: pet == "cat"',
    ),
    Bad(
        "fw colon then",
        rules("""\
  - when: pet == "cat"
    then‸：[light.on]
"""),
        "XM117",
        "then: [light.on]",
    ),
    Bad("fw colon in flow", line("knob", "  knob: {use‸：analog}"), "XM117", "knob: {use: analog}"),
    Bad("fw braces", line("knob", "  knob: ‸｛use: analog｝"), "XM121", "knob: {use: analog}"),
    Bad("fw bracket", then("‸【light.on】"), "XM121", "then: [light.on]"),
    Bad("fw comma list", then("[‸light.on， light.off]"), "XM314", "then: [light.on, light.off]"),
    Bad("ideographic comma", then("[‸light.on、 light.off]"), "XM314", "then: [light.on, light.off]"),
    Bad("fw space indent", line("camera", "‸\u3000\u3000camera: {}"), "XM105", "camera: {}"),
    Bad("nbsp indent", line("camera", "‸\u00a0\u00a0camera: {}"), "XM105", "camera: {}"),
    Bad(
        "wrong indent less",
        rules("""\
  - when: pet == "cat"
   ‸then: [light.on]
"""),
        "XM124",
        "then: [light.on]",
    ),
    Bad(
        "wrong indent more",
        rules("""\
  - when: pet == "cat"
      ‸then: [light.on]
"""),
        "XM124",
        "then: [light.on]",
    ),
    Bad(
        "then at dash",
        rules("""\
  - when: pet == "cat"
  ‸then: [light.on]
"""),
        "XM124",
        "then: [light.on]",
    ),
    Bad(
        "then as item",
        rules("""\
  - when: pet == "cat"
  - ‸then: [light.on]
"""),
        "XM318",
        "then: [light.on]",
    ),
    Bad(
        "node not indented",
        change("  camera: {}", "‸camera: {}"),
        "XM124",
        "camera: {}",
    ),
    Bad(
        "no node indented",
        """\
inputs:
‸camera: {}
‸knob: {use: analog}
outputs:
  screen: {from: camera}
""",
        "XM237 XM237",
        "camera: {} | knob: {use: analog}",
    ),
    Bad("nodes inconsistent", line("knob", "   ‸knob: {use: analog}"), "XM124", "knob: {use: analog}"),
    Bad(
        "option not indented",
        """\
outputs:
  light:
  ‸use: led
""",
        "XM232",
        "use: led",
    ),
    Bad(
        "list of inputs",
        """\
inputs:
  ‸- camera
  - knob
""",
        "XM202",
        "camera: {}",
    ),
    Bad(
        "list of inputs map",
        """\
inputs:
  ‸- camera: {}
""",
        "XM202",
        "camera: {}",
    ),
    Bad(
        "inputs: camera",
        """\
inputs: ‸camera
""",
        "XM202",
        "inputs: {camera: {}}",
    ),
    Bad(
        "inputs: flow list",
        """\
inputs: ‸[camera]
""",
        "XM202",
        "inputs: {camera: {}}",
    ),
    Bad(
        "rules mapping",
        rules("""\
  ‸when: pet == "cat"
  then: [light.on]
"""),
        "XM202",
        '- when: pet == "cat"',
    ),
    Bad(
        "rule text",
        rules("""\
  - ‸light.on
"""),
        "XM300",
    ),
    Bad(
        "node = 5",
        """\
outputs: {light: ‸5}
""",
        "XM202",
    ),
    Bad(
        "top text",
        """\
‸hello
""",
        "XM202",
    ),
    Bad("write map flow", then("[‸{screen.write: Hello, cat}]"), "XM313", "then: ['screen.write(\"Hello, cat\")']"),
    Bad(
        "write map item",
        rules("""\
  - when: pet == "cat"
    then:
      - ‸screen.write: Hello, cat
"""),
        "XM313",
        '- screen.write("Hello, cat")',
    ),
    Bad(
        "write quoted map",
        rules("""\
  - when: pet == "cat"
    then:
      - ‸screen.write: "Hello: cat"
"""),
        "XM313",
        "- 'screen.write(\"Hello: cat\")'",
    ),
    Bad("write in flow with comma", then('[‸screen.write("Hello, cat")]'), "XM313", "then: ['screen.write(\"Hello, cat\")']"),
    Bad("write plain flow", then("[‸screen.write(Hello, cat)]"), "XM313", "then: ['screen.write(Hello, cat)']"),
    Bad(
        "write plain item",
        rules("""\
  - when: pet == "cat"
    then:
      - ‸screen.write(Hello cat)
"""),
        "XM324",
        '- screen.write("Hello cat")',
    ),
    Bad(
        "write word item",
        rules("""\
  - when: pet == "cat"
    then:
      - ‸screen.write(Hello)
"""),
        "XM324",
        '- screen.write("Hello")',
    ),
    Bad(
        "write colon in text",
        rules("""\
  - when: pet == "cat"
    then:
      - ‸screen.write("Score: 5")
"""),
        "XM313",
        "- 'screen.write(\"Score: 5\")'",
    ),
    Bad(
        "write hash",
        rules("""\
  - when: pet == "cat"
    then:
      - ‸screen.write("a # b")
"""),
        "XM313",
        "- 'screen.write(\"a # b\")'",
    ),
    Bad("write brace in flow", then('[‸screen.write("{pet.score}")]'), "XM313", "then: ['screen.write(\"{pet.score}\")']"),
    Bad("when quoted start", when('‸"cat" == pet.label'), "XM113", "- when: '\"cat\" == pet.label'"),
    Bad("when quoted start '", when("‸'cat' == pet.label"), "XM113", "- when: \"'cat' == pet.label\""),
    Bad(
        "if for when",
        rules("""\
  - ‸if: pet == "cat"
    then: [light.on]
"""),
        "XM201",
        '- when: pet == "cat"',
    ),
    Bad(
        "do for then",
        rules("""\
  - when: pet == "cat"
    ‸do: [light.on]
"""),
        "XM201",
        "then: [light.on]",
    ),
    Bad("elif", also("‸elif: knob > 1"), "XM201"),
    Bad("Else", also("‸Else: [light.off]"), "XM201", "else: [light.off]"),
    Bad(
        "zh keys",
        rules("""\
  - ‸当: pet == "cat"
    ‸那么: [light.on]
"""),
        "XM201 XM201",
        '- when: pet == "cat" | then: [light.on]',
    ),
    Bad("single =", when('pet.label ‸= "cat"'), "XM407", '- when: pet.label == "cat"'),
    Bad("pet = cat", when("pet ‸= cat"), "XM407", '- when: pet == "cat"'),
    Bad("unquoted label", when("pet == ‸cat"), "XM412", '- when: pet == "cat"'),
    Bad("unquoted label zh", when("pet == ‸猫"), "XM412", '- when: pet == "猫"'),
    Bad("unquoted unknown", when("pet == ‸elephant"), "XM412", '- when: pet == "elephant"'),
    Bad("'Cat'", when("pet == '‸Cat'"), "XM413", "- when: pet == 'cat'"),
    Bad("is", when('pet ‸is "cat"'), "XM420", '- when: pet == "cat"'),
    Bad("is cat", when("pet ‸is cat"), "XM420", '- when: pet == "cat"'),
    Bad("is a cat", when("pet ‸is a cat"), "XM420"),
    Bad("=>", when("knob ‸=> 0.5"), "XM420", "- when: knob >= 0.5"),
    Bad("<>", when("knob ‸<> 0.5"), "XM420", "- when: knob != 0.5"),
    Bad("≥", when("knob ‸≥ 0.5"), "XM420", "- when: knob >= 0.5"),
    Bad("≠", when("knob ‸≠ 0.5"), "XM420", "- when: knob != 0.5"),
    Bad("&&", when('pet == "cat" ‸&& knob > 1'), "XM420", '- when: pet == "cat" and knob > 1'),
    Bad("||", when('pet == "cat" ‸|| knob > 1'), "XM420", '- when: pet == "cat" or knob > 1'),
    Bad("!", when('‸!pet == "cat"'), "XM420", '- when: not pet == "cat"'),
    Bad("&", when('pet == "cat" ‸& knob > 1'), "XM420", '- when: pet == "cat" and knob > 1'),
    Bad("AND", when('pet == "cat" ‸AND knob > 1'), "XM420", '- when: pet == "cat" and knob > 1'),
    Bad("并且", when('pet == "cat" ‸并且 knob > 1'), "XM420", '- when: pet == "cat" and knob > 1'),
    Bad("then =", then("[‸light = on]"), "XM304", "then: [light.on]"),
    Bad("60%", when("pet.score > ‸60%"), "XM420", "- when: pet.score > 0.6"),
    Bad("> 0.6 s", when("knob > ‸0.5 s"), "XM420", "- when: knob > 0.5"),
    Bad("comma dec", when("pet.score > 0‸,6"), "XM420", "- when: pet.score > 0.6"),
    Bad("chained", when('pet == "cat" or ‸"dog"'), "XM410", '- when: pet == "cat" or pet == "dog"'),
    Bad("kind", when("‸pet > 3"), "XM418"),
    Bad("knob==text", when('knob == ‸"3"'), "XM418", "- when: knob == 3"),
    Bad("light.on in when", when("‸light.on"), "XM421"),
    Bad("light == on", when('‸light == "on"'), "XM421"),
    Bad("camera bare", when("‸camera"), "XM409"),
    Bad("screen bare", when("‸screen"), "XM421"),
    Bad("pet bare", when("‸pet"), "XM410"),
    Bad("knob bare", when("‸knob"), "XM410"),
    Bad(
        "when empty",
        rules("""\
  - when:‸
    then: [light.on]
"""),
        "XM301",
    ),
    Bad("when: yes", when("‸yes"), "XM402"),
    Bad("when: 5", when("‸5"), "XM202"),
    Bad("when list", when('‸[pet == "cat"]'), "XM202"),
    Bad("when: pet: cat", when("pet‸: cat"), "XM125"),
    Bad(
        "then empty",
        rules("""\
  - when: pet == "cat"
    then:‸
"""),
        "XM303",
    ),
    Bad("an open bracket in an action", then("[light.on‸(]"), "XM122"),
    Bad("a text that is not closed", rules('  - when: true\n    then:\n      - screen.write(‸"Hello)\n'), "XM122"),
    Bad("an action that is not closed", rules('  - when: true\n    then:\n      - screen.write‸("Hello"\n'), "XM122"),
    Bad(
        "two actions behind one dash",
        rules("  - when: true\n    then:\n      - ‸light.on, light.off\n"),
        "XM314",
        "- light.on / - light.off",
    ),
    Bad("then []", then("‸[]"), "XM303"),
    Bad("then light", then("[‸light]"), "XM304"),
    Bad("then number", then("[‸5]"), "XM304"),
    Bad("front-door", line("light", "  ‸front-door: {use: led}"), "XM205", "front_door: {use: led}"),
    Bad("front door", line("light", "  ‸front door: {use: led}"), "XM205", "front_door: {use: led}"),
    Bad("1st", line("light", "  ‸1st: {use: led}"), "XM205", "n1st: {use: led}"),
    Bad("5", line("light", "  ‸5: {use: led}"), "XM205", "n5: {use: led}"),
    Bad("name and", line("light", "  ‸and: {use: led}"), "XM216", "my_and: {use: led}"),
    Bad("name __x", line("light", "  ‸__class__: {use: led}"), "XM205", "class: {use: led}"),
    Bad("name emoji", line("light", "  ‸💡: {use: led}"), "XM205"),
    Bad("quoted name", line("light", '  ‸"my light": {use: led}'), "XM205", '"my_light": {use: led}'),
    Bad("for half", also("for: ‸half a second"), "XM307"),
    Bad("for -1", also("for: ‸-1"), "XM307"),
    Bad("for 1 sceond", also("for: ‸1 sceond"), "XM307"),
    Bad("for 0,5", also("for: ‸0,5 s"), "XM307"),
    Bad("for list", also("for: ‸[1]"), "XM307"),
    Bad("for empty", also("for:‸ "), "XM307"),
    Bad("for 0 events", also("for: ‸0 events"), "XM307"),
    Bad("wait 1s", then("[light.on, ‸wait 1s, light.off]"), "XM320", "then: [light.on, wait: 1s, light.off]"),
    Bad("wait(1)", then("[light.on, ‸wait(1), light.off]"), "XM320", "then: [light.on, wait: 1, light.off]"),
    Bad("wait: x", then("[light.on, wait: ‸long, light.off]"), "XM307"),
    Bad("wait key", also("‸wait: 1 s"), "XM201"),
    Bad(
        "wait and more",
        rules("""\
  - when: pet == "cat"
    then:
      - ‸wait: 1 s
        light.on:
"""),
        "XM323",
    ),
    Bad(
        "wait misplaced",
        rules("""\
  - ‸wait: 1 s
"""),
        "XM201",
    ),
    Bad("wait under rule item", also("‸- wait: 1 s"), "XM124"),
    Bad("sleep", then("[light.on, ‸sleep: 1 s]"), "XM320", "then: [light.on, wait: 1 s]"),
    Bad("each and when", also("each: ‸knob"), "XM302"),
    Bad(
        "each expr",
        rules("""\
  - each: ‸knob > 1
    then: [light.on]
"""),
        "XM319",
        "- each: knob",
    ),
    Bad(
        "each field",
        rules("""\
  - each: ‸knob.value
    then: [light.on]
"""),
        "XM319",
        "- each: knob",
    ),
    Bad(
        "each unknown",
        rules("""\
  - each: ‸knbo
    then: [light.on]
"""),
        "XM402",
        "- each: knob",
    ),
    Bad(
        "each else",
        rules("""\
  - each: knob
    then: [light.on]
    else: ‸[light.off]
"""),
        "XM312",
    ),
    Bad(
        "no when",
        rules("""\
  - ‸then: [light.on]
"""),
        "XM301",
    ),
    Bad(
        "no then",
        rules("""\
  - ‸when: pet == "cat"
"""),
        "XM303",
    ),
    Bad("arg count", then("[‸light.brightness]"), "XM306"),
    Bad("arg kind", then("['light.brightness(‸\"high\")']"), "XM317"),
    Bad("arg unknown", then("[screen.write(‸petname)]"), "XM402", "then: [screen.write(pet)]"),
    Bad("var unknown", then("[‸cuont = count + 1]"), "XM315", "then: [count = count + 1]"),
    Bad("var kind", then("['‸count = \"x\"']"), "XM316"),
    Bad("var +=", then("[‸count += 1]"), "XM321", "then: [count = count + 1]"),
    Bad("var ++", then("[‸count++]"), "XM321", "then: [count = count + 1]"),
    Bad("vars list", line("vars", "vars: ‸[count]"), "XM202", "vars: {count: 0}"),
    Bad("vars null", line("vars", "vars: {count: ‸}"), "XM202"),
    Bad("template unknown", then("['screen.write(\"{‸pte.score}\")']"), "XM402", "then: ['screen.write(\"{pet.score}\")']"),
    Bad("template spec", then("['screen.write(\"{pet:‸.0%}\")']"), "XM411"),
    Bad("template open", then("['screen.write(‸\"{pet\")']"), "XM422"),
    Bad("template init", then("['screen.write(\"{pet.‸__init__}\")']"), "XM403"),
    Bad(
        "model unknown",
        line("pet", "  pet: {use: classifier, model: ‸cats-dogs, from: camera}"),
        "XM607",
        "pet: {use: classifier, model: cat-dog, from: camera}",
    ),
    Bad("model missing", line("pet", "  pet: {use: classifier, model: ‸my.onnx, from: camera}"), "XM604"),
    Bad("model wrong type", line("pet", "  pet: {use: classifier, model: ‸5, from: camera}"), "XM208"),
    Bad("output under inputs", line("knob", "  knob: {use: ‸led}"), "XM204"),
    Bad("input w from", line("knob", "  knob: {use: analog, from: ‸camera}"), "XM213"),
    Bad("light w from", line("light", "  light: {use: led, from: ‸camera}"), "XM230"),
    Bad("pet from knob", line("pet", "  pet: {use: classifier, model: cat-dog, from: ‸knob}"), "XM214"),
    Bad("pet from light", line("pet", "  pet: {use: classifier, model: cat-dog, from: ‸light}"), "XM231"),
    Bad("pet from self", line("pet", "  ‸pet: {use: classifier, model: cat-dog, from: pet}"), "XM212"),
    Bad(
        "pin twice",
        line(
            "light",
            """\
  light: {use: led, pin: 17}
  l2: {use: led, pin: ‸17}""",
        ),
        "XM215",
    ),
    Bad("pin bad", line("light", "  light: {use: led, pin: ‸[17]}"), "XM208"),
    Bad("seconds bad", line("knob", "  knob: {use: analog, every: ‸often}"), "XM208"),
    Bad("fresh bad", line("knob", "  knob: {use: analog, fresh: ‸often}"), "XM307"),
    Bad("fresh 0", line("knob", "  knob: {use: analog, fresh: ‸0}"), "XM307"),
    Bad("driver unknown", line("light", "  light: {use: led, driver: ‸magic}"), "XM609"),
    Bad("simulate bad", change("inputs:", "simulate: ‸maybe\ninputs:"), "XM208"),
    Bad("name list", change("inputs:", "name: ‸[a]\ninputs:"), "XM208"),
    Bad("anchor", line("camera", "  camera: ‸&a {}"), "XM108"),
    Bad("star", then("‸*light"), "XM108"),
    Bad(
        "tag",
        """\
inputs: ‸!!python/object:os.system x
""",
        "XM111",
    ),
    Bad(
        "two docs",
        rules("""\
‸---
inputs:
  camera: {}
  knob: {use: analog}
models:
  pet: {use: classifier, model: cat-dog, from: camera}
outputs:
  light: {use: led}
  screen: {}
vars: {count: 0}
rules:
"""),
        "XM112",
    ),
    Bad(
        "complex key",
        """\
? ‸[a]
: b
""",
        "XM116",
    ),
    Bad(
        "{} key",
        """\
‸{a: 1}: 2
""",
        "XM116",
    ),
    Bad(
        "at",
        """\
name: ‸@x
""",
        "XM126",
        "name: '@x'",
    ),
    Bad(
        "backtick",
        """\
name: ‸`x`
""",
        "XM126",
        "name: '`x`'",
    ),
    Bad(
        "fight",
        rules("""\
  - when: pet == "cat"
    then: [light.on]
    else: [light.off]
  - ‸when: knob > 0.5
    then: [light.on]
"""),
        "XM309",
    ),
    Bad(
        "several",
        change(
            """\
  camera: {}
  knob: {use: analog}
models:
  pet: {use: classifier, model: cat-dog, from: camera}
outputs:
  light: {use: led}
  screen: {}
vars: {count: 0}
rules:""",
            """\
  cam: {use: ‸camrea}
outputs:
  ‸front-door: {use: led}
  light: {use: led, ‸pni: 3}
rules:
  - when: cam == 3
    then: [light.on, nolight.on]""",
        ),
        "XM203 XM205 XM207",
        "cam: {use: camera} | front_door: {use: led} | light: {use: led, pin: 3}",
    ),
    Bad(
        "python code",
        """\
‸import xmaker
print('x')
""",
        "XM202",
    ),
    Bad("use list", line("light", "  light: {use: ‸[led]}"), "XM208"),
    Bad("use empty", line("light", "  light: {use: ‸}"), "XM208"),
    Bad("from empty", line("pet", "  pet: {use: classifier, model: cat-dog, from: ‸}"), "XM202"),
    Bad("from number", line("pet", "  pet: {use: classifier, model: cat-dog, from: ‸5}"), "XM202"),
    Bad(
        "models under inputs",
        change(
            """\
models:
  pet: {use: classifier, model: cat-dog, from: camera}""",
            "  pet: {use: ‸classifier, model: cat-dog, from: camera}",
        ),
        "XM204",
    ),
    Bad(
        "no outputs",
        """\
inputs: {camera: {}}
rules:
  - when: camera.width > 3
    then: [‸light.on]
""",
        "XM310",
    ),
    Bad("print", then('[‸print("hi")]'), "XM304"),
    Bad("light.on;light.off", then("[‸light.on; light.off]"), "XM314", "then: [light.on, light.off]"),
    Bad("then two str", then("‸light.on, light.off"), "XM314", "then: [light.on, light.off]"),
    Bad("then: and", then("‸light.on and light.off"), "XM314", "then: [light.on, light.off]"),
    Bad(
        "nested in list",
        rules("""\
  - when: pet == "cat"
    then:
      - ‸when: knob > 1
        then: [light.on]
"""),
        "XM322",
    ),
    Bad("empty file", b"", "XM110"),
    Bad("only a comment", b"# hello\n", "XM110"),
    Bad("10 MB of [", b"[" * 10_000_000, "XM103"),
    Bad("100,000 [", b"[" * 100_000, "XM107"),
    Bad("deep {", b"{a: " * 100, "XM107"),
    Bad("more values than any project", b"a: 1\nb: [" + b"1," * 20_000 + b"]\n", "XM128"),
    Bad("alias bomb", _BOMB.encode(), "XM108"),
    Bad("GBK", _GBK, "XM104"),
    Bad("a picture in place of a project", b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", "XM127"),
    Bad("an escape character", "name: a‸\x1b[31mb\n", "XM114"),
    Bad(
        "several at once",
        """\
inputs:
  cam: {use: ‸camrea}
outputs:
  ‸front-door: {use: led}
  light: {use: led, ‸pni: 3}
  screen: {}
rules:
  - when: cam.width > 3
    then: [front-door.on, light.on]
  - when: true
    then: [screen.‸wirte("Hi")]
""",
        "XM203 XM205 XM207 XM305",
        'cam: {use: camera} | front_door: {use: led} | light: {use: led, pin: 3} | then: [screen.write("Hi")]',
    ),
    Bad("no model file", _USES_MODEL, "XM604"),
    Bad("a truncated model", _USES_MODEL, "XM605", files={"my.onnx": b"\x08\x08\x12\x07pytorch:\xff\xff\x03\n"}),
    Bad("a model that is no ONNX", _USES_MODEL, "XM605", files={"my.onnx": b"<html>not found</html>"}),
    Bad("a plugin that fails to import", _USES_SENSOR, "XM217", files={"plugins/my_sensor.py": b"import nowhere\n"}),
    Bad("a plugin with a syntax error", _USES_SENSOR, "XM217", files={"plugins/my_sensor.py": b"def (\n"}),
    Bad("a plugin that offers nonsense", _USES_SENSOR, "XM217", files={"plugins/my_sensor.py": _PLUGIN}),
    Bad("a plugin that exits", _USES_SENSOR, "XM217", files={"plugins/my_sensor.py": b"import sys\nsys.exit(3)\n"}),
)


def main(language: str) -> None:
    """Print every row as a section of Markdown: what was typed, and what is said."""
    os.environ["LC_ALL"] = {"zh": "zh_CN.UTF-8"}.get(language, "C.UTF-8")
    for bad in BAD:
        with tempfile.TemporaryDirectory() as folder:
            try:
                shown = "\n".join(problem.show() for problem in bad.load(Path(folder)).warnings)
            except ProjectError as error:
                shown = error.show()
        print(f"### {bad.name}\n\n```text\n{shown.replace(folder + os.sep, '')}\n```\n")


if __name__ == "__main__":
    main(sys.argv[1] if sys.argv[1:] else "en")
