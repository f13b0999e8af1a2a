"""The statements of a text that is not parsed: where each begins and ends, and what an import among them binds."""
from __future__ import annotations

import re
from collections.abc import Iterator

from lint_asyncdb.project.bindings import Import

DEFINITION = re.compile(r"^(?:async[ \t]+def|def|class)[ \t]+(\w+)", re.MULTILINE)
"""The head of a definition."""
_STATEMENT = re.compile(r"^(?=[^\s#)\]}])", re.MULTILINE)
_CONTINUES = re.compile(r"(?:else|elif|except|finally)\b")
_FROM = re.compile(r"from[ \t]+(\.*)[ \t]*([\w.]*)[ \t]+import[ \t]*(?:\(([^()]*)\)|([\w, \t*]+))[ \t]*(?:#[^\n]*)?\s*(?:#[^\n]*\s*)*\Z")
_IMPORT = re.compile(r"import[ \t]+([\w.]+)(?:[ \t]+as[ \t]+(\w+))?[ \t]*(?:#[^\n]*)?\s*(?:#[^\n]*\s*)*\Z")
_LINE_COMMENT = re.compile(r"#[^\n]*")
_STRING = re.compile(  # a comment or a string, else the quotes of one that is not closed
    r'#[^\n]*'
    r'|"""(?:\\.|[^\\])*?"""'
    r"|'''(?:\\.|[^\\])*?'''"
    r'|("""' + "|''')"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'(?:\\.|[^'\\\n])*'",
    re.DOTALL,
)


def statements(text: str) -> Iterator[tuple[int, str]]:
    """The top-level statements of a text with the number of lines before each, found without parsing."""
    starts = [match.start() for match in _STATEMENT.finditer(text)]
    starts.append(len(text))
    index = line = 0
    position = 0
    while index < len(starts) - 1:
        begin = starts[index]
        line += text.count("\n", position, begin)
        position = begin
        index += 1
        chunk = text[begin : starts[index]]
        while index < len(starts) - 1:
            quotes = _open_quotes(chunk)
            if quotes is not None:
                end = text.find(quotes, starts[index])
                while index < len(starts) - 1 and (end < 0 or starts[index] <= end):
                    index += 1
            elif _CONTINUES.match(text, starts[index]) or (chunk[0] == "@" and not DEFINITION.search(chunk)):
                index += 1
            else:
                break
            chunk = text[begin : starts[index]]
        yield line, chunk


def _open_quotes(chunk: str) -> str | None:
    """The quotes of the string that is not closed in this text, or None. Where they come in pairs they are all closed."""
    if chunk.count('"""') % 2 == 0 and chunk.count("'''") % 2 == 0 and '\\"""' not in chunk:
        return None
    return next((match.group(1) for match in _STRING.finditer(chunk) if match.group(1)), None)


def simple_import(chunk: str) -> list[tuple[str, Import]] | None:
    """What an import statement of the usual form binds, found without parsing; None for any other statement."""
    match = _FROM.match(chunk)
    if match is not None:
        dots, module, inner, plain = match.groups()
        found = []
        for item in _LINE_COMMENT.sub("", inner if inner is not None else plain).split(","):
            words = item.split()
            if len(words) == 1:
                found.append((words[0], Import(module or None, words[0], len(dots))))
            elif len(words) == 3 and words[1] == "as":
                found.append((words[2], Import(module or None, words[0], len(dots))))
            elif words:
                return None
        return found
    match = _IMPORT.match(chunk)
    if match is not None:
        module, alias = match.groups()
        return [(alias, Import(module, None))] if alias else [(module.partition(".")[0], Import(module.partition(".")[0], None))]
    return None
