"""Finds a font that has Chinese."""

from __future__ import annotations

from typing import Any

FAMILIES = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "思源黑体", "HYQiHei", "汉仪旗黑"),
    *("WenQuanYi Micro Hei", "文泉驿微米黑", "WenQuanYi Zen Hei", "文泉驿正黑", "Droid Sans Fallback"),
    *("PingFang SC", "Microsoft YaHei UI", "Microsoft YaHei", "微软雅黑", "SimHei", "黑体", "Heiti SC"),
    *("AR PL UMing CN", "AR PL UKai CN", "Noto Sans CJK TC", "Noto Sans CJK JP"),
)
"""What systems and boards bring, the most readable first."""


def is_chinese(text: str) -> bool:
    """Return whether a text has Chinese characters (of the blocks that everyday fonts have, with full-width punctuation)."""
    return any("\u3000" <= letter <= "\u9fff" or "\uff00" <= letter <= "\uffef" for letter in text)


def family_of(root: Any) -> tuple[str, bool]:
    """Return the font family for everything, and whether Chinese can be shown."""
    installed = set(root.tk.splitlist(root.tk.call("font", "families")))
    for family in FAMILIES:
        if family in installed:
            return family, True
    usual = str(root.tk.call("font", "actual", "TkDefaultFont", "-family"))
    # A family of another name may have Chinese: then Tk takes the character from there.
    taken = str(root.tk.call("font", "actual", "TkDefaultFont", "-family", "--", "好"))
    return usual, taken != usual
