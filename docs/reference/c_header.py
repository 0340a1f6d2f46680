# SPDX-License-Identifier: Apache-2.0
"""What a C header promises, as a page: its declarations, each with the comment above it."""

import re


def page(text: str) -> str:
    out = []
    comment: list[str] = []
    lines = iter(_interface(text))
    for line in lines:
        if line.startswith("/*"):
            comment = [line]
            while "*/" not in comment[-1]:
                comment.append(next(lines))
        elif not line.strip():
            out += _section(_bare(comment))
            comment = []
        else:
            declaration = [line]
            while not _is_whole("\n".join(declaration)):
                declaration.append(next(lines))
            out += _item(_bare(comment), declaration)
            comment = []
    return "\n".join(out)


def _interface(text: str) -> list[str]:
    """All lines but those for the preprocessor and for C++."""
    own = re.sub(r"#if(def)? .*?#endif\n", "", text, flags=re.DOTALL)  # they are not nested
    return [line for line in own.splitlines() if not line.startswith(("#", "// "))] + [""]


def _is_whole(declaration: str) -> bool:
    code = re.sub(r"/\*.*?\*/", "", declaration, flags=re.DOTALL).rstrip()
    return code.endswith(";") and code.count("{") == code.count("}")


def _bare(comment: list[str]) -> list[str]:
    """The lines of a comment, without its stars."""
    text = "\n".join(comment).removeprefix("/*").removesuffix("*/")
    return [re.sub(r"^ ?\*? ?", "", line).rstrip() for line in text.splitlines()]


def _section(lines: list[str]) -> list[str]:
    """A comment that belongs to no declaration: a title with dashes, or text."""
    out = []
    for line in lines:
        title = re.fullmatch(r"([A-Z][\w ]*?) -{5,}|([A-Z]\w+)", line)
        out.append(f"## {title[1] or title[2]}\n" if title else _escaped(line))
    while out and not out[0]:
        out.pop(0)
    while out and not out[-1]:
        out.pop()
    return [*out, ""] if out else []


def _escaped(line: str) -> str:
    return line.replace("trellis_error*", r"trellis_error\*")


def _item(comment: list[str], declaration: list[str]) -> list[str]:
    code = "\n".join(declaration).replace("TRELLIS_API ", "")
    aligned = re.sub(r"\n {30,}", "\n    ", code)
    out = [f"### `{_name(aligned)}`", "", "```c", aligned, "```", ""]
    text = [_escaped(line) for line in comment]
    return [*out, *text, ""] if any(text) else out


def _name(code: str) -> str:
    function = re.search(r"(\w+)\(", re.sub(r"\{.*\}", "", code, flags=re.DOTALL))
    pointer = re.search(r"\(\*(\w+)\)", code)
    if code.startswith("typedef"):
        return pointer[1] if pointer and "{" not in code else re.findall(r"\w+", code)[-1]
    if code.startswith("enum"):
        return re.search(r"\b(TRELLIS_\w+)", code)[1]
    assert function, code
    return function[1]
