# SPDX-License-Identifier: Apache-2.0
"""platform_row.py <what> <value> <unit> [<relation> <target>] [<note>]: a row of bench/platforms.
platform_row.py --put <section> <page>: the section of that name in the page becomes this one."""

import re
import sys


def shown(value: float, unit: str) -> str:
    if unit == "MB":
        return f"{value / 1e6:.1f} MB"
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.1f} {unit}"


def row(what: str, value: float, unit: str, *rest: str) -> str:
    target = met = ""
    if rest and rest[0] in ("<", "<="):
        relation, limit, *rest = rest
        target = f"{relation} {shown(float(limit), unit)}"
        is_met = value < float(limit) or relation == "<=" and value == float(limit)
        met = "yes" if is_met else "**missed**"
    note = rest[0] if rest else ""
    return f"| {what} | {shown(value, unit)} | {target or 'printed'} | {met or 'yes'} | {note} |"


def put(section: str, page: str) -> str:
    title = section.splitlines()[0]
    old = re.compile(rf"^{re.escape(title)}$.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    if old.search(page):
        return old.sub(lambda _: section, page, count=1)
    # Before what the figures mean, where the page says that.
    at = page.find("\n## ") + 1 or len(page)
    return page[:at] + section + page[at:]


if sys.argv[1] == "--put":
    section, path = sys.argv[2:]
    with open(section, encoding="utf-8") as file:
        text = file.read()
    with open(path, encoding="utf-8") as file:
        page = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(put(text, page))
else:
    what, value, unit, *rest = sys.argv[1:]
    print(row(what, float(value), unit, *rest))
