# SPDX-License-Identifier: Apache-2.0
"""What a file of TypeScript, Java, Kotlin or Swift promises: its public declarations with the comments
above them, in its own language, without what they do."""

import re
from dataclasses import dataclass


@dataclass
class Language:
    fence: str
    public: str  # what a declaration to be shown begins with
    member: str  # the same inside a type that is shown; empty: as outside
    hidden: str  # what is not shown all the same

    def shows(self, line: str, inside: str) -> bool:
        wanted = self.member if inside and self.member else self.public
        if inside == "interface":
            wanted = r"\S"
        return bool(re.match(wanted, line)) and not re.match(self.hidden, line)


LANGUAGES = {
    ".ts": Language("ts", r"export ", r"[\w\[]", r"private |protected |export \{|export type \*"),
    ".java": Language("java", r"public |protected ", "", r"@"),
    ".kt": Language(
        "kotlin",
        r"((data|sealed|enum|suspend|inline|open|abstract) )*(class|interface|object|fun|val|var|typealias) ",
        "",
        r"private |internal |override ",
    ),
    ".swift": Language("swift", r"public ", "", r"$^"),
}

TYPE = re.compile(r"\b(class|interface|enum|record|object|struct|actor|extension|protocol)\b")


def outline(text: str, language: Language) -> list[str]:
    return _Outline(text, language).run()


class _Outline:
    def __init__(self, text: str, language: Language) -> None:
        self.lines = text.splitlines()
        self.language = language
        self.at = 0
        self.out: list[str] = []

    def run(self) -> list[str]:
        while self.at < len(self.lines):
            self._declaration("", "")
        return self.out

    def _declaration(self, indent: str, inside: str) -> None:
        """One declaration with its comment, or one line that is none."""
        comment = self._comment()
        if self.at >= len(self.lines):
            return
        first = self.lines[self.at].strip()
        while first.startswith("@") and "(" not in first.split(" ")[0] and " " not in first:
            self.at += 1  # an annotation on a line of its own
            first = self.lines[self.at].strip()
        if not first or first.startswith(("//", "}", "import ", "package ")):
            self.at += 1
            return
        shown = self.language.shows(first, inside)
        head, has_body = self._head()
        if shown:
            if self.out and not indent:
                self.out.append("")
            self._put([*comment, *head], indent)
        kind = TYPE.search(_code(head[0])) if head else None
        if not has_body:
            return
        if shown and kind:
            self.out[-1] += " {"
            self._members(indent + "    ", kind[1])
            self.out.append(indent + "}")
        else:
            self._skip_body()

    def _members(self, indent: str, kind: str) -> None:
        while not self.lines[self.at].strip().startswith("}"):
            self._declaration(indent, kind)
        self.at += 1

    def _comment(self) -> list[str]:
        comment: list[str] = []
        while self.at < len(self.lines):
            line = self.lines[self.at].strip()
            if line.startswith("/**"):
                comment = [line]
                while "*/" not in self.lines[self.at]:
                    self.at += 1
                    star = self.lines[self.at].strip()
                    comment.append(f" {star}" if star.startswith("*") else star)
            elif line.startswith("///"):
                comment = [*comment, line]
            else:
                break
            self.at += 1
        return comment

    def _head(self) -> tuple[list[str], bool]:
        """The lines up to what it does; whether that stands in braces of its own lines."""
        head: list[str] = []
        depth = 0
        while True:
            line = self.lines[self.at].strip()
            self.at += 1
            code = _code(line)
            cut = _body_at(code, depth)
            depth += sum(code.count(one) for one in "([") - sum(code.count(one) for one in ")]")
            if cut is not None:
                head.append(line[:cut].rstrip())
                rest = code[cut:]
                if rest.startswith("{"):
                    opens = rest.count("{") - rest.count("}")
                    return head, opens > 0
                self._skip_rest(rest)
                return head, False
            head.append(line)
            if depth == 0 and not code.endswith((",", "(", ":", "|", "&", "->")) and not self._goes_on():
                return head, False

    def _goes_on(self) -> bool:
        """Whether the next line can only be the end of this one."""
        if self.at >= len(self.lines):
            return False
        return self.lines[self.at].strip().startswith(("{", "throws ", "extends ", "implements ", ") ", "| "))

    def _skip_rest(self, rest: str) -> None:
        """A value that a declaration has: to the end of its braces and brackets."""
        depth = _depth(rest)
        while depth > 0 or rest.rstrip().endswith(("=", "->", ",", "(")):
            rest = _code(self.lines[self.at].strip())
            depth += _depth(rest)
            self.at += 1

    def _skip_body(self) -> None:
        depth = 1
        while depth > 0:
            code = _code(self.lines[self.at])
            depth += code.count("{") - code.count("}")
            self.at += 1

    def _put(self, lines: list[str], indent: str) -> None:
        first_code = next(i for i, line in enumerate(lines) if not line.startswith(("/", " *", "*")))
        for i, line in enumerate(lines):
            deeper = "    " if i > first_code and not line.startswith((")", "}")) else ""
            self.out.append(f"{indent}{deeper}{line}")


def _code(line: str) -> str:
    """A line in which what stands in strings and comments does not count."""
    blank = lambda found: "_" * len(found[0])
    line = re.sub(r'"(\\.|[^"\\])*"|\'(\\.|[^\'\\])*\'|`[^`]*`', blank, line)
    return re.sub(r"(?<!:)//.*$|/\*.*?\*/", blank, line)


def _depth(code: str) -> int:
    return sum(code.count(one) for one in "([{") - sum(code.count(one) for one in ")]}")


def _body_at(code: str, depth: int) -> int | None:
    """Where what a declaration does begins, outside all parentheses."""
    is_type = re.match(r"(export )?(type|typealias|public typealias) ", code)
    for at, char in enumerate(code):
        if char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif depth == 0 and not is_type:
            if char == "{":
                return at
            if char == "=" and code[at + 1 : at + 2] != ">" and code[at - 1] == " ":
                return at
    return None
