"""A real headless Chromium, driven over its own debugging protocol on loopback.

In: pages as files. Out: what their scripts say, what they asked of a network, what went wrong, and
pictures. `found()` is None where no browser is installed. Nothing is left behind: the profile is
new, and the process ends with the block.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from websockets.sync.client import ClientConnection, connect

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--remote-debugging-port=0",
)
_PATIENCE_S = 60.0


def found() -> str | None:
    """The browser of this machine."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


class Page:
    """One tab."""

    def __init__(self, wire: ClientConnection) -> None:
        self._wire = wire
        self._ids = count(1)
        self.requests: list[str] = []
        self.errors: list[str] = []
        self._shown: tuple[Path, int, bool] | None = None
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        """One call of the protocol, and its answer; events on the way are noted."""
        number = next(self._ids)
        self._wire.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            told = json.loads(self._wire.recv(timeout=_PATIENCE_S))
            if told.get("id") == number:
                assert "error" not in told, told
                return told["result"]
            self._note(told)

    def _note(self, told: Any) -> None:
        parameters = told.get("params", {})
        match told.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(parameters["request"]["url"])
            case "Runtime.exceptionThrown":
                self.errors.append(str(parameters["exceptionDetails"]))
            case "Log.entryAdded":
                self.errors.append(str(parameters["entry"]))

    def evaluate(self, script: str) -> Any:
        """What an expression is worth in the page."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def open(self, file: Path, *, width: int = 1280, dark: bool = False) -> None:
        """Load a file on a screen so wide, and wait until its charts are drawn.

        What is there already is not loaded again.
        """
        if self._shown == (file, width, dark):
            return
        self._shown = file, width, dark
        self.screen(width=width, dark=dark)
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=file.as_uri())
        told = "document.documentElement?.dataset"
        self.wait(f"location.protocol === 'file:' && ({told}?.drawn || {told}?.failed)")

    def screen(self, *, width: int = 1280, dark: bool = False) -> None:
        """Look on a screen so wide; a narrow one is a telephone's."""
        phone = width < 600
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=2 if phone else 1,
            mobile=phone,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def visit(self, address: str) -> None:
        """Go to an address of this machine, and wait until it has been loaded."""
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=address)
        self.wait("location.protocol === 'http:' && document.readyState === 'complete'")

    def write(self, selector: str, text: str) -> None:
        """Type into a field."""
        self.click(selector)
        self.call("Input.insertText", text=text)

    def wait(self, script: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + _PATIENCE_S
        while not self.evaluate(f"Boolean({script})"):
            assert time.monotonic() < end, f"never true: {script}"
            time.sleep(0.05)

    def click(self, selector: str) -> None:
        """A real click in the middle of an element."""
        self.evaluate(f"document.querySelector({selector!r}).scrollIntoView({{block: 'center'}})")
        where = f"document.querySelector({selector!r}).getBoundingClientRect()"
        x, y = self.evaluate(f"(r => [r.x + r.width / 2, r.y + r.height / 2])({where})")
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            pressed = {} if kind == "mouseMoved" else {"button": "left", "clickCount": 1}
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **pressed)

    def picture(self, file: Path, *, whole: bool = True) -> None:
        """A picture of the page."""
        told = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(told["data"]))


@contextmanager
def browser(executable: str) -> Iterator[Page]:
    """A tab of a browser that ends with the block."""
    with tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True) as profile:
        words = [executable, *_FLAGS, f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - the machine's own browser
        try:
            address = _address(Path(profile) / "DevToolsActivePort")
            with connect(address, max_size=None, proxy=None) as wire:
                yield Page(wire)
        finally:
            process.kill()
            process.wait()


def _address(file: Path) -> str:
    """Where the first tab is driven from; the browser writes its port when it is ready."""
    end = time.monotonic() + _PATIENCE_S
    while not (file.exists() and "\n" in file.read_text()):
        assert time.monotonic() < end, "the browser did not start"
        time.sleep(0.05)
    port = file.read_text().split("\n")[0]
    with urlopen(f"http://127.0.0.1:{port}/json") as answer:
        tabs = json.load(answer)
    return str(next(each["webSocketDebuggerUrl"] for each in tabs if each["type"] == "page"))
