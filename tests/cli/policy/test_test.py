"""`policy test`: the tests of a set as its user meets them."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from checks.suites import folder, one

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TESTS = "  tests:\n"
PASSES = TESTS + one("{verdict: allow}")
FAILS = TESTS + one("{verdict: deny, reasons: [max_position]}")
WRONG = TESTS + one("{verdict: allow}", facts="{quote.spred_bps: 60}")


@pytest.fixture
def with_tests(sample: Path) -> Callable[[str], None]:
    """The sample set with these tests."""

    def write(text: str) -> None:
        folder(sample, text)

    return write


@pytest.mark.parametrize(
    ("text", "status"), [(PASSES, 0), (FAILS, 1), (WRONG, 1)], ids=["passes", "fails", "wrong"]
)
def test_exit_status(policy: Callable, with_tests: Callable, text: str, status: int) -> None:
    """A case that fails, or a file that is wrong, is a finding."""
    with_tests(text)
    assert policy("test").status == status


def test_a_failure_reads_as_a_finding(policy: Callable, with_tests: Callable) -> None:
    """Where it is expected, what was expected, what came, and the line underlined."""
    with_tests(FAILS)
    lines = policy("test").out.splitlines()
    assert lines[0] == "policies/tests/tried.yaml     0 passed, 1 failed"
    assert (
        "policies/tests/tried.yaml:8:23: M721: `tried`: verdict: expected deny, got allow" in lines
    )
    assert lines[-1].endswith(": 0 passed, 1 failed")


def test_json_tells_the_same(policy: Callable, with_tests: Callable) -> None:
    """A program reads each case with what it expected, what it got, and where."""
    with_tests(FAILS)
    told = json.loads(policy("test", "--format", "json").out)
    assert told["passed"] is False
    assert [each["what"] for each in told["cases"][0]["mismatches"]] == ["verdict", "reasons"]
    assert told["cases"][0]["mismatches"][0]["line"] == 8


def test_tap_has_a_plan_and_a_line_a_case(policy: Callable, with_tests: Callable) -> None:
    """A TAP consumer counts the cases, and finds what did not come below one that failed."""
    with_tests(FAILS)
    lines = policy("test", "--format", "tap").out.splitlines()
    assert lines[:3] == [
        "TAP version 14",
        "1..1",
        "not ok 1 - policies/tests/tried.yaml::tried",
    ]


def test_annotations_stand_at_the_expectation(policy: Callable, with_tests: Callable) -> None:
    """GitHub shows a failure beside the line that expected something else."""
    with_tests(FAILS)
    assert policy("test", "--format", "github").out.startswith(
        "::error file=policies/tests/tried.yaml,line=8,"
    )


@pytest.mark.parametrize("text", [PASSES, FAILS, WRONG], ids=["passes", "fails", "wrong"])
def test_junit_counts_what_it_holds(
    policy: Callable, with_tests: Callable, tmp_path: Path, text: str
) -> None:
    """Every suite says how many cases, failures and errors it has, and has them in the order."""
    with_tests(text)
    policy("test", "--junit", "out/tests.xml")
    suites = ET.parse(tmp_path / "out" / "tests.xml").getroot()  # noqa: S314 - our own file
    assert suites.tag == "testsuites"
    for suite in suites:
        inside = [each.tag for each in suite]
        assert inside == [
            "properties",
            *["testcase"] * int(suite.attrib["tests"]),
            "system-out",
            "system-err",
        ]
        assert len(suite.findall("testcase/failure")) == int(suite.attrib["failures"])
        assert len(suite.findall("testcase/error")) == int(suite.attrib["errors"])


def test_some_cases_alone(policy: Callable, with_tests: Callable) -> None:
    """`--run` takes a part of a name or a pattern; one that no case has is a misuse."""
    with_tests(PASSES)
    assert policy("test", "--run", "tri").status == 0
    assert policy("test", "--run", "*::tried").status == 0
    outcome = policy("test", "--run", "another")
    assert (outcome.status, outcome.err) == (2, "policy test: no case matches `another`\n")


def test_a_set_without_tests_says_so(policy: Callable, sample: Path) -> None:
    """Nothing to play is not the same as everything passed."""
    outcome = policy("test", str(sample))
    assert outcome.status == 1
    assert "M724: the set has no tests" in outcome.out


def test_tests_move_no_hash(policy: Callable, with_tests: Callable, sample: Path) -> None:
    """What a set is tested with is no part of what it says, and lint does not speak of it."""
    with_tests(PASSES)
    before, lint = policy("hash").out, policy("lint").out
    (sample / "tests" / "tried.yaml").write_text("{", encoding="utf-8")
    assert (policy("hash").out, policy("lint").out) == (before, lint)
    assert "tests/" not in lint


def test_a_wide_include_takes_no_tests(
    policy: Callable, with_tests: Callable, sample: Path
) -> None:
    """`**/*.yaml` means every policy; what they are tried with is not one."""
    with_tests(PASSES)
    shutil.rmtree(sample / "small")
    path = sample / "policyset.yaml"
    before = policy("hash").out, policy("lint").out
    path.write_text(path.read_text().replace('"*.yaml", "risk/*.yaml"', '"**/*.yaml"'))
    assert (policy("hash").out, policy("lint").out) == before


def test_coverage_says_what_is_missing(policy: Callable, with_tests: Callable) -> None:
    """Three shares, and for each rule that lacks something what it lacks."""
    with_tests(PASSES)
    page = policy("test", "--coverage").out
    assert "  never resized, never denied, never undecided" in page
    assert "`position.pct_after <= policy.max_position.max_position_pct`: it was never" in page
    told = json.loads(policy("test", "--coverage", "--format", "json").out)["coverage"]
    assert told["rules"]["total"] == len(told["by_rule"])


def test_coverage_is_of_all_tests(policy: Callable, with_tests: Callable) -> None:
    """A share of some of the tests would be taken for that of all."""
    with_tests(PASSES)
    assert policy("test", "--coverage", "--run", "tried").status == 2


@pytest.mark.long
def test_mutation_tells_each_survivor(policy: Callable, with_tests: Callable) -> None:
    """The score, and for what no test notices a case to take; the file is left as it is."""
    with_tests(TESTS + one("{verdict: allow, headroom: {max_order: 400, min_order: 90}}"))
    outcome = policy("test", "--mutate", "--format", "json")
    told = json.loads(outcome.out)
    gaps = [each for each in told["survivors"] if each["verdict"] == "gap"]
    assert outcome.status == 1
    assert told["killed"] == told["mutants"] - len(told["survivors"]) > 0
    assert gaps
    assert all("- name: 'noticed: " in each["told"] for each in gaps)


@pytest.mark.parametrize("text", [FAILS, WRONG], ids=["fails", "wrong"])
def test_mutation_needs_tests_that_pass(policy: Callable, with_tests: Callable, text: str) -> None:
    """What fails already would notice everything."""
    with_tests(text)
    outcome = policy("test", "--mutate")
    assert (outcome.status, outcome.out) == (1, "")
    assert "so nothing is measured" in outcome.err


def test_mutation_without_tests_says_so(policy: Callable, sample: Path) -> None:
    """Nothing notices nothing, which is no score."""
    outcome = policy("test", str(sample), "--mutate")
    assert outcome.status == 1
    assert "M724" in outcome.err


def test_mutation_goes_by_itself(policy: Callable, with_tests: Callable) -> None:
    """It measures all tests at once, and has no file of cases to write."""
    with_tests(PASSES)
    assert policy("test", "--mutate", "--coverage").status == 2
    assert policy("test", "--mutate", "--format", "tap").status == 2
