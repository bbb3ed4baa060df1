"""What people type wrongly in conditions."""

from __future__ import annotations

from .row import Bad, when


def clock(condition: str) -> str:
    return when(condition).replace("  camera: {}", "  camera: {}\n  clock: {}")


def people(condition: str) -> str:
    detector = "  people: {use: detector, model: objects, labels: [person], from: camera}\n"
    return when(condition).replace("outputs:", f"{detector}outputs:")


BAD = (
    Bad("unknown field", when("pet.‸scoer > 0.5"), "XM403", "- when: pet.score > 0.5"),
    Bad("unknown function", when("‸sqrt(knob) > 1"), "XM408"),
    Bad("unclosed quote", when('pet == ‸"cat'), "XM122"),
    Bad("when quoted start", when('‸"cat" == pet.label'), "XM113", "- when: '\"cat\" == pet.label'"),
    Bad("when quoted start '", when("‸'cat' == pet.label"), "XM113", "- when: \"'cat' == pet.label\""),
    Bad("single =", when('pet.label ‸= "cat"'), "XM407", '- when: pet.label == "cat"'),
    Bad("pet = cat", when("pet ‸= cat"), "XM407", '- when: pet == "cat"'),
    Bad("unquoted label", when("pet == ‸cat"), "XM412", '- when: pet == "cat"'),
    Bad("unquoted label zh", when("pet == ‸猫"), "XM412", '- when: pet == "猫"'),
    Bad("unquoted unknown", when("pet == ‸elephant"), "XM402"),
    Bad("'Cat'", when("pet == '‸Cat'"), "XM413", "- when: pet == 'cat'"),
    Bad(
        "two labels", people('‸people.left("person", "cat")'), "XM417", '- when: (people.left("person") or people.left("cat"))'
    ),
    Bad("a number for a label", people("people.count(‸3) == 0"), "XM427"),
    Bad("nearest", people('people.‸nearest == "person"'), "XM403", '- when: people.nearest.label == "person"'),
    Bad("nearest of a number", people("people.‸nearest > 0.5"), "XM403"),
    Bad("pixels", people("‸people.nearest.x > 100"), "XM428", "- when: people.nearest.x_px > 100"),
    Bad("percent", when("pet.score > ‸60"), "XM428", "- when: pet.score > 0.6"),
    Bad("below nothing", when("pet.score < ‸-1"), "XM428"),
    Bad("a label not looked for", people('people.nearest.label == "‸cat"'), "XM413"),
    Bad("7:30", clock('clock.time == "‸7:30"'), "XM423", '- when: clock.time == "07:30"'),
    Bad("seconds", clock('clock.time == "‸07:30:00"'), "XM423"),
    Bad("date", clock('clock.date in ["2025-01-31", "‸31.1.2025"]'), "XM423"),
    Bad("is", when('pet ‸is "cat"'), "XM420", '- when: pet == "cat"'),
    Bad("is cat", when("pet ‸is cat"), "XM420", '- when: pet == "cat"'),
    Bad("is a cat", when("pet ‸is a cat"), "XM420"),
    Bad("=>", when("knob ‸=> 0.5"), "XM420", "- when: knob >= 0.5"),
    Bad("<>", when("knob ‸<> 0.5"), "XM420", "- when: knob != 0.5"),
    Bad("≥", when("knob ‸≥ 0.5"), "XM420", "- when: knob >= 0.5"),
    Bad("≠", when("knob ‸≠ 0.5"), "XM420", "- when: knob != 0.5"),
    Bad("&&", when('pet == "cat" ‸&& knob > 1'), "XM420", '- when: pet == "cat" and knob > 1'),
    Bad("||", when('pet == "cat" ‸|| knob > 1'), "XM420", '- when: pet == "cat" or knob > 1'),
    Bad("!", when('‸!pet == "cat"'), "XM111"),
    Bad("&", when('pet == "cat" ‸& knob > 1'), "XM420", '- when: pet == "cat" and knob > 1'),
    Bad("AND", when('pet == "cat" ‸AND knob > 1'), "XM420", '- when: pet == "cat" and knob > 1'),
    Bad("并且", when('pet == "cat" ‸并且 knob > 1'), "XM420", '- when: pet == "cat" and knob > 1'),
    Bad("60%", when("pet.score > ‸60%"), "XM420", "- when: pet.score > 0.6"),
    Bad("> 0.6 s", when("knob > ‸0.5 s"), "XM420", "- when: knob > 0.5"),
    Bad("comma dec", when("‸pet.score > 0,6"), "XM404"),
    Bad("chained", when('pet == "cat" or ‸"dog"'), "XM410", '- when: pet == "cat" or pet == "dog"'),
    Bad("kind", when("‸pet > 3"), "XM418"),
    Bad("knob==text", when('‸knob == "3"'), "XM418"),
    Bad("light.on in when", when("‸light.on"), "XM421"),
    Bad("light == on", when('‸light == "on"'), "XM421"),
    Bad("camera bare", when("‸camera"), "XM409"),
    Bad("screen bare", when("‸screen"), "XM421"),
    Bad("pet bare", when("‸pet"), "XM410"),
    Bad("knob bare", when("‸knob"), "XM410"),
    Bad("when: yes", when("‸yes"), "XM402"),
    Bad("when: 5", when("‸5"), "XM202"),
    Bad("when list", when('‸[pet == "cat"]'), "XM202"),
    Bad("when: pet: cat", when("pet‸: cat"), "XM125"),
)
