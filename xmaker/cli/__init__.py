"""The command line. Old syntax here: a Python that is too old must be able to read this file and say so."""

import os
import sys

TOO_OLD = {
    "en": "error XM706: XMaker needs Python 3.11 or newer and a 64-bit system."
    " On a UNIHIKER: update to image 0.4.5. On a Raspberry Pi: use the 64-bit Raspberry Pi OS (Bookworm or newer).",
    "zh": "错误 XM706: XMaker 需要 Python 3.11 或更新版本，以及 64 位系统。"
    "行空板：升级到 0.4.5 镜像。树莓派：使用 64 位系统（Bookworm 或更新）。",
}


def main():  # type: () -> None
    """Run the command that was typed."""
    if sys.version_info < (3, 11) or sys.maxsize < 2**32:
        chinese = os.environ.get("LC_ALL", os.environ.get("LANG", "")).startswith("zh")
        sys.exit(TOO_OLD["zh" if chinese else "en"])
    try:
        from xmaker.cli.app import run

        run()
    except KeyboardInterrupt:  # pressed while it was still starting
        os._exit(130)
