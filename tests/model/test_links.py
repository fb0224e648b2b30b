"""Signed links: what was signed comes back whole, and no other text does."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.links import Link, LinkVerb, sign, verify
from engine.model.times import NS_PER_S, UtcTime

KEY = "k" * 32
TEXTS = st.text(max_size=20)
LINKS = st.builds(
    Link,
    verb=st.sampled_from(LinkVerb),
    subject=st.lists(TEXTS, max_size=4).map(tuple),
    account=TEXTS,
    mode=TEXTS,
    route=TEXTS,
    until=st.integers(0, 4_000_000_000).map(lambda s: UtcTime(s * NS_PER_S)),
)


@given(LINKS)
@settings(deadline=None)
def test_what_was_signed_comes_back(link: Link) -> None:
    """Whole, with an id of its own, and in a text that an address takes."""
    text = sign(link, KEY)
    found = verify(text, KEY)
    assert found is not None
    assert found.link == link
    assert text.replace("-", "").replace("_", "").isalnum()
    assert verify(text, "l" * 32) is None


@given(LINKS, st.data())
@settings(deadline=None)
def test_no_other_text_is_a_link(link: Link, data: st.DataObject) -> None:
    """Whichever letter is another one, more or less: nothing of it is believed."""
    text = sign(link, KEY)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("Aa9-_ /=é"))
    for changed in (text[:at] + other + text[at + 1 :], text[:at], text + other, other + text):
        if changed != text:
            assert verify(changed, KEY) is None


def test_another_spelling_is_another_text() -> None:
    """Base64 spells the same bytes in several ways: only one of them is a link, and is used up."""
    link = Link(LinkVerb.HALT, (), "main", "live", "desk", UtcTime(0))
    text = sign(link, KEY)
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    last = urlsafe_b64encode(data).decode().rstrip("=")
    assert last == text
    loose = [text[:-1] + c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" if c != text[-1]]
    assert [each for each in loose if verify(each, KEY) is not None] == []
    assert verify("A" * 5000, KEY) is None


def test_nothing_that_loosens_has_a_name() -> None:
    """No signature can say resume, approve, reload, rearm or silence."""
    assert {each.value for each in LinkVerb} == {"ack", "halt", "tighten", "status", "why"}
