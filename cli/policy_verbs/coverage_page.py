"""What policy tests cover, as a page to read and for programs.

In: coverage. Out: the three shares, then every rule that is not covered, with what is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.checks.coverage.covering import Coverage, RuleCoverage, Share


def coverage_page(coverage: Coverage) -> str:
    """The shares, and why what is not covered is not."""
    return "\n".join(_lines(coverage)) + "\n"


def _lines(coverage: Coverage) -> Iterator[str]:
    yield ""
    yield f"rules       {_share(coverage.by_rule)}  came out both ways"
    yield f"outcomes    {_share(coverage.by_outcome)}  came"
    yield f"conditions  {_share(coverage.by_condition)}  decided alone, both ways"
    for rule in coverage.rules:
        yield from _rule(rule)


def _share(share: Share) -> str:
    return f"{share.covered:>4} of {share.total:<4} {share.pct:>5.1f} %"


def _rule(rule: RuleCoverage) -> Iterator[str]:
    bare = [each for each in rule.conditions if not each.covered]
    if not rule.missing and not bare:
        return
    yield f"\n{rule.place}: {rule.rule}"
    if not rule.asked:
        yield "  never asked by any test"
        return
    if rule.missing:
        yield f"  never {', never '.join(rule.missing)}"
    for each in bare:
        yield f"  `{each.text}`: {'; '.join(each.why)}"


def coverage_json(coverage: Coverage) -> dict[str, object]:
    """The same for programs."""
    return {
        "rules": _share_json(coverage.by_rule),
        "outcomes": _share_json(coverage.by_outcome),
        "conditions": _share_json(coverage.by_condition),
        "by_rule": [_rule_json(each) for each in coverage.rules],
    }


def _share_json(share: Share) -> dict[str, object]:
    return {"covered": share.covered, "total": share.total, "pct": round(share.pct, 1)}


def _rule_json(rule: RuleCoverage) -> dict[str, object]:
    return {
        "rule": rule.rule,
        "file": rule.place.file,
        "line": rule.place.line,
        "outcomes": dict(rule.outcomes),
        "conditions": [
            {"text": each.text, "covered": each.covered, "why": list(each.why)}
            for each in rule.conditions
        ],
    }
