"""What a strategy's source may say, decided on its tree before anything of it is run.

In: the source. Out: its tree, or findings with places: what does not parse (M382), imports
(M383), names and attributes (M384), constructs (M385). A closed list of constructs, so that what
Python adds is refused until somebody has thought about it. No security boundary: see `given.py`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from engine.errors import Diagnostic
from engine.expr.checking.suggest import nearest
from engine.kinds.strategy.python.given import (
    FACE,
    MODULES,
    WITHHELD_ATTRIBUTES,
    WITHHELD_BUILTINS,
    WITHHELD_PREFIXES,
)
from engine.kinds.strategy.python.places import finding, place_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.base import SourceText

_CONSTRUCTS = (
    ast.Module,
    ast.FunctionDef,
    ast.ClassDef,
    ast.Return,
    ast.Assign,
    ast.AugAssign,
    ast.AnnAssign,
    ast.For,
    ast.While,
    ast.If,
    ast.Match,
    ast.match_case,
    ast.pattern,
    ast.Raise,
    ast.Assert,
    ast.Import,
    ast.ImportFrom,
    ast.alias,
    ast.Expr,
    ast.Pass,
    ast.Break,
    ast.Continue,
    ast.BoolOp,
    ast.NamedExpr,
    ast.BinOp,
    ast.UnaryOp,
    ast.Lambda,
    ast.IfExp,
    ast.Dict,
    ast.ListComp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.comprehension,
    ast.Compare,
    ast.Call,
    ast.FormattedValue,
    ast.JoinedStr,
    ast.Constant,
    ast.Attribute,
    ast.Subscript,
    ast.Starred,
    ast.Name,
    ast.List,
    ast.Tuple,
    ast.Slice,
    ast.arguments,
    ast.arg,
    ast.keyword,
    ast.operator,
    ast.boolop,
    ast.unaryop,
    ast.cmpop,
    ast.expr_context,
    # Parts of what is refused as a whole, which is said once.
    ast.ExceptHandler,
    ast.withitem,
)
_WHY: dict[type[ast.AST], tuple[str, str]] = {
    ast.Set: ("a set", "use a tuple: the order of a set changes from run to run"),
    ast.SetComp: ("a set", "use a list: the order of a set changes from run to run"),
    ast.Try: ("`try`", "let it fail: a failure is counted and told, and stops no exit"),
    ast.With: ("`with`", "there is nothing to open or to lock"),
    ast.Global: ("`global`", "give the value to the function, and return it"),
    ast.Nonlocal: ("`nonlocal`", "give the value to the function, and return it"),
    ast.Delete: ("`del`", "leave it out: what is not used costs nothing"),
    ast.Yield: ("a generator function", "return a list, or use a generator expression"),
    ast.YieldFrom: ("a generator function", "return a list, or use a generator expression"),
}
_OTHERWISE = "write it without: a strategy is a plain function"


def parsed(source: SourceText) -> ast.Module | Diagnostic:
    """The tree of the source, or why there is none."""
    try:
        # The annotations of the engine's Python count, not those of this module.
        return ast.parse(source.text, source.file, type_comments=False)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        offset = max(0, (getattr(error, "offset", None) or 1) - 1)
        told = getattr(error, "msg", "nested too deeply").splitlines()[0]
        message = f"the source does not parse: {told[:1].lower()}{told[1:].rstrip('.')}"
        place = place_at(source, line, offset, offset + 1)
        return Diagnostic("M382", message, place, "run it through a Python of the same version")


def check(source: SourceText, tree: ast.Module) -> Iterator[Diagnostic]:
    """Every construct, import, name and attribute that a strategy may not have."""
    top = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        yield from _construct(source, node)
        match node:
            case ast.Import() | ast.ImportFrom():
                yield from _imports(source, node, at_top=id(node) in top)
            case ast.Attribute():
                yield from _attribute(source, node)
            case ast.MatchClass(kwd_attrs=names):
                yield from (_behind(source, node, each) for each in names if _leads_behind(each))
            case ast.ClassDef(keywords=[first, *_]):
                mend = "write a plain class, or a frozen dataclass"
                yield finding(source, first, "M385", "a class has keywords", mend)
            case ast.Name(id=name) if name in WITHHELD_BUILTINS or name.startswith("__"):
                yield _withheld(source, node, name)
            case (
                ast.FunctionDef(name=str(name))
                | ast.ClassDef(name=str(name))
                | ast.arg(arg=str(name))
                | ast.keyword(arg=str(name))
                | ast.alias(asname=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
                | ast.MatchMapping(rest=str(name))
            ) if _pythons_own(name):
                yield _withheld(source, node, name)


def _pythons_own(name: str) -> bool:
    """Names that Python, or one of its classes, calls by itself."""
    return name.startswith("__") or (name.startswith("_") and name.endswith("_") and len(name) > 1)


def _leads_behind(attribute: str) -> bool:
    return attribute in WITHHELD_ATTRIBUTES or attribute.startswith(WITHHELD_PREFIXES)


def _behind(source: SourceText, node: ast.AST, attribute: str) -> Diagnostic:
    message = f"a strategy may not ask for `.{attribute}`"
    mend = "use an f-string" if attribute.startswith("format") else "use the value itself"
    return finding(source, node, "M384", message, mend)


def _construct(source: SourceText, node: ast.AST) -> Iterator[Diagnostic]:
    asynchronous = isinstance(node, ast.comprehension) and node.is_async
    if isinstance(node, _CONSTRUCTS) and not asynchronous:
        return
    words, mend = _WHY.get(type(node), (f"`{type(node).__name__}`", _OTHERWISE))
    yield finding(source, node, "M385", f"a strategy may not have {words}", mend)


def _imports(
    source: SourceText, node: ast.Import | ast.ImportFrom, *, at_top: bool
) -> Iterator[Diagnostic]:
    if not at_top:
        message = "an import stands inside of something"
        yield finding(source, node, "M383", message, "import at the top of the file")
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.name not in MODULES or "." in alias.name or alias.name == "__future__":
                yield _no_module(source, alias, alias.name)
        return
    module = "." * node.level + (node.module or "")
    if module not in MODULES:
        yield _no_module(source, node, module)
        return
    for alias in node.names:
        if alias.name not in MODULES[module]:
            known = sorted(MODULES[module])
            near = nearest(alias.name, known)
            guess = f"did you mean `{near}`? " if near else ""
            message = f"a strategy may not import `{alias.name}` from `{module}`"
            mend = f"{guess}it may import: {', '.join(known[:5])}{', …' if known[5:] else ''}"
            yield finding(source, alias, "M383", message, mend)


def _no_module(source: SourceText, node: ast.AST, name: str) -> Diagnostic:
    if name in MODULES:
        message = f"`{name}` is not imported as a whole"
        return finding(source, node, "M383", message, f"write `from {name} import …`")
    message = f"a strategy may not import `{name}`"
    mend = f"it may import: {', '.join(sorted(MODULES.keys() - {FACE}))}, and {FACE}"
    return finding(source, node, "M383", message, mend)


def _attribute(source: SourceText, node: ast.Attribute) -> Iterator[Diagnostic]:
    if _leads_behind(node.attr):
        yield _behind(source, node, node.attr)
    if not isinstance(node.ctx, ast.Load):
        message = f"`.{node.attr}` is written to"
        mend = "make a new value: what is shared is frozen"
        yield finding(source, node, "M385", message, mend)


def _withheld(source: SourceText, node: ast.AST, name: str) -> Diagnostic:
    message = f"`{name}` is not given to strategies"
    mend = "a strategy is a function of its context: it reads, writes and keeps nothing else"
    return finding(source, node, "M384", message, mend)
