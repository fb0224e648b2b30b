"""Is this set the one that people whom the host trusts have approved, for this, until now?

In: a bundle's bytes, whom the host believes, one reading of the clock. Out: `Verified`: the set and
its `Approval`, or every reason against it. Refuses what is not signed, by too few, by keys that are
unknown or out of date, for another purpose, expired, or older than what ran before. A signature too
many harms nobody: it is told only where the others are too few.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, MandateError
from engine.model.approvals import Approval, Signer
from engine.model.orders import Mode
from engine.provenance.bundle import Bundle, policy_set_of, read_bundle
from engine.provenance.keys import fits
from engine.provenance.statement import NAMESPACE

if TYPE_CHECKING:
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet
    from engine.provenance.allowed import AllowedSigners
    from engine.provenance.sshsig import PublicKey, SshSignature

_RISING = tuple(Mode)


@dataclass(frozen=True, slots=True)
class Demand:
    """What the host demands: whom it believes, how many of them, and for which mode.

    `mode` None is the one that the set itself states.
    """

    allowed: AllowedSigners
    signers: int
    mode: Mode | None


@dataclass(frozen=True, slots=True)
class Verified:
    """A set and who approved it, or neither and the reasons."""

    policy_set: PolicySet | None
    approval: Approval | None
    diagnostics: tuple[Diagnostic, ...]

    def required(self) -> tuple[PolicySet, Approval]:
        """The set and its approval; raises MandateError with the reasons where there is none."""
        if self.policy_set is None or self.approval is None:
            raise MandateError(self.diagnostics)
        return self.policy_set, self.approval


def verified_bundle(data: bytes, demand: Demand, now: UtcTime) -> Verified:
    """Verify a bundle; its documents are looked at only when its signatures hold."""
    bundle = read_bundle(data)
    if not isinstance(bundle, Bundle):
        return Verified(None, None, bundle)
    approval, found = _approved(bundle, demand, now)
    if approval is None:
        return Verified(None, None, found)
    try:
        policy_set = policy_set_of(bundle)
    except MandateError as error:
        return Verified(None, None, error.diagnostics)
    beyond = beyond_purpose(policy_set, approval, demand.mode)
    return Verified(None, None, (beyond,)) if beyond else Verified(policy_set, approval, ())


def beyond_purpose(
    policy_set: PolicySet, approval: Approval, mode: Mode | None
) -> Diagnostic | None:
    """What to say of a run in a mode that nobody approved the set for."""
    wanted = mode or Mode(policy_set.deployment.mode)
    if _RISING.index(wanted) <= _RISING.index(approval.purpose):
        return None
    message = f"the set is approved for `{approval.purpose.value}`, not for `{wanted.value}`"
    mend = f"run it with `--mode {approval.purpose.value}`, or have it approved for more"
    return Diagnostic("M756", message, None, mend)


def rolled_back(
    policy_set: str, approval: Approval, last: str | None, last_sequence: int | None
) -> Diagnostic | None:
    """What to say of a set that is older than the `last` approved one that this ledger activated.

    A person goes back by approving the old documents again, under a higher sequence.
    """
    if last_sequence is None or approval.sequence > last_sequence:
        return None
    if approval.sequence == last_sequence and policy_set == last:
        return None
    message = (
        f"the sequence of this approval is {approval.sequence}, and this ledger has activated "
        f"{last_sequence} before"
    )
    mend = "to go back, have the older documents approved again under a higher sequence"
    return Diagnostic("M757", message, None, mend)


def _approved(
    bundle: Bundle, demand: Demand, now: UtcTime
) -> tuple[Approval | None, tuple[Diagnostic, ...]]:
    told = bundle.statement
    against = [_ended(told.expires)] if now >= told.expires else []
    message = bundle.envelope.to_sign()
    each_signer = [
        signer_of(each, message, Asked(NAMESPACE, demand.allowed, now))
        for each in bundle.envelope.signatures
    ]
    signers = sorted({each for each in each_signer if isinstance(each, Signer)})
    if len({each.principal for each in signers}) < demand.signers:
        against += [each for each in each_signer if isinstance(each, Diagnostic)]
        against += () if against else _too_few(signers, demand.signers)
    if against:
        return None, tuple(against)
    return Approval(told.sequence, tuple(signers), told.purpose, told.commit, told.expires), ()


def _ended(expires: UtcTime) -> Diagnostic:
    message = f"the approval ended at {expires}"
    return Diagnostic("M754", message, None, "have the set approved again")


@dataclass(frozen=True, slots=True)
class Asked:
    """Of a signature: does it count for this purpose, with these people, at this instant?"""

    namespace: str
    allowed: AllowedSigners
    now: UtcTime


def signer_of(signature: SshSignature, message: bytes, asked: Asked) -> Signer | Diagnostic:
    """Who signed; a signature that fits is still nobody's unless the host knows the key."""
    key = signature.key.fingerprint
    if signature.namespace != asked.namespace:
        made_for = f"was made for `{signature.namespace}`, not for `{asked.namespace}`"
        words = f"the signature of {key} {made_for}"
        return Diagnostic("M756", words, None, "a signature counts for one purpose only: sign this")
    if not fits(signature, message):
        words = f"the signature of {key} does not fit what it is said to sign"
        return Diagnostic("M752", words, None, "it was made for something else: sign this")
    return owner_of(signature.key, asked)


def owner_of(key: PublicKey, asked: Asked) -> Signer | Diagnostic:
    """Whose key it is, for this purpose, at this instant."""
    lines = asked.allowed.lines_of(key)
    if not lines:
        words = f"nobody here knows the key {key.fingerprint}"
        mend = "whoever runs this host adds people to its allowed signers, and nobody else"
        return Diagnostic("M753", words, None, mend)
    for_this = [each for each in lines if each.signs_for(asked.namespace)]
    if not for_this:
        words = f"`{lines[0].principal}` may not sign for `{asked.namespace}`"
        return Diagnostic("M756", words, None, "see `namespaces` in the allowed signers")
    valid = next((each for each in for_this if each.valid_at(asked.now)), None)
    if valid is None:
        words = f"the key {key.fingerprint} of `{for_this[0].principal}` is out of its dates"
        return Diagnostic("M755", words, None, "sign with a key that is valid now")
    return Signer(valid.principal, key.fingerprint)


def _too_few(signers: list[Signer], wanted: int) -> tuple[Diagnostic, ...]:
    people = len({each.principal for each in signers})
    if not people:
        return (Diagnostic("M751", "nobody has signed this", None, "sign it: `policy sign`"),)
    message = f"{people} of the {wanted} people who must sign have signed"
    return (Diagnostic("M758", message, None, "have others sign it too: `policy sign`"),)
