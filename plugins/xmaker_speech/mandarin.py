"""How Mandarin sounds to a model that learnt English: each syllable in ARPAbet, the phones of the CMU dictionary."""

from __future__ import annotations


def _table(text: str) -> dict[str, str]:
    return dict(entry.strip().split(": ") for entry in text.split(","))


BEGINNINGS = _table(
    "b: B, p: P, m: M, f: F, d: D, t: T, n: N, l: L, g: G, k: K, h: HH, j: JH, q: CH, x: SH, zh: JH, ch: CH, sh: SH, r: R, "
    "z: D Z, c: T S, s: S, y: Y, w: W"
)
ENDINGS = _table(
    "a: AA, o: AO, e: AH, i: IY, u: UW, v: IY UW, er: ER, ai: AY, ei: EY, ao: AW, ou: OW, an: AE N, en: AH N, ang: AA NG, "
    "eng: AH NG, ong: UH NG, ia: IY AA, ie: IY EH, iao: IY AW, iu: IY OW, ian: IY EH N, in: IH N, iang: IY AA NG, ing: IH NG, "
    "iong: IY UH NG, ua: W AA, uo: W AO, uai: W AY, ui: W EY, uan: W AE N, un: W AH N, uang: W AA NG, ve: Y UW EH, "
    "van: Y UW EH N, vn: Y UW N"
)
AFTER_Y = _table("u: v, ue: ve, uan: van, un: vn, e: ie, an: ian")
"""What is written short after y."""


def syllable(pinyin: str) -> str:
    """Return the phones of one syllable without its tone: `kai` → `K AY`. Raises KeyError when it is none."""
    beginning = next((pinyin[:length] for length in (2, 1) if pinyin[:length] in BEGINNINGS), "")
    ending = pinyin[len(beginning) :].replace("ü", "v")
    if beginning == "y":
        ending = AFTER_Y.get(ending, ending)
    elif beginning in ("j", "q", "x") and ending.startswith("u"):
        ending = f"v{ending[1:]}"
    if ending == "i" and beginning in ("zh", "ch", "sh", "r"):
        sound = "ER"
    elif ending == "i" and beginning in ("z", "c", "s"):
        sound = "AH"
    else:
        sound = ENDINGS[ending]
    return f"{BEGINNINGS.get(beginning, '')} {sound}".strip()


def phones(hanzi: str) -> str:
    """Return the phones of Chinese characters. Raises KeyError for one that nobody can read, ImportError without pypinyin."""
    from pypinyin import lazy_pinyin

    return " ".join(syllable(pinyin) for pinyin in lazy_pinyin(hanzi))
