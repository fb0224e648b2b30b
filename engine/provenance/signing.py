"""A person signs a bundle: with a key of his own, which never comes into this process.

In: a bundle's path and a key's. Out: the same file with one signature more. Refuses (MandateError)
what is no bundle, a key that lies in the repository of the bundle or of this folder (M771), and
what ssh-keygen refuses (M770).
"""

from __future__ import annotations

from pathlib import Path

from engine.adapters.environment.bundles import read_bounded
from engine.adapters.environment.ssh import Unsigned, ssh_signature
from engine.adapters.system.whole_file import write_whole
from engine.errors import Diagnostic, MandateError
from engine.policyset.reading.files import shown
from engine.provenance.archive import MAX_BYTES
from engine.provenance.bundle import Bundle, read_bundle
from engine.provenance.keys import fits
from engine.provenance.sshsig import SshSignature, from_armour
from engine.provenance.statement import NAMESPACE


def opened_bundle(path: Path) -> Bundle:
    """The bundle in a file, of which nothing is trusted; raises MandateError."""
    data = read_bounded(path, MAX_BYTES)
    if isinstance(data, OSError):
        message = f"`{shown(path)}` cannot be read: {(data.strerror or '').lower()}"
        raise MandateError([Diagnostic("M761", message, None, "`policy bundle` writes one")])
    bundle = read_bundle(data)
    if isinstance(bundle, Bundle):
        return bundle
    raise MandateError(bundle)


def written(bundle: Bundle, path: Path) -> None:
    """Write the bundle, whole or not at all; raises MandateError."""
    write_whole(path, bundle.data())


def signature_by(key: Path, bundle: Bundle, path: Path) -> SshSignature:
    """The signature of a key over the bundle in `path`; raises MandateError."""
    refused = _in_repository(key, path)
    if refused:
        raise MandateError([refused])
    made = ssh_signature(bundle.envelope.to_sign(), key, NAMESPACE)
    if isinstance(made, Unsigned):
        raise MandateError([Diagnostic("M770", made.why, None, made.mend)])
    try:
        signature = from_armour(made)
    except ValueError as error:
        mend = "`ssh-keygen -t ed25519` makes a key that is understood"
        message = f"`{shown(key)}` is not of a kind that is understood here: {error}"
        raise MandateError([Diagnostic("M770", message, None, mend)]) from None
    # INVARIANT: what was just made fits; a signature that nobody could verify is never written.
    assert fits(signature, bundle.envelope.to_sign())  # noqa: S101 - holds the door to ssh-keygen
    return signature


def _in_repository(key: Path, bundle: Path) -> Diagnostic | None:
    """A private key beside policies is one `git add` away from everybody."""
    if key.suffix == ".pub":
        return None
    here = key.resolve()
    repositories = {top for each in (bundle.resolve(), Path.cwd()) for top in _tops(each)}
    if not any(here.is_relative_to(top) for top in repositories):
        return None
    message = f"`{shown(key)}` is a private key inside of a repository"
    mend = "keep it in ~/.ssh or in an agent, and make another one if it was ever committed"
    return Diagnostic("M771", message, None, mend)


def _tops(path: Path) -> list[Path]:
    return [each for each in (path, *path.parents) if (each / ".git").exists()]
