"""A checkout whose HEAD somebody signed, as git signs: what the commit holds, and nothing else.

In: the folder of a set in a checkout, what the host demands. Out: `Verified`. Refuses a commit that
is not signed by an allowed signer in our reading and in git's own (M768 where only git objects), a
tree with changes of its own (M767), and a demand for several signers: a commit has one.

The set is read from the objects of the commit. What lies in the folder is compared and not used, so
nothing can be changed between the look at it and the load.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.adapters.environment.commits import changed_files, head_of, vouched_for
from engine.adapters.environment.revisions import resolved, write_tree
from engine.errors import Diagnostic, MandateError
from engine.model.approvals import Approval, Signer
from engine.model.orders import Mode
from engine.policyset.opening import load_policy_set
from engine.provenance.sshsig import from_armour
from engine.provenance.verifying import Asked, Verified, beyond_purpose, signer_of

if TYPE_CHECKING:
    from engine.adapters.environment.commits import SignedCommit
    from engine.adapters.environment.revisions import Revision
    from engine.errors import Place
    from engine.model.times import UtcTime
    from engine.policyset.opening import Loaded
    from engine.provenance.verifying import Demand

NAMESPACE = "git"
_MAX_NAMED = 5


def verified_checkout(folder: Path, demand: Demand, allowed: Path, now: UtcTime) -> Verified:
    """Verify HEAD of the checkout around `folder`; `allowed` is the file behind the demand."""
    try:
        commit = head_of(folder)
        signer = _signer(commit, demand, allowed, now)
        changed = changed_files(commit.revision)
        against = [*([signer] if isinstance(signer, Diagnostic) else []), *_dirty(changed)]
        if isinstance(signer, Diagnostic) or against:
            return Verified(None, None, tuple(against))
        return _loaded(commit, signer, demand)
    except MandateError as error:
        return Verified(None, None, error.diagnostics)


def commit_of(folder: Path, policy_set: str) -> str | None:
    """The commit that is checked out, if it is what makes this set; else None."""
    try:
        revision = resolved("HEAD", folder)
        loaded = load_revision(revision).policy_set
    except MandateError:
        return None
    return revision.commit if loaded is not None and loaded.hash == policy_set else None


def load_revision(revision: Revision, within: tuple[str, ...] = ()) -> Loaded:
    """The set of a commit; findings name its files as the repository does.

    `within` are paths of the repository that are enough; none is all of it.
    """
    with tempfile.TemporaryDirectory(prefix="mandate-") as temporary:
        top = Path(temporary).resolve()
        write_tree(revision, top, within)
        loaded = load_policy_set(top / revision.inside, top=top)
    return replace(loaded, diagnostics=tuple(_moved(each, top) for each in loaded.diagnostics))


def _loaded(commit: SignedCommit, signer: Signer, demand: Demand) -> Verified:
    loaded = load_revision(commit.revision)
    if loaded.policy_set is None:
        return Verified(None, None, loaded.diagnostics)
    stated = Mode(loaded.policy_set.deployment.mode)
    approval = Approval(commit.seconds, (signer,), stated, commit.revision.commit)
    beyond = beyond_purpose(loaded.policy_set, approval, demand.mode)
    if beyond:
        return Verified(None, None, (beyond,))
    return Verified(loaded.policy_set, approval, loaded.diagnostics)


def _signer(
    commit: SignedCommit, demand: Demand, allowed: Path, now: UtcTime
) -> Signer | Diagnostic:
    name = commit.revision.commit
    if demand.signers > 1:
        message = f"a commit has one signer, and {demand.signers} are asked for"
        mend = "`policy bundle` makes of it what several people can sign"
        return Diagnostic("M758", message, None, mend)
    if not commit.signature:
        return Diagnostic("M751", f"commit {name} is not signed", None, "`git commit -S` signs it")
    try:
        signature = from_armour(commit.signature)
    except ValueError:
        message = f"the signature of commit {name} is none of an Ed25519 SSH key"
        return Diagnostic("M752", message, None, "sign with `gpg.format=ssh` and such a key")
    signer = signer_of(signature, commit.message, Asked(NAMESPACE, demand.allowed, now))
    if isinstance(signer, Diagnostic):
        return signer
    objection = vouched_for(commit, allowed)
    if objection is None:
        return signer
    return Diagnostic("M768", f"git does not vouch for commit {name}: {objection}")


def _dirty(changed: tuple[str, ...]) -> tuple[Diagnostic, ...]:
    if not changed:
        return ()
    named = ", ".join(f"`{each}`" for each in changed[:_MAX_NAMED])
    more = f" and {len(changed) - _MAX_NAMED} more" if len(changed) > _MAX_NAMED else ""
    message = f"the checkout is not what was signed: {named}{more}"
    mend = "commit and sign these changes, or take them away"
    return (Diagnostic("M767", message, None, mend),)


def _moved(finding: Diagnostic, top: Path) -> Diagnostic:
    """The finding as of the repository, and not of the folder that the commit was written to."""
    related = tuple((_in_repository(place, top), words) for place, words in finding.related)
    place = None if finding.place is None else _in_repository(finding.place, top)
    message = finding.message.replace(f"{top.as_posix()}/", "")
    return replace(finding, message=message, place=place, related=related, fix=None)


def _in_repository(place: Place, top: Path) -> Place:
    return replace(place, file=place.file.removeprefix(f"{top.as_posix()}/"))
