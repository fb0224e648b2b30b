"""The characters that may not be in a policy."""

from __future__ import annotations

import sys
import unicodedata

from engine.policyset.reading.scan import CONTROL, INVISIBLE

_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"}
_ALLOWED = {" ", "\n", "\t", "\r"}


def test_every_unseen_character_of_unicode_is_refused() -> None:
    """Control, format, surrogate, separator and space characters are all in one of the lists."""
    unseen = {
        chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in _UNSEEN
    }
    let_through = {each for each in unseen if not (CONTROL.match(each) or INVISIBLE.match(each))}
    assert let_through == _ALLOWED


def test_letters_of_every_language_are_let_through() -> None:
    """Words for people may be written in any script."""
    words = "Grenzwert für größere Aufträge; 上限; лимит; الحد; ขีดจำกัด; 한도; ÷ ≤ € 🚦"
    assert not CONTROL.search(words)
    assert not INVISIBLE.search(words)
