"""What people type wrongly in actions."""

from __future__ import annotations

from .row import Bad, rules, then

BAD = (
    Bad("unknown action", then("[light.‸onn]"), "XM305", "then: [light.on]"),
    Bad("light.On", then("[light.‸On]"), "XM305", "then: [light.on]"),
    Bad("no colour", then("['lamp.colour(‸\"gren\")']"), "XM853"),
    Bad("a number for a colour", then("[lamp.colour(‸3)]"), "XM853"),
    Bad("no note", then("['horn.melody(‸\"C4 H5\")']"), "XM855"),
    Bad("Light.on", then("[‸Light.on]"), "XM310", "then: [light.on]"),
    Bad("light on", then("[‸light on]"), "XM304", "then: [light.on]"),
    Bad("then: on", then("‸on"), "XM304"),
    Bad("unclosed [", then("‸[light.on"), "XM122", "then: [light.on]"),
    Bad("unclosed quote action", then("[‸'screen.write(\"Hello)]"), "XM122"),
    Bad("fw bracket", then("‸【light.on】"), "XM121", "then: [light.on]"),
    Bad("fw comma list", then("[‸light.on， light.off]"), "XM314", "then: [light.on, light.off]"),
    Bad("ideographic comma", then("[‸light.on、 light.off]"), "XM314", "then: [light.on, light.off]"),
    Bad("write map flow", then("[‸{screen.write: Hello, cat}]"), "XM313", "then: ['screen.write(\"Hello, cat\")']"),
    Bad(
        "write map item",
        rules("""\
  - when: pet == "cat"
    then:
      - ‸screen.write: Hello, cat
"""),
        "XM313",
        "- 'screen.write(\"Hello, cat\")'",
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
    Bad("then =", then("[‸light = on]"), "XM304", "then: [light.on]"),
    Bad("an open bracket in an action", then("[light.on‸(]"), "XM122"),
    Bad("two actions behind one dash", rules("  - when: true\n    then:\n      - ‸light.on, light.off\n"), "XM314"),
    Bad("then []", then("‸[]"), "XM303"),
    Bad("then light", then("[‸light]"), "XM304"),
    Bad("then number", then("[‸5]"), "XM304"),
    Bad("wait 1s", then("[light.on, ‸wait 1s, light.off]"), "XM320", "then: [light.on, wait: 1s, light.off]"),
    Bad("wait(1)", then("[light.on, ‸wait(1), light.off]"), "XM320", "then: [light.on, wait: 1, light.off]"),
    Bad("wait: x", then("[light.on, wait: ‸long, light.off]"), "XM307"),
    Bad(
        "wait and more",
        rules("""\
  - when: pet == "cat"
    then:
      - ‸wait: 1 s
        light.on:
"""),
        "XM304",
    ),
    Bad("sleep", then("[light.on, ‸sleep: 1 s]"), "XM304"),
    Bad("arg count", then("[‸light.brightness]"), "XM306"),
    Bad("arg kind", then("['light.brightness(‸\"high\")']"), "XM317"),
    Bad("arg unknown", then("[screen.write(‸petname)]"), "XM402", "then: [screen.write(pet)]"),
    Bad("var unknown", then("[‸cuont = count + 1]"), "XM315", "then: [count = count + 1]"),
    Bad("var kind", then("['‸count = \"x\"']"), "XM316"),
    Bad("var +=", then("[‸count += 1]"), "XM321", "then: [count = count + 1]"),
    Bad("var ++", then("[‸count++]"), "XM321", "then: [count = count + 1]"),
    Bad("template unknown", then("['screen.write(\"{‸pte.score}\")']"), "XM402", "then: ['screen.write(\"{pet.score}\")']"),
    Bad("template spec", then("['screen.write(\"{pet:‸.0%}\")']"), "XM411"),
    Bad("template open", then("['screen.write(‸\"{pet\")']"), "XM422"),
    Bad("template init", then("['screen.write(\"{pet.‸__init__}\")']"), "XM403"),
    Bad("star", then("‸*light"), "XM108"),
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
    Bad(
        "; in flow",
        rules("  - {each: pet, then: ‸light.on; light.off}\n"),
        "XM314",
        "- {each: pet, then: [light.on, light.off]}",
    ),
    Bad(
        "; in a list in flow",
        rules("  - {each: pet, then: ['light.on', ‸light.on; light.off]}\n"),
        "XM314",
        "- {each: pet, then: ['light.on', light.on, light.off]}",
    ),
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
        "XM304",
    ),
)
