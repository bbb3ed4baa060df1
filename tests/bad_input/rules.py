"""What people type wrongly in the other parts of a rule."""

from __future__ import annotations

from .row import Bad, also, line, rules

BAD = (
    Bad(
        "then as item",
        rules("""\
  - ‸when: pet == "cat"
  - ‸then: [light.on]
"""),
        "XM303 XM301",
    ),
    Bad(
        "rules mapping",
        rules("""\
  ‸when: pet == "cat"
  then: [light.on]
"""),
        "XM202",
    ),
    Bad(
        "rule text",
        rules("""\
  - ‸light.on
"""),
        "XM300",
    ),
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
    Bad(
        "when empty",
        rules("""\
  - when:‸
    then: [light.on]
"""),
        "XM301",
    ),
    Bad(
        "then empty",
        rules("""\
  - when: pet == "cat"
    then:‸
"""),
        "XM303",
    ),
    Bad("for half", also("for: ‸half a second"), "XM307"),
    Bad("for -1", also("for: ‸-1"), "XM307"),
    Bad("for 1 sceond", also("for: ‸1 sceond"), "XM307"),
    Bad("for 0,5", also("for: ‸0,5 s"), "XM307"),
    Bad("for list", also("for: ‸[1]"), "XM307"),
    Bad("for empty", also("for:‸ "), "XM307"),
    Bad("for 0 events", also("for: ‸0 events"), "XM307"),
    Bad("wait key", also("‸wait: 1 s"), "XM201"),
    Bad(
        "wait misplaced",
        rules("""\
  - ‸wait: 1 s
"""),
        "XM201",
    ),
    Bad("each and when", also("each: ‸knob"), "XM302"),
    Bad(
        "each expr",
        rules("""\
  - each: ‸knob > 1
    then: [light.on]
"""),
        "XM402",
        "- each: knob",
    ),
    Bad(
        "each field",
        rules("""\
  - each: ‸knob.value
    then: [light.on]
"""),
        "XM402",
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
    Bad("fresh bad", line("knob", "  knob: {use: analog, fresh: ‸often}"), "XM307"),
    Bad("fresh 0", line("knob", "  knob: {use: analog, fresh: ‸0}"), "XM307"),
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
)
