"""Chromium, driven over its DevTools protocol for the tests of the report page.

Debian's package is all it takes: the protocol runs over a pair of pipes (`--remote-debugging-pipe`,
messages end with a zero byte), so there is no port, no driver and no package of Python's to install.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ANSWERS_WITHIN_SECONDS = 60
LOADS = "Network.requestWillBeSent"
# Tests and Chromium's own temporary files need no sandbox; root, as in CI, could not have one.
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--no-first-run",
]


def chromium() -> str | None:
    """Where Debian's package, or another one, has put it."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


class PageError(AssertionError):
    """A script of a test, or of the page, threw."""


class Browser:
    """A headless Chromium with a profile of its own."""

    def __enter__(self) -> Browser:
        binary = chromium()
        if binary is None:
            raise FileNotFoundError("chromium is not installed: make chromium")
        self.profile = tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True)
        self.log = tempfile.TemporaryFile()
        to_read, self.to = os.pipe()
        self.back, to_write = os.pipe()
        command = [binary, *FLAGS, f"--user-data-dir={self.profile.name}", "about:blank"]

        def pipes() -> None:  # Chromium reads from 3 and writes to 4
            read, write = os.dup(to_read), os.dup(to_write)
            os.dup2(read, 3)
            os.dup2(write, 4)

        self.child = subprocess.Popen(
            command, preexec_fn=pipes, close_fds=False, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log
        )
        os.close(to_read)
        os.close(to_write)
        self.buffer = b""
        self.last = 0
        self.events: list[dict[str, Any]] = []
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.to)  # its sign to leave
        os.close(self.back)
        try:
            self.child.wait(5)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait(5)
        self.log.close()
        self.profile.cleanup()

    def call(self, method: str, session: str | None = None, **given: Any) -> dict[str, Any]:
        """One command; what happens meanwhile is kept in `events`."""
        self.last += 1
        message = {"id": self.last, "method": method, "params": given}
        if session:
            message["sessionId"] = session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != self.last:
            self.events.append(answer)
        if "error" in answer:
            raise PageError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self.buffer:
            chunk = os.read(self.back, 1 << 20)
            if not chunk:
                self.log.seek(0)
                raise RuntimeError(f"Chromium ended:\n{self.log.read().decode(errors='replace')[-2000:]}")
            self.buffer += chunk
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def page(self, path: Path, **seen: Any) -> Page:
        """Opens a file in a window of its own."""
        return Page(self, path, **seen)


class Page:
    """A window, and a person in front of it."""

    def __init__(
        self,
        browser: Browser,
        path: Path,
        width: int = 1280,
        height: int = 900,
        dark: bool = False,
        script: bool = True,
        ratio: float = 1,
    ) -> None:
        self.browser = browser
        self.target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.call("Target.attachToTarget", targetId=self.target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.size(width, height, ratio)
        self.emulate(dark=dark)
        if not script:
            self.call("Emulation.setScriptExecutionDisabled", value=True)
        self.url = path.resolve().as_uri()
        self.begin = len(browser.events)
        self.call("Page.navigate", url=self.url)
        self._loaded()

    def _loaded(self) -> None:
        deadline = time.monotonic() + ANSWERS_WITHIN_SECONDS
        while not self._events("Page.loadEventFired"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.url} did not load")
            self.browser.events.append(self.browser._read())

    def __enter__(self) -> Page:
        return self

    def __exit__(self, *_: object) -> None:
        self.browser.call("Target.closeTarget", targetId=self.target)

    def call(self, method: str, **given: Any) -> dict[str, Any]:
        return self.browser.call(method, self.session, **given)

    def _events(self, *methods: str) -> list[dict[str, Any]]:
        events = self.browser.events[self.begin :]
        return [e["params"] for e in events if e.get("sessionId") == self.session and e["method"] in methods]

    def complaints(self) -> list[str]:
        """Everything on the console, errors that nobody caught, and what the browser refused."""
        said = [json.dumps(event) for event in self._events("Runtime.consoleAPICalled", "Runtime.exceptionThrown")]
        return said + [event["entry"]["text"] for event in self._events("Log.entryAdded")]

    def requests(self) -> list[str]:
        """What was asked for beside the page itself."""
        urls = [event["request"]["url"] for event in self._events(LOADS)]
        return [url for url in urls if url != self.url and not url.startswith("data:")]

    def size(self, width: int, height: int, ratio: float = 1) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=ratio, mobile=False
        )

    def emulate(self, dark: bool = False, media: str = "", calm: bool = False) -> None:
        features = {
            "prefers-color-scheme": "dark" if dark else "light",
            "prefers-reduced-motion": "reduce" if calm else "no-preference",
        }
        listed = [{"name": name, "value": value} for name, value in features.items()]
        self.call("Emulation.setEmulatedMedia", media=media, features=listed)

    def run(self, script: str) -> Any:
        """The value of an expression, which may be a promise."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise PageError(json.dumps(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def settle(self) -> None:
        """Waits for two frames: what an input asks for is drawn in the next one."""
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))")

    def wait(self, condition: str) -> Any:
        """The expression's value as soon as it is one."""
        deadline = time.monotonic() + ANSWERS_WITHIN_SECONDS
        while not (value := self.run(condition)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"never came true: {condition}")
            self.settle()
        return value

    def text(self, selector: str) -> str:
        return self.run(f"document.querySelector({json.dumps(selector)}).textContent")

    def box(self, selector: str) -> dict[str, float]:
        """Where an element is, after scrolling to it."""
        return self.run(
            f"(() => {{ const found = document.querySelector({json.dumps(selector)});"
            "found.scrollIntoView({block: 'center', behavior: 'instant'});"
            "const {x, y, width, height} = found.getBoundingClientRect(); return {x, y, width, height}; })()"
        )

    def mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def move(self, x: float, y: float) -> None:
        self.mouse("mouseMoved", x, y)
        self.settle()

    def drag(self, x: float, y: float, to: float) -> None:
        self.mouse("mouseMoved", x, y)
        self.mouse("mousePressed", x, y, button="left", buttons=1, clickCount=1)
        for share in (0.25, 0.5, 0.75, 1):
            self.mouse("mouseMoved", x + (to - x) * share, y, button="left", buttons=1)
            self.settle()
        self.mouse("mouseReleased", to, y, button="left", clickCount=1)
        self.settle()

    def click(self, selector: str, times: int = 1) -> None:
        box = self.box(selector)
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.mouse("mouseMoved", x, y)
        for count in range(1, times + 1):
            self.mouse("mousePressed", x, y, button="left", buttons=1, clickCount=count)
            self.mouse("mouseReleased", x, y, button="left", clickCount=count)
        self.settle()

    def press(self, key: str, shift: bool = False) -> None:
        """A key by the name that the page sees, such as `ArrowLeft` or `+`."""
        modifiers = 8 if shift else 0
        code = {"ArrowLeft": 37, "ArrowRight": 39, "Home": 36, "End": 35, "Escape": 27, "Tab": 9, "Enter": 13}
        given = {"key": key, "modifiers": modifiers, "windowsVirtualKeyCode": code.get(key, ord(key[0]))}
        if key == "Enter":
            given["text"] = "\r"
        self.call("Input.dispatchKeyEvent", type="keyDown", **given)
        self.call("Input.dispatchKeyEvent", type="keyUp", **given)
        self.settle()

    def type(self, text: str) -> None:
        self.call("Input.insertText", text=text)
        self.settle()

    def screenshot(self, path: Path, whole: bool = False) -> Path:
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(answer["data"]))
        return path

    def pdf(self, path: Path) -> Path:
        answer = self.call("Page.printToPDF", printBackground=False, preferCSSPageSize=True)
        path.write_bytes(base64.b64decode(answer["data"]))
        return path


if __name__ == "__main__":
    sys.exit("a module for tests")
