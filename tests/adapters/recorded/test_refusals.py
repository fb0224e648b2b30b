"""What cannot be opened is refused in words, with the file and the row."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

import pytest

from engine.adapters.recorded import open_recording, write_recording
from engine.adapters.recorded import recording as recording_module
from engine.model.market import Quote
from engine.model.symbols import Symbol
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.errors import Diagnostic

HEADER = "ts,symbol,bid,ask\n"
ROW = "1767600000000000000,BTC-USD,10,11\n"

# name: (file name, bytes, code, line, words of the message)
TABLE: dict[str, tuple[str, bytes, str, int, str]] = {
    "another suffix": ("a.xlsx", b"x", "M501", 1, "`.xlsx`"),
    "no suffix": ("recording", b"x", "M501", 1, "`recording`"),
    "no bytes": ("a.csv", b"", "M503", 1, "empty"),
    "no bytes of Parquet": ("a.parquet", b"", "M503", 1, "empty"),
    "comments alone": ("a.csv", b"# synthetic\n", "M503", 1, "no rows"),
    "a header alone": ("a.csv", HEADER.encode(), "M503", 1, "no rows"),
    "bytes that are no text": ("a.csv", b"\xff\xfe\x00", "M502", 1, "CSV"),
    "an open quotation mark": ("a.csv", HEADER.encode() + b'1,"BTC', "M502", 1, "CSV"),
    "a truncated Parquet file": ("a.parquet", b"PAR1 and then nothing", "M502", 1, "end"),
    "a Parquet file of rubbish": ("a.parquet", b"PAR1" + b"\0" * 40 + b"PAR1", "M502", 1, "damag"),
    "a missing column": ("a.csv", b"ts,symbol,bid\n1,A,2\n", "M504", 1, "no column `ask`"),
    "columns of nothing known": ("a.csv", b"x,y\n1,2\n", "M504", 1, "no column"),
    "a column twice": ("a.csv", b"ts,symbol,bid,ask,bid\n", "M505", 1, "`bid` occurs twice"),
    "two kinds at once": (
        "a.csv",
        b"ts,symbol,bid,ask,price,size,side\n",
        "M505",
        1,
        "trades and quotes",
    ),
    "text for a price": (
        "a.csv",
        ("# one\n# two\n" + HEADER + ROW + ROW.replace("11", "1_1")).encode(),
        "M506",
        5,
        "`ask` is not a number: `1_1`",
    ),
    "text for a time": (
        "a.csv",
        (HEADER + ROW.replace("1767600000000000000", "noon")).encode(),
        "M506",
        2,
        "`ts` is not a time: `noon`",
    ),
    "a time of too many digits": (
        "a.csv",
        (HEADER + ROW.replace("1767600000000000000", "9" * 19)).encode(),
        "M506",
        2,
        "`ts` is not a time",
    ),
    "a field too few": ("a.csv", (HEADER + "1,BTC-USD,10\n").encode(), "M506", 2, "3 fields"),
    "times in milliseconds": (
        "a.csv",
        (HEADER + "1767600000000,BTC-USD,10,11\n").encode(),
        "M507",
        1,
        "nanoseconds",
    ),
    "a time before there were coins": (
        "a.csv",
        (HEADER + ROW + "0,BTC-USD,10,11\n").encode(),
        "M507",
        1,
        "time 0",
    ),
    "no usable row": ("a.csv", (HEADER + ROW.replace("BTC-USD", "?")).encode(), "M508", 1, "none"),
    "no time anywhere": ("a.csv", (HEADER + ",BTC-USD,10,11\n").encode(), "M508", 1, "none"),
    "a lone bar": (
        "a.csv",
        b"ts,symbol,open,high,low,close,volume\n1767600000000000000,BTC-USD,1,1,1,1,1\n",
        "M509",
        1,
        "how long",
    ),
}


@pytest.mark.parametrize(("name", "data", "code", "line", "words"), TABLE.values(), ids=TABLE)
def test_file_is_refused(
    name: str, data: bytes, code: str, line: int, words: str, tmp_path: Path
) -> None:
    """The finding has the code, the file, the row and words a person understands."""
    path = tmp_path / name
    path.write_bytes(data)
    refused = open_recording([path])
    assert isinstance(refused, tuple)
    (finding,) = refused
    assert finding.place is not None
    assert (finding.code, finding.place.file, finding.place.line) == (code, str(path), line)
    assert words in finding.message
    assert "\n" not in finding.message


def test_field_is_underlined(tmp_path: Path) -> None:
    """A bad field is pointed at, in its own line."""
    path = tmp_path / "a.csv"
    path.write_text(HEADER + ROW + ROW.replace("10", "ten"), encoding="utf-8")
    (finding,) = _refused(path)
    place = finding.place
    assert place is not None
    assert place.source_line[place.column - 1 :][: place.width] == "ten"


def test_findings_are_collected(tmp_path: Path) -> None:
    """All files and up to ten rows of each are reported at once."""
    many, absent = tmp_path / "many.csv", tmp_path / "absent.csv"
    many.write_text(HEADER + "x,BTC-USD,1,2\n" * 12, encoding="utf-8")
    empty = tmp_path / "empty"
    empty.mkdir()
    refused = _refused(many, absent, empty)
    assert [each.code for each in refused] == ["M506"] * 10 + ["M500", "M501"]


def test_a_directory_stands_for_the_recordings_in_it(tmp_path: Path) -> None:
    """Each once, whatever else lies there."""
    (tmp_path / "notes.txt").write_text("nothing", encoding="utf-8")
    for base in ("BTC", "ETH"):
        text = HEADER + ROW.replace("BTC", base)
        (tmp_path / f"{base}.csv").write_text(text, encoding="utf-8")
    whole = open_recording([tmp_path])
    assert not isinstance(whole, tuple)
    assert [str(each) for each in whole.symbols] == ["BTC-USD", "ETH-USD"]
    (finding,) = _refused(tmp_path, tmp_path / "BTC.csv")
    assert finding.code == "M512"


def test_nothing_and_twice_are_refused(tmp_path: Path) -> None:
    """A recording needs a file, and each file once."""
    path = tmp_path / "a.csv"
    assert [each.code for each in _refused()] == ["M512"]
    assert [each.code for each in _refused(path, path)] == ["M512"]


def test_limits_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many files, and files too large, are refused before they are read."""
    path = tmp_path / "a.csv"
    path.write_text(HEADER + ROW, encoding="utf-8")
    paths = [tmp_path / f"{n}.csv" for n in range(recording_module.MAX_FILES + 1)]
    assert [each.code for each in _refused(*paths)] == ["M511"]
    monkeypatch.setattr(recording_module, "MAX_FILE_BYTES", 10)
    assert [each.code for each in _refused(path)] == ["M511"]


def test_parquet_of_wrong_types_is_refused(tmp_path: Path) -> None:
    """Each column of another type is named, with what it must hold."""
    polars = pytest.importorskip("polars")
    path = tmp_path / "a.parquet"
    columns = {"ts": ["noon"], "symbol": [1], "price": ["1"], "size": [1.0], "side": [True]}
    polars.DataFrame(columns | {"trade_id": [1.5]}).write_parquet(path)
    refused = _refused(path)
    assert {each.code for each in refused} == {"M506"}
    named = [each.message.split("`")[1] for each in refused]
    assert named == ["ts", "symbol", "side", "price", "trade_id"]


def test_parquet_is_refused_whole(tmp_path: Path) -> None:
    """A Parquet file without rows, of no kind, or damaged inside is refused in words."""
    polars = pytest.importorskip("polars")
    path = tmp_path / "a.parquet"
    rows = {"ts": [1] * 9, "symbol": ["A-USD"] * 9, "bid": [1.0] * 9, "ask": [2.0] * 9}
    frame = polars.DataFrame(rows)
    frame.clear().write_parquet(path)
    assert [each.code for each in _refused(path)] == ["M503"]
    frame.drop("ask").write_parquet(path)
    assert [each.code for each in _refused(path)] == ["M504"]
    frame.write_parquet(path)
    data = bytearray(path.read_bytes())
    data[8 : len(data) // 2] = b"\xff" * (len(data) // 2 - 8)
    path.write_bytes(data)
    assert [each.code for each in _refused(path)] == ["M502"]


def test_absent_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without polars, Parquet is refused with the name of the extra, and CSV works."""
    _without_polars(monkeypatch)
    parquet, csv = tmp_path / "a.parquet", tmp_path / "a.csv"
    parquet.write_bytes(b"PAR1" + b"\0" * 40 + b"PAR1")
    csv.write_text(HEADER + ROW, encoding="utf-8")
    (reading,) = _refused(parquet)
    quote = Quote(Symbol("A", "USD"), UtcTime(1_767_600_000 * 10**9), None, None)
    (writing,) = write_recording(parquet, [quote])
    for finding in (reading, writing):
        assert finding.code == "M510"
        assert "simulate" in finding.message
    assert not isinstance(open_recording([csv]), tuple)


def _without_polars(monkeypatch: pytest.MonkeyPatch) -> None:
    imported: Callable[..., object] = builtins.__import__

    def no_polars(name: str, *rest: object, **named: object) -> object:
        if name == "polars":
            raise ImportError(name)
        return imported(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", no_polars)


def _refused(*paths: Path) -> tuple[Diagnostic, ...]:
    refused = open_recording(paths)
    assert isinstance(refused, tuple)
    return refused
