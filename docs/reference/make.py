#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make.py [--check]: writes the pages of this folder from the sources they tell of; with --check only
says which of them are not what their sources say."""

import difflib
import sys
from pathlib import Path

import c_header
import python_package
from outline import LANGUAGES, outline

here = Path(__file__).resolve().parent
root = here.parent.parent
java = "clients/android/src/main/java/dev/trellis/core"
kotlin = "clients/android/src/main/kotlin/dev/trellis/core"
swift = "clients/apple/Sources/Trellis"
web = "clients/web/core/src"

# Title, and the sources in the order in which somebody who is new wants to read them.
OUTLINES = {
    "typescript": ("@trellis/core", web, ["index.ts", "trellis.ts", "types.ts", "errors.ts"]),
    "java": (
        "dev.trellis.core for Java",
        java,
        [f"{name}.java" for name in ("Replica", "Pump", "Session", "Sockets", "Host", "Custody",
                                     "DatabaseKey", "KeyWrap", "TrellisException")],
    ),
    "kotlin": ("dev.trellis.core for Kotlin", kotlin, ["Trellis.kt"]),
    "swift": ("Trellis for Swift: a draft, never compiled by the house", swift, None),
}


def made_from(source: str) -> str:
    return f"Made from `{source}` by `docs/reference/make.py`: change it there.\n"


def outline_page(title: str, folder: str, names: list[str] | None) -> str:
    parts = [f"# {title}\n", made_from(folder)]
    for name in names or sorted(path.name for path in (root / folder).glob("*.swift")):
        path = root / folder / name
        language = LANGUAGES[path.suffix]
        shown = outline(path.read_text(encoding="utf-8"), language)
        if shown:
            parts.append(f"## {name}\n\n```{language.fence}\n" + "\n".join(shown) + "\n```\n")
    return "\n".join(parts)


def pages() -> dict[Path, str]:
    header = (root / "clients/c/trellis.h").read_text(encoding="utf-8")
    all_pages = {
        "c": f"# trellis.h\n\n{made_from('clients/c/trellis.h')}\n" + c_header.page(header),
        "python": f"# The package trellis\n\n{made_from('clients/python/trellis')}\n"
        + python_package.page(root / "clients/python/trellis"),
    }
    for name, (title, folder, names) in OUTLINES.items():
        all_pages[name] = outline_page(title, folder, names)
    return {here / f"{name}.md": text.rstrip() + "\n" for name, text in all_pages.items()}


def main() -> int:
    stale = 0
    for path, text in pages().items():
        if sys.argv[1:] != ["--check"]:
            path.write_text(text, encoding="utf-8")
            continue
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        if old == text:
            continue
        stale += 1
        name = str(path.relative_to(root))
        print(f"{name} is not what its sources say; run docs/reference/make.py")
        sys.stdout.writelines(difflib.unified_diff(
            old.splitlines(True), text.splitlines(True), name, "the sources", n=1))
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
