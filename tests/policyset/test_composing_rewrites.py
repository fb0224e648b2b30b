"""The seal of what we ship: a thousand other spellings, one hash; a thousand edits, as many."""

from __future__ import annotations

from itertools import count
from random import Random
from shutil import copytree
from typing import TYPE_CHECKING

import pytest
from policyset.rewriting import Writer, edits, with_value
from policyset.sets import POLICIES, ROOT, documents, shipped

from engine.policyset.build import build
from engine.policyset.composing import compose
from engine.policyset.loading import load
from engine.policyset.reader import read_yaml
from engine.policyset.reading.nodes import places, plain
from engine.policyset.seal import set_hash
from engine.policyset.sealing import document_from_canonical, seal_documents

if TYPE_CHECKING:
    from pathlib import Path

    from engine.kinds.base import Document, Plain

REWRITES = 1000
EDITS = 1000
WHOLE_SETS = 2


def hash_of(document: Document) -> str:
    """The hash of one document."""
    (sealed,) = seal_documents([document])
    return sealed.hash


def built(text: str) -> Document:
    """The document of one YAML text."""
    read = read_yaml(text.encode(), "rewritten.yaml")
    assert read.root is not None, (read.diagnostics, text)
    result = build(plain(read.root), places(read.root))
    assert result.document is not None, (result.diagnostics, text)
    return result.document


@pytest.mark.long
def test_a_thousand_other_spellings_have_one_hash() -> None:
    """Comments, order of keys, layout, quotes and spelling of numbers change no hash."""
    originals = [each for name in ("", "any_pair") for each in documents(name)]
    wanted = {id(each): hash_of(each) for each in originals}
    rng = Random(1)  # noqa: S311 - a test needs no secrets
    for _ in range(REWRITES):
        document = rng.choice(originals)
        text = Writer(rng).document(dict(document.plain))
        assert hash_of(built(text)) == wanted[id(document)], text


def test_file_names_and_the_way_of_inclusion_mean_nothing(tmp_path: Path) -> None:
    """The whole set, rewritten into other files that other patterns take, has the same hash."""
    rng = Random(2)  # noqa: S311 - a test needs no secrets
    for number in range(WHOLE_SETS):
        folder = tmp_path / f"set{number}"
        _write_set(folder, rng)
        loaded = load(folder)
        assert loaded.diagnostics == ()
        composed = compose(loaded.documents, "another name")
        assert composed.policy_set is not None
        assert composed.policy_set.hash == shipped().hash


def _write_set(folder: Path, rng: Random) -> None:
    names = count()
    patterns = []
    for part in range(3):
        (folder / f"part{part}").mkdir(parents=True)
        patterns.append(f'"part{part}/*.yaml"')
    for document in rng.sample(documents(), len(documents())):
        path = folder / f"part{rng.randrange(3)}" / f"{rng.choice('abc')}{next(names)}.yaml"
        path.write_text(Writer(rng).document(dict(document.plain)))
    rng.shuffle(patterns)
    text = (
        "apiVersion: mandate/v1\nkind: PolicySet\nmetadata: {name: another, description: Other.}\n"
        f"spec: {{include: [{', '.join(patterns)}]}}\n"
    )
    (folder / "policyset.yaml").write_text(text)


def test_a_thousand_edits_have_a_thousand_hashes() -> None:
    """Any other value, name or meaning is another set, and no two edits are the same one."""
    rest = {sealed.document.id: sealed.hash for sealed in shipped().sealed}
    found = {_set_hash(rest): ("as shipped", "")}
    for document, path, value in _chosen():
        edited = _rebuilt(document, path, value)
        if edited is None:
            continue
        others = {key: each for key, each in rest.items() if key != document.id}
        key = _set_hash(others | {edited.id: hash_of(edited)})
        assert key not in found, (document.id, path, value, found[key])
        found[key] = (document.id, str(path))
        if len(found) > EDITS:
            break
    assert len(found) == EDITS + 1


def _chosen() -> list[tuple[Document, tuple[str | int, ...], Plain]]:
    """Every edit of every document, in a random order, those that change nothing left out."""
    rng = Random(3)  # noqa: S311 - a test needs no secrets
    every = [
        (document, path, value)
        for document in documents()
        for path, value in dict.fromkeys(
            (p, v) for p, v in edits(dict(document.plain)) if v != _at(document.plain, p)
        )
    ]
    rng.shuffle(every)
    return every


def _at(plain_data: object, path: tuple[str | int, ...]) -> object:
    for step in path:
        assert isinstance(plain_data, dict | list)
        plain_data = plain_data[step]  # type: ignore[index] - a path of this very document
    return plain_data


def _rebuilt(document: Document, path: tuple[str | int, ...], value: Plain) -> Document | None:
    """The edited document; None when it is no longer one."""
    data = with_value(dict(document.plain), path, value)
    return build(data, document.places).document


def _set_hash(hashes: dict[str, str]) -> str:
    """The set's hash over these documents, the language being the same."""
    return set_hash(
        hashes.items(),
        language_version="v1",
        vocabulary_hash="0" * 64,
        producers_hash="0" * 64,
        strategy_sources={},
    )


def test_an_overlay_that_writes_the_same_values_is_the_same_set(tmp_path: Path) -> None:
    """Patches that say what the base says change no hash: the effective documents are sealed."""
    copytree(POLICIES, tmp_path / "policies")
    copytree(ROOT / "strategies", tmp_path / "strategies")
    overlay = tmp_path / "policies" / "same"
    overlay.mkdir()
    (overlay / "policyset.yaml").write_text(
        "apiVersion: mandate/v1\nkind: PolicySet\nmetadata: {name: same, description: The same.}\n"
        "spec:\n  base: ..\n  patches:\n"
        "    - {target: RiskLimit/max_order_value, set: {params.max_order_usd: 1500.00}}\n"
    )
    composed = compose(load(overlay).documents, "same")
    assert composed.policy_set is not None
    assert composed.policy_set.hash == shipped().hash


def test_sealed_documents_make_the_set_again() -> None:
    """From canonical bytes alone the same set is built, with the same hash and rules."""
    parts = [document_from_canonical(sealed.canonical) for sealed in shipped("recorded").sealed]
    again = compose(parts, "again").policy_set
    assert again is not None
    assert again.hash == shipped("recorded").hash
    assert [rule.text for rule in again.rules] == [rule.text for rule in shipped("recorded").rules]
