"""From a directory to the documents of a set: what is taken, what is refused, and from where."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.codes import CODES
from engine.policyset import loading
from engine.policyset.loading import load
from engine.policyset.reading.files import SET_FILE, top_of
from engine.policyset.seal import canonical_bytes
from engine.policyset.sealing import effective_plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.policyset.loading import LoadResult

Tree = dict[str, str]
HEAD = "apiVersion: mandate/v1\nkind: {}\nmetadata: {{name: {}, description: A test.}}\n"


def the_set(*include: str, base: str | None = None, patches: str = "", name: str = "spot") -> str:
    """The text of a policyset.yaml."""
    text = (
        HEAD.format("PolicySet", name)
        + "spec:\n  include: ["
        + ", ".join(map(repr, include))
        + "]\n"
    )
    text += f"  base: '{base}'\n" if base else ""
    return text + (f"  patches:\n{patches}" if patches else "")


def limit(name: str, most: str = "500", stage: str = "enforce") -> str:
    """The text of a RiskLimit."""
    return HEAD.format("RiskLimit", name) + (
        "spec:\n  scope: order\n  intents: [entry]\n"
        "  require: order.notional_usd <= params.most_usd\n"
        f"  params: {{most_usd: {most}}}\n  on_breach: deny\n  stage: {stage}\n"
    )


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Tree], Path]:
    """Write files below a directory that is a repository, and go there."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)

    def write(tree: Tree) -> Path:
        for name, text in tree.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


def found(result: LoadResult) -> list[str]:
    """Findings as `file:line:col CODE`."""
    return [f"{each.place} {each.code}" for each in result.diagnostics]


def most_of(result: LoadResult, name: str) -> object:
    """The value of `most_usd` of one limit."""
    (document,) = (each for each in result.documents if each.name == name)
    spec = document.plain["spec"]
    assert isinstance(spec, dict)
    assert isinstance(spec["params"], dict)
    return spec["params"]["most_usd"]


def test_a_set_is_loaded_from_its_patterns(plant: Callable[[Tree], Path]) -> None:
    """Files of every pattern are taken once, sorted by id, whatever order they are named in."""
    plant(
        {
            "policies/policyset.yaml": the_set(
                "risk/*.yaml", "risk/b.yaml", "../strategies/**/*.yaml"
            ),
            "policies/risk/b.yaml": limit("b_limit"),
            "policies/risk/a.yaml": limit("z_limit"),
            "policies/risk/.hidden.yaml": "a: [",
            "strategies/deep/down/c.yaml": limit("c_limit"),
            "policies/tests/facts.yaml": "order.notional_usd: 5\n",
        }
    )
    result = load(Path("policies"))
    assert found(result) == []
    assert not result.refused
    assert result.name == "spot"
    assert [each.id for each in result.documents] == [
        "RiskLimit/b_limit",
        "RiskLimit/c_limit",
        "RiskLimit/z_limit",
    ]
    assert [each.places.of(()).file for each in result.documents] == [
        "policies/risk/b.yaml",
        "strategies/deep/down/c.yaml",
        "policies/risk/a.yaml",
    ]


def test_a_list_and_single_files_are_the_same_documents(plant: Callable[[Tree], Path]) -> None:
    """How documents are spread over files changes nothing in them; their places stay right."""
    items = "apiVersion: mandate/v1\nkind: RiskLimits\nitems:\n"
    for name in ("first", "second"):
        body = limit(name).splitlines()[2:]
        items += "  - " + "\n    ".join(body) + "\n"
    plant(
        {
            "one/policyset.yaml": the_set("*.yaml"),
            "one/limits.yaml": items,
            "two/policyset.yaml": the_set("first.yaml", "second.yaml"),
            "two/first.yaml": limit("first"),
            "two/second.yaml": limit("second"),
        }
    )
    one, two = load(Path("one")), load(Path("two"))
    assert found(one) == found(two) == []
    assert [canonical_bytes(effective_plain(each)) for each in one.documents] == [
        canonical_bytes(effective_plain(each)) for each in two.documents
    ]
    place = one.documents[1].places.of(("spec", "stage"))
    assert place.source_line[place.column - 1 :] == "enforce"
    assert str(one.documents[1].places.of(("kind",))) == "one/limits.yaml:2:7"


PATCH = "    - {{target: RiskLimit/{}, set: {{{}}}}}\n"


def test_a_patch_changes_a_value_and_knows_where_it_stands(plant: Callable[[Tree], Path]) -> None:
    """The effective document has the new value, placed at the patch; the base keeps its own."""
    plant(
        {
            "policies/policyset.yaml": the_set("*.yaml"),
            "policies/a.yaml": limit("a_limit", "{by: regime.name, bull: 5, crash: 0}"),
            "policies/small/policyset.yaml": the_set(
                "own.yaml",
                base="..",
                patches=PATCH.format("a_limit", "params.most_usd.bull: 2.50, modes: [paper]"),
                name="small",
            ),
            "policies/small/own.yaml": limit("own_limit"),
        }
    )
    base, small = load(Path("policies")), load(Path("policies/small"))
    assert found(base) == found(small) == []
    assert small.name == "small"
    assert [each.id for each in small.documents] == ["RiskLimit/a_limit", "RiskLimit/own_limit"]
    assert most_of(base, "a_limit") == {
        "by": "regime.name",
        "bull": Decimal(5),
        "crash": Decimal(0),
    }
    assert most_of(small, "a_limit") == {
        "by": "regime.name",
        "bull": Decimal("2.50"),
        "crash": Decimal(0),
    }
    there = small.documents[0].places
    patch = "policies/small/policyset.yaml:8"
    assert str(there.of(("spec", "params", "most_usd", "bull"))) == f"{patch}:63"
    assert str(there.of_key(("spec", "params", "most_usd", "bull"))) == f"{patch}:41"
    assert str(there.of(("spec", "modes", 0))) == f"{patch}:77"
    assert there.of(("spec", "params", "most_usd", "crash")).file == "policies/a.yaml"


def test_layers_are_laid_in_order(plant: Callable[[Tree], Path]) -> None:
    """Of several layers the outermost has the last word."""
    plant(
        {
            "a/policyset.yaml": the_set("*.yaml"),
            "a/limit.yaml": limit("a_limit", "1"),
            "b/policyset.yaml": the_set(
                base="../a", patches=PATCH.format("a_limit", "params.most_usd: 2")
            ),
            "c/policyset.yaml": the_set(
                base="../b", patches=PATCH.format("a_limit", "params: {most_usd: 3}")
            ),
        }
    )
    assert [most_of(load(Path(each)), "a_limit") for each in "abc"] == [1, 2, 3]


def test_a_patch_reaches_into_a_list(plant: Callable[[Tree], Path]) -> None:
    """The entry of a list is named by its number."""
    plant(
        {
            "a/policyset.yaml": the_set("*.yaml"),
            "a/limit.yaml": limit("a_limit"),
            "b/policyset.yaml": the_set(
                base="../a", patches=PATCH.format("a_limit", "intents.0: exit")
            ),
        }
    )
    result = load(Path("b"))
    assert found(result) == []
    spec = result.documents[0].plain["spec"]
    assert isinstance(spec, dict)
    assert spec["intents"] == ["exit"]
    assert str(result.documents[0].places.of(("spec", "intents", 0))) == "b/policyset.yaml:8:52"


def test_a_wrong_value_of_a_patch_is_found_at_the_patch(plant: Callable[[Tree], Path]) -> None:
    """A finding about a patched value points at whoever set it."""
    plant(
        {
            "a/policyset.yaml": the_set("*.yaml"),
            "a/limit.yaml": limit("a_limit"),
            "b/policyset.yaml": the_set(
                base="../a", patches=PATCH.format("a_limit", "stage: enforced, unlimited: true")
            ),
        }
    )
    assert found(load(Path("b"))) == ["b/policyset.yaml:8:48 M306"]


UNKNOWN = (
    ("a_limti", "stage: warn", "M150", "did you mean `RiskLimit/a_limit`?"),
    ("a_limit", "stag: warn", "M151", "did you mean `stage`?"),
    ("a_limit", "params.mst_usd: 2", "M151", "did you mean `most_usd`?"),
    ("a_limit", "params.most_usd.bull: 2", "M151", "set `params.most_usd` as a whole"),
    ("a_limit", "intents.1: add", "M151", "from 0 to 0"),
    ("a_limit", "intents.first: add", "M151", "from 0 to 0"),
    ("a_limit", "params..most_usd: 2", "M151", "it has: most_usd"),
    ("a_limit", "' ': 2", "M151", "it has: intents, minimum, modes"),
    ("a_limit", "'': 2", "M119", "write one word"),
    ("a_limit", "stage: warn, 'stage': shadow", "M120", "delete one"),
    ("a_limit", "params: {most_usd: 1}, params.most_usd: 2", "M155", "keep one of the two"),
)


@pytest.mark.parametrize(("target", "patch", "code", "mend"), UNKNOWN)
def test_a_patch_of_nothing_is_refused(
    plant: Callable[[Tree], Path], target: str, patch: str, code: str, mend: str
) -> None:
    """A patch that would change nothing, or only by its order, is refused with a suggestion."""
    plant(
        {
            "a/policyset.yaml": the_set("*.yaml"),
            "a/limit.yaml": limit("a_limit"),
            "b/policyset.yaml": the_set(base="../a", patches=PATCH.format(target, patch)),
        }
    )
    (finding,) = load(Path("b")).diagnostics
    assert finding.code == code
    assert mend in finding.help
    assert finding.place is not None
    assert finding.place.line == 8


def test_two_patches_of_one_field_are_refused_with_both_places(
    plant: Callable[[Tree], Path],
) -> None:
    """Neither of two patches of one field silently wins."""
    patches = PATCH.format("a_limit", "stage: warn") + PATCH.format("a_limit", "stage: shadow")
    plant(
        {
            "a/policyset.yaml": the_set("*.yaml"),
            "a/limit.yaml": limit("a_limit"),
            "b/policyset.yaml": the_set(base="../a", patches=patches),
        }
    )
    (finding,) = load(Path("b")).diagnostics
    assert (finding.code, str(finding.place)) == ("M155", "b/policyset.yaml:9:41")
    assert str(finding.related[0][0]) == "b/policyset.yaml:8:41"


def test_an_optional_part_may_be_added_by_its_fields(plant: Callable[[Tree], Path]) -> None:
    """A field that the kind has and the base leaves out can be set, even below a missing part."""
    strategy = (Path(__file__).parents[1] / "documents" / "good" / "strategy.yaml").read_text()
    without = "\n".join(line for line in strategy.splitlines() if "canary" not in line)
    patch = "{canary.below_conviction: 0.7, canary.size_ratio: 0.3}"
    plant(
        {
            "a/policyset.yaml": the_set("*.yaml"),
            "a/strategy.yaml": without,
            "b/policyset.yaml": the_set(
                base="../a", patches=f"    - {{target: Strategy/momentum, set: {patch}}}\n"
            ),
        }
    )
    result = load(Path("b"))
    assert found(result) == []
    spec = result.documents[0].plain["spec"]
    assert isinstance(spec, dict)
    assert spec["canary"] == {"below_conviction": Decimal("0.7"), "size_ratio": Decimal("0.3")}


BAD_SETS: tuple[tuple[str, Tree, str], ...] = (
    ("no directory", {}, "p/policyset.yaml:1:1 M140"),
    ("no set file", {"p/a.yaml": ""}, "p/policyset.yaml:1:1 M140"),
    ("another spelling", {"p/PolicySet.yml": ""}, "p/policyset.yaml:1:1 M140"),
    ("another kind", {"p/policyset.yaml": limit("x")}, "p/policyset.yaml:2:7 M302"),
    ("no kind", {"p/policyset.yaml": "spec: {}\n"}, "p/policyset.yaml:1:1 M301"),
    ("a list", {"p/policyset.yaml": "- a\n"}, "p/policyset.yaml:1:1 M300"),
    ("a broken set file", {"p/policyset.yaml": "a: b: c\n"}, "p/policyset.yaml:1:5 M112"),
    (
        "an unknown key",
        {"p/policyset.yaml": the_set("*.yaml") + "  x: 1\n"},
        "p/policyset.yaml:6:3 M303",
    ),
    ("nothing at all", {"p/policyset.yaml": the_set()}, "p/policyset.yaml:4:1 M154"),
    (
        "patches of nothing",
        {
            "p/policyset.yaml": the_set("a.yaml", patches=PATCH.format("a", "stage: warn")),
            "p/a.yaml": limit("a"),
        },
        "p/policyset.yaml:6:3 M152",
    ),
    (
        "a pattern of nothing",
        {"p/policyset.yaml": the_set("risk/*.yaml", "no/such/place.yaml")},
        "p/policyset.yaml:5:13 M143, p/policyset.yaml:5:28 M143",
    ),
    (
        "patterns that are none",
        {"p/policyset.yaml": the_set("*", "a.yml", "a**/*.yaml")},
        "p/policyset.yaml:5:13 M156, p/policyset.yaml:5:18 M156, p/policyset.yaml:5:27 M156",
    ),
    (
        "paths that lead elsewhere",
        {"p/policyset.yaml": the_set("/etc/*.yaml", "../../*.yaml", "~/a.yaml", "c:/a.yaml")},
        ", ".join(f"p/policyset.yaml:5:{column} M142" for column in (13, 28, 44, 56)),
    ),
    (
        "a set inside",
        {"p/policyset.yaml": the_set("../q/*.yaml"), "q/policyset.yaml": the_set("*.yaml")},
        "q/policyset.yaml:2:7 M153",
    ),
    (
        "one name twice",
        {"p/policyset.yaml": the_set("*.yaml"), "p/a.yaml": limit("x"), "p/b.yaml": limit("x")},
        "p/b.yaml:3:18 M145",
    ),
    (
        "names in two cases",
        {"p/policyset.yaml": the_set("*.yaml"), "p/a.yaml": limit("x"), "p/A.yaml": limit("z")},
        "p/a.yaml:1:1 M144",
    ),
    (
        "a name in another alphabet",
        {"p/policyset.yaml": the_set("*.yaml"), "p/\u0430.yaml": limit("x")},
        "p/\u0430.yaml:1:1 M144",
    ),
    (
        "files that no one takes",
        {
            "p/policyset.yaml": the_set("a.yaml"),
            "p/a.yaml": limit("x"),
            "p/r/b.yml": "",
            "p/tests/c.yaml": "",
        },
        "p/r/b.yml:1:1 M157",
    ),
    ("no such base", {"p/policyset.yaml": the_set(base="../q")}, "p/policyset.yaml:6:9 M140"),
    ("a base elsewhere", {"p/policyset.yaml": the_set(base="../..")}, "p/policyset.yaml:6:9 M142"),
    ("itself for a base", {"p/policyset.yaml": the_set(base=".")}, "p/policyset.yaml:6:9 M148"),
    (
        "a circle of bases",
        {"p/policyset.yaml": the_set(base="../q"), "q/policyset.yaml": the_set(base="../p")},
        "q/policyset.yaml:6:9 M148",
    ),
    (
        "findings of several files",
        {
            "p/policyset.yaml": the_set("*.yaml"),
            "p/a.yaml": "a: 010\n",
            "p/b.yaml": limit("x", stage="no_stage"),
        },
        "p/a.yaml:1:4 M126, p/b.yaml:10:10 M306",
    ),
    (
        "a patch of a base that cannot be read",
        {
            "p/policyset.yaml": the_set(base="../q", patches=PATCH.format("a", "stage: warn")),
            "q/policyset.yaml": the_set("a.yaml"),
            "q/a.yaml": "a: b: c\n",
        },
        "q/a.yaml:1:5 M112",
    ),
    (
        "a text",
        {"p/policyset.yaml": the_set("*.yaml"), "p/a.yaml": "text\n"},
        "p/a.yaml:1:1 M300",
    ),
    (
        "an unknown kind",
        {"p/policyset.yaml": the_set("*.yaml"), "p/a.yaml": "kind: Limit\n"},
        "p/a.yaml:1:7 M302",
    ),
    (
        "a list without items",
        {
            "p/policyset.yaml": the_set("*.yaml"),
            "p/a.yaml": "apiVersion: mandate/v1\nkind: Waivers\n",
        },
        "p/a.yaml:1:1 M304",
    ),
    (
        "a patch of a document without a spec",
        {
            "p/policyset.yaml": the_set(base="../q", patches=PATCH.format("a", "stage: later")),
            "q/policyset.yaml": the_set("a.yaml"),
            "q/a.yaml": HEAD.format("RiskLimit", "a"),
        },
        "p/policyset.yaml:8:42 M306" + ", q/a.yaml:1:1 M304" * 3,
    ),
)


@pytest.mark.parametrize(
    ("tree", "expected"), [row[1:] for row in BAD_SETS], ids=[row[0] for row in BAD_SETS]
)
def test_a_set_that_is_not_whole_is_refused(
    plant: Callable[[Tree], Path], tree: Tree, expected: str
) -> None:
    """Each mistake of a set has its code and its place, and all of them come at once."""
    plant(tree)
    result = load(Path("p"))
    assert ", ".join(found(result)) == expected
    assert all(each.help and each.code in CODES for each in result.diagnostics)


def test_a_link_that_leads_out_is_refused(
    plant: Callable[[Tree], Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A link inside of the repository is followed; one that leads out of it is not."""
    outside = tmp_path_factory.mktemp("outside") / "a.yaml"
    outside.write_text(limit("outside"))
    root = plant({"p/policyset.yaml": the_set("*.yaml"), "shared/b.yaml": limit("inside")})
    (root / "p" / "in.yaml").symlink_to(root / "shared" / "b.yaml")
    (root / "p" / "out.yaml").symlink_to(outside)
    result = load(Path("p"))
    assert [each.code for each in result.diagnostics if each.code != "M157"] == ["M142"]
    assert [each.name for each in result.documents] == ["inside"]


def test_a_set_file_that_is_a_link_out_is_refused(
    plant: Callable[[Tree], Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Not even the set's own file is read from outside."""
    outside = tmp_path_factory.mktemp("outside") / SET_FILE
    outside.write_text(the_set("*.yaml"))
    root = plant({"p/a.yaml": limit("a")})
    (root / "p" / SET_FILE).symlink_to(outside)
    assert found(load(Path("p"))) == ["p/policyset.yaml:1:1 M142"]


def test_a_file_that_cannot_be_read_is_refused(
    plant: Callable[[Tree], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is there and cannot be read refuses the set."""
    plant({"p/policyset.yaml": the_set("*.yaml"), "p/a.yaml": limit("a")})
    real = Path.open

    def broken(path: Path, mode: str = "r") -> object:
        if path.name == "a.yaml":
            raise PermissionError(13, "Permission denied")
        return real(path, mode)

    monkeypatch.setattr(Path, "open", broken)
    result = load(Path("p"))
    assert found(result) == ["p/policyset.yaml:5:13 M141"]
    assert "permission denied" in result.diagnostics[0].message


def test_a_chain_of_bases_has_an_end(plant: Callable[[Tree], Path]) -> None:
    """Eight layers over a set are followed, nine are not."""
    tree = {f"s{i}/policyset.yaml": the_set(base=f"../s{i + 1}") for i in range(9)}
    plant({**tree, "s9/policyset.yaml": the_set("*.yaml"), "s9/a.yaml": limit("a")})
    assert found(load(Path("s1"))) == []
    assert [each.code for each in load(Path("s0")).diagnostics] == ["M149"]


@pytest.mark.parametrize(
    ("limits", "code"),
    [({"MAX_DOCUMENTS": 1}, "M146"), ({"MAX_FILES": 1}, "M146"), ({"MAX_SET_BYTES": 600}, "M147")],
)
def test_a_set_has_a_size_that_people_can_review(
    plant: Callable[[Tree], Path],
    monkeypatch: pytest.MonkeyPatch,
    limits: dict[str, int],
    code: str,
) -> None:
    """Too many documents, files or bytes are one finding."""
    plant({"p/policyset.yaml": the_set("*.yaml"), **{f"p/{n}.yaml": limit(n) for n in "abcd"}})
    for name, value in limits.items():
        monkeypatch.setattr(loading, name, value)
    assert [each.code for each in load(Path("p")).diagnostics] == [code]


def test_without_a_repository_the_neighbours_of_the_outermost_set_are_in_reach(
    tmp_path: Path,
) -> None:
    """Where no `.git` is around, `../strategies` of the outermost set is, and nothing above."""
    inner = tmp_path / "policies" / "overlays" / "small"
    inner.mkdir(parents=True)
    assert top_of(inner) == inner.parent
    (inner / SET_FILE).touch()
    (tmp_path / "policies" / SET_FILE).touch()
    assert top_of(inner) == tmp_path
    (tmp_path / "policies" / ".git").touch()
    assert top_of(inner) == tmp_path / "policies"
    assert top_of(Path(os.sep)) == Path(os.sep)


def test_the_top_can_be_given(plant: Callable[[Tree], Path]) -> None:
    """Whoever calls may draw the line closer."""
    plant({"p/policyset.yaml": the_set("../a.yaml"), "a.yaml": limit("a")})
    assert found(load(Path("p"))) == []
    assert [each.code for each in load(Path("p"), top=Path("p")).diagnostics] == ["M142"]
