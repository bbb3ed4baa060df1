"""What people type wrongly about nodes: their names, options and wires."""

from __future__ import annotations

from .row import Bad, change, line

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
    Bad("from: {camera, pet} flow", line("screen", "  screen: {from: camera, ‸pet}"), "XM207"),
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
    Bad(
        "option not indented",
        """\
outputs:
  light:
  ‸use: led
""",
        "XM237",
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
    ),
    Bad(
        "list of inputs map",
        """\
inputs:
  ‸- camera: {}
""",
        "XM202",
    ),
    Bad(
        "inputs: camera",
        """\
inputs: ‸camera
""",
        "XM202",
    ),
    Bad(
        "inputs: flow list",
        """\
inputs: ‸[camera]
""",
        "XM202",
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
    Bad("front-door", line("light", "  ‸front-door: {use: led}"), "XM205", "front_door: {use: led}"),
    Bad("front door", line("light", "  ‸front door: {use: led}"), "XM205", "front_door: {use: led}"),
    Bad("1st", line("light", "  ‸1st: {use: led}"), "XM205", "n1st: {use: led}"),
    Bad("5", line("light", "  ‸5: {use: led}"), "XM205", "n5: {use: led}"),
    Bad("name and", line("light", "  ‸and: {use: led}"), "XM216", "my_and: {use: led}"),
    Bad("name __x", line("light", "  ‸__class__: {use: led}"), "XM205", "class: {use: led}"),
    Bad("name emoji", line("light", "  ‸💡: {use: led}"), "XM205"),
    Bad("quoted name", line("light", '  ‸"my light": {use: led}'), "XM205", '"my_light": {use: led}'),
    Bad("vars list", line("vars", "vars: ‸[count]"), "XM202"),
    Bad("vars null", line("vars", "vars: {count: ‸}"), "XM202"),
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
    Bad("driver unknown", line("light", "  light: {use: led, driver: ‸magic}"), "XM609"),
    Bad("simulate bad", change("inputs:", "simulate: ‸maybe\ninputs:"), "XM208"),
    Bad("name list", change("inputs:", "name: ‸[a]\ninputs:"), "XM208"),
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
  lamp: {use: rgb_led}
  horn: {use: buzzer}
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
)
