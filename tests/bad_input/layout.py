"""What people type wrongly in YAML itself: colons, brackets, quotes, indentation."""

from __future__ import annotations

from .row import Bad, also, change, line, rules

BAD = (
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
    Bad("unclosed [[ at the end", line("horn", "  horn: ‸{use: [[").partition("  screen")[0], "XM122", "horn: {use: [[]]}"),
    Bad("unclosed {{ at the end", "name: '{'\ninputs: ‸{{  # {", "XM122"),
    Bad("unclosed {", line("camera", "  camera: ‸{width: 3"), "XM122", "camera: {width: 3}"),
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
    Bad("fw space indent", line("camera", "‸\u3000\u3000camera: {}"), "XM105", "camera: {}"),
    Bad("nbsp indent", line("camera", "‸\u00a0\u00a0camera: {}"), "XM105", "camera: {}"),
    Bad(
        "wrong indent less",
        rules("""\
  - when: pet == "cat"
   ‸then: [light.on]
"""),
        "XM124",
    ),
    Bad(
        "wrong indent more",
        rules("""\
  - when: pet == "cat"
      ‸then: [light.on]
"""),
        "XM124",
    ),
    Bad(
        "then at dash",
        rules("""\
  - when: pet == "cat"
  ‸then: [light.on]
"""),
        "XM124",
    ),
    Bad("node not indented", change("  camera: {}\n  knob", "camera: {}\n  ‸knob"), "XM124"),
    Bad("nodes inconsistent", line("knob", "   ‸knob: {use: analog}"), "XM124"),
    Bad("a text that is not closed", rules('  - when: true\n    then:\n      - screen.write(‸"Hello)\n'), "XM122"),
    Bad("an action that is not closed", rules('  - when: true\n    then:\n      - screen.write‸("Hello"\n'), "XM122"),
    Bad("wait under rule item", also("‸- wait: 1 s"), "XM124"),
    Bad("anchor", line("camera", "  camera: ‸&a {}"), "XM108"),
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
    Bad("an escape character", "name: a‸\x1b[31mb\n", "XM114"),
)
