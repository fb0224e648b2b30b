"""The catalogue, M750-M779: who approved what, and whether it is what runs."""

from __future__ import annotations

from engine.codes.code import Code

PROVENANCE_CODES: tuple[Code, ...] = (
    Code(
        "M750",
        "the extra `sign` is not installed",
        "Signatures are checked by the library `cryptography`. What cannot be checked is not "
        "trusted.",
        "trader run --require-signed, without `pip install mandate-trader[sign]`",
    ),
    Code(
        "M751",
        "not signed",
        "Where signatures are demanded, their absence is the first thing to refuse: whoever can "
        "change a set can leave its signature out as well.",
        "trader run --require-signed --policies fresh.bundle",
    ),
    Code(
        "M752",
        "signature of something else",
        "The signature was made over other bytes: it was moved here from another set, or what it "
        "signs was changed afterwards.",
        "the envelope of one bundle inside of another one",
    ),
    Code(
        "M753",
        "unknown key",
        "The signature fits, and nobody on this host vouches for the key that made it. Anybody can "
        "make a key.",
        "a bundle signed with a key that is not in the allowed signers",
    ),
    Code(
        "M754",
        "approval expired",
        "An approval ends, so that a forgotten set does not trade for ever, and so that one that "
        "was kept back cannot be brought out years later.",
        "a bundle whose `--expires` has passed",
    ),
    Code(
        "M755",
        "key out of its dates",
        "The host trusts this key between two instants, and now is not between them. It is this "
        "host's clock that counts: whoever holds an old key can date a signature as he likes.",
        'valid-before="20250101Z" in the allowed signers',
    ),
    Code(
        "M756",
        "approved for another purpose",
        "A signature counts for what it was made for: for git, for a file, for a paper run. Else "
        "whoever gets a person to sign anything could trade with it.",
        "a bundle approved for `paper`, run with `--mode live`",
    ),
    Code(
        "M757",
        "rolled back",
        "An older set may allow what was since forbidden, and its signatures are still good. A "
        "person goes back by having the older documents approved again, under a higher sequence.",
        "a bundle of sequence 6 on a ledger that has activated 7",
    ),
    Code(
        "M758",
        "too few signers",
        "The host asks for several people, so that no one person, and no one stolen key, can "
        "change what is risked. Two keys of one person are one person.",
        "trader run --require-signed --signers 2 with a bundle that one person signed",
    ),
    Code(
        "M759",
        "trust from the tree under review",
        "Whoever can change the policies could name himself an allowed signer in the same change.",
        "--allowed-signers policies/allowed_signers",
    ),
    Code(
        "M760",
        "allowed signers not understood",
        "A line that is passed over may be the one that takes a key back, so the file is refused "
        "as a whole. Times end in `Z`: others mean other instants on other machines.",
        'alice@example.com valid-before="20270101" ssh-ed25519 AAAA…',
    ),
    Code(
        "M761",
        "not a bundle",
        "A bundle has one spelling to the last byte: what is hidden between its files, or after "
        "them, would be under no signature.",
        "a bundle with bytes after its end",
    ),
    Code(
        "M762",
        "unsafe name in a bundle",
        "Names that lead out of a folder, links, and names that some file systems take for one "
        "are how an archive writes where it should not.",
        "a bundle with `../policyset.yaml`, or with `a.json` and `A.json`",
    ),
    Code(
        "M763",
        "file added to a bundle",
        "The statement that people signed does not name this file.",
        "a Waiver put into a signed bundle",
    ),
    Code(
        "M764",
        "file removed from a bundle",
        "The statement that people signed names a file that is not there: a limit that is gone is "
        "the loudest change of all.",
        "a RiskLimit taken out of a signed bundle",
    ),
    Code(
        "M765",
        "file changed in a bundle",
        "The statement that people signed names other bytes for this file.",
        "max_order_usd raised in a signed bundle",
    ),
    Code(
        "M766",
        "another set than the statement's",
        "The files make another set than the one whose hash was signed: it was made wrongly, or "
        "this release gives the documents another meaning.",
        "a bundle of another language version",
    ),
    Code(
        "M767",
        "signed, and changed since",
        "HEAD is signed and the files beside it are not as committed: what a person looks at is "
        "not what was approved.",
        "an edited policies/risk/max_order.yaml in a checkout of a signed commit",
    ),
    Code(
        "M768",
        "git does not vouch",
        "Both git and this program must find the signature good. Git prints `Good signature` for "
        "keys that it does not know; its exit status and its verdict `G` count.",
        "a revoked key, or a git without ssh-keygen",
    ),
    Code(
        "M769",
        "signatures are not demanded as a whole",
        "A bundle is there to be verified: run without saying whose signatures count, it would be "
        "believed for its form alone. Half a demand would be none.",
        "trader run --policies set.bundle, without --require-signed",
    ),
    Code(
        "M770",
        "not signed: ssh-keygen refuses",
        "Private keys, passphrases, agents and tokens are the business of ssh-keygen; this is what "
        "it said.",
        "policy sign set.bundle --key missing",
    ),
    Code(
        "M771",
        "private key inside of a repository",
        "What lies in a working tree is one `git add` away from everybody who can read it.",
        "policy sign set.bundle --key policies/id_ed25519",
    ),
    Code(
        "M772",
        "another engine is asked for",
        "The set was written for other versions of the engine. Its hash would tell whether this "
        "one gives it the same meaning; its author has not.",
        'requires_engine: ">=2" in policyset.yaml, on an engine 0.1.0',
    ),
    Code(
        "M773",
        "a language that this engine does not speak",
        "A version of the policy language is a meaning. An engine translates between those that it "
        "speaks, forward, and guesses nothing.",
        "policy migrate v1 v2, while v1 is the only one",
    ),
)
