"""The report page in a real browser: what it shows are the numbers of the JSON, by mouse and by keyboard."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import simulated
from browser import Browser, Page, chromium
from harness import CLI, ROOT

RENDER = Path(os.environ.get("REPORT_BIN", ROOT / "target/debug/report-page"))
VENDOR = ROOT / "crates/report/vendor"
MINUTE = 60_000
OVERS = "document.querySelectorAll('.plot .u-over')"


def render(report: dict[str, Any], path: Path) -> Path:
    given = json.dumps(report).encode()
    path.write_bytes(subprocess.run([RENDER], input=given, stdout=subprocess.PIPE, check=True).stdout)
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        missing = "chromium is not installed: make chromium"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with Browser() as running:
        yield running


class Rendered:
    """A report and its page."""

    def __init__(self, report: dict[str, Any], path: Path) -> None:
        self.report = report
        self.path = render(report, path)
        self.runs = report["runs"]
        self.timeline = self.runs[0]["simulation"]["timeline"]

    def summary(self, run: int = 0) -> dict[str, Any]:
        return self.runs[run]["simulation"]["summary"]

    def activities(self) -> list[dict[str, Any]]:
        return [activity for run in self.runs for activity in run["simulation"]["activities"]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def single(folder: Path) -> Rendered:
    return Rendered(simulated.report(), folder / "single.html")


@pytest.fixture(scope="module")
def compared(folder: Path) -> Rendered:
    return Rendered(simulated.report(several=True), folder / "compared.html")


@pytest.fixture
def page(browser: Browser, single: Rendered) -> Iterator[Page]:
    with browser.page(single.path) as opened:
        yield opened
        assert opened.complaints() == []
        assert opened.requests() == []


@pytest.fixture
def comparison(browser: Browser, compared: Rendered) -> Iterator[Page]:
    with browser.page(compared.path) as opened:
        yield opened
        assert opened.complaints() == []
        assert opened.requests() == []


def number(text: str) -> float:
    return float(text.replace(",", ""))


def shown(page: Page) -> tuple[int, int]:
    """The range of the charts, in milliseconds since 1970."""
    return page.run("[charts.dataset.from, charts.dataset.to].map(Number)")


def minutes(page: Page) -> tuple[float, float]:
    start = simulated.START.timestamp() * 1000
    first, last = shown(page)
    return (first - start) / MINUTE, (last - start) / MINUTE


def plot(page: Page, chart: int) -> dict[str, float]:
    return page.run(
        f"(() => {{ const over = {OVERS}[{chart}]; over.scrollIntoView({{block: 'center', behavior: 'instant'}});"
        "const {x, y, width, height} = over.getBoundingClientRect(); return {x, y, width, height}; })()"
    )


def hover(page: Page, minute: float, chart: int = 0) -> None:
    """Points at the middle of a minute."""
    first, last = minutes(page)
    box = plot(page, chart)
    page.move(box["x"] + (minute + 0.5 - first) / (last - first) * box["width"], box["y"] + box["height"] / 2)


def read(page: Page, run: int = 0) -> dict[str, str]:
    """The table above the charts."""
    return page.run(
        f"Object.fromEntries([...document.querySelectorAll('#readout [data-run=\"{run}\"] [data-read]')]"
        ".map(cell => [cell.dataset.read, cell.textContent]))"
    )


def readout_minute(page: Page) -> int:
    return minute_of(page.text("#readout [data-read=when]").removesuffix(" UTC"))


def minute_of(time: str) -> int:
    """How far into the simulation a time is."""
    return int((datetime.fromisoformat(time).replace(tzinfo=UTC) - simulated.START).total_seconds() / 60)


def zoomed(page: Page, first: int, last: int) -> None:
    """Drags over a stretch of minutes."""
    from_, to = minutes(page)
    box = plot(page, 0)
    place = [box["x"] + (minute - from_) / (to - from_) * box["width"] for minute in (first, last)]
    page.drag(place[0], box["y"] + 40, place[1])


def test_figures_are_those_of_the_json(page: Page, single: Rendered) -> None:
    shown_figures = page.run(
        "Object.fromEntries([...cards.querySelectorAll('[data-figure]')].map(b => [b.dataset.figure, b.textContent]))"
    )
    assert {name: number(text) for name, text in shown_figures.items()} == single.summary()
    assert page.run("document.title") == page.text("h1") == single.report["title"]
    assert "10,080 steps of 1 min" in page.text("#period")


@pytest.mark.parametrize("chart", range(4))
def test_hovering_any_chart_reads_all_values_of_that_minute(page: Page, single: Rendered, chart: int) -> None:
    zoomed(page, 2000, 2120)
    for minute in (2010, 2066, 2075, 2101):
        hover(page, minute, chart)
        sample = single.timeline[minute]
        assert readout_minute(page) == minute
        values = read(page)
        assert number(values["requests"]) == sample["requests"]
        assert number(values["metric"]) == sample["metric"]
        assert number(values["desired"]) == sample["desiredCapacity"]
        assert number(values["running"]) == sample["runningCapacity"]
        capacity = sample["runningCapacity"] * 600
        assert number(values["limit"].removeprefix("over ")) == capacity
        assert values["limit"].startswith("over ") == (sample["requests"] > capacity)
        in_alarm = [name.rpartition("-")[2] for name in sample["alarms"]]
        assert values["alarms"] == (", ".join(in_alarm) or "none")
        lines = page.run(f"[...{OVERS}].map(over => over.querySelector('.u-cursor-x').getBoundingClientRect().x)")
        assert max(lines) - min(lines) < 1, "one cursor over all charts"


def test_a_minute_without_data_says_so(page: Page) -> None:
    hover(page, 0)
    assert read(page)["metric"] == "–"
    assert read(page)["alarms"] == "AlarmLow (insufficient data)"


def test_values_are_announced_but_not_all_the_time(page: Page, single: Rendered) -> None:
    page.run(
        "globalThis.said = [];"
        "new MutationObserver(() => said.push(spoken.textContent)).observe(spoken, {childList: true})"
    )
    for minute in range(3000, 3600, 20):
        hover(page, minute)
    when = page.text("#readout [data-read=when]")
    spoken = page.wait(f"said.at(-1)?.startsWith({json.dumps(when)}) && said.at(-1)")
    sample = single.timeline[readout_minute(page)]
    assert f"requests {sample['requests']:,} per minute" in spoken
    assert f"running {sample['runningCapacity']}" in spoken
    assert page.run("said.length") < 15
    assert page.run("spoken.getAttribute('aria-live')") == "polite"


def test_dragging_zooms_and_a_double_click_resets(page: Page) -> None:
    whole = shown(page)
    zoomed(page, 2000, 2400)
    first, last = minutes(page)
    assert abs(first - 2000) < 20 and abs(last - 2400) < 20
    assert page.text("#range").startswith("2026-03-03 09:")
    over = plot(page, 1)
    x, y = over["x"] + 50, over["y"] + 30
    for count in (1, 2):
        page.mouse("mousePressed", x, y, button="left", clickCount=count)
        page.mouse("mouseReleased", x, y, button="left", clickCount=count)
    page.settle()
    assert shown(page) == whole


def test_the_keyboard_does_what_the_mouse_does(page: Page, single: Rendered) -> None:
    whole = shown(page)
    span = whole[1] - whole[0]
    page.run("document.querySelector('.skip').focus()")
    page.press("Enter")
    assert page.run("location.hash") == "#charts"
    page.run("charts.focus()")
    page.press("+")
    first, last = shown(page)
    assert last - first == span / 2
    page.press("ArrowRight")
    assert shown(page) == [first + span / 8, last + span / 8]
    page.press("ArrowLeft")
    assert shown(page) == [first, last]
    page.press("Home")
    assert shown(page)[0] == whole[0]
    page.press("End")
    assert shown(page)[1] == whole[1]
    page.press("-")
    assert shown(page) == whole
    for _ in range(30):
        page.press("+")
    assert minutes(page)[1] - minutes(page)[0] == 4, "four samples is as near as it gets"
    page.press("0")
    assert shown(page) == whole
    page.press("+")
    for _ in range(6):
        page.press("+")
    page.press("ArrowRight", shift=True)
    begin = readout_minute(page)
    page.press("ArrowRight", shift=True)
    page.press("ArrowRight", shift=True)
    page.press("ArrowLeft", shift=True)
    assert readout_minute(page) == begin + 1
    assert number(read(page)["requests"]) == single.timeline[begin + 1]["requests"]
    page.press("Escape")
    assert read(page)["requests"] == "–"


def test_buttons_zoom_and_know_their_limits(page: Page) -> None:
    def disabled() -> list[str]:
        return page.run("[...document.querySelectorAll('[data-do][aria-disabled=true]')].map(b => b.dataset.do)")

    whole = shown(page)
    assert disabled() == ["earlier", "later", "out", "reset"]
    page.click("[data-do=in]")
    assert disabled() == []
    page.click("[data-do=later]")
    page.click("[data-do=later]")
    assert disabled() == ["later"]
    page.click("[data-do=reset]")
    assert shown(page) == whole


def test_runs_are_compared(comparison: Page, compared: Rendered) -> None:
    cells = comparison.run(
        "[...document.querySelectorAll('#comparison [data-figure]')].map(cell => "
        "[cell.dataset.figure, +cell.dataset.run, cell.textContent, cell.tagName, cell.nextSibling.textContent])"
    )
    assert len(cells) == 3 * len(compared.summary())
    for name, run, text, tag, mark in cells:
        value = compared.summary(run)[name]
        assert number(text) == value
        others = [compared.summary(other)[name] for other in range(3)]
        neutral = name in ("scaleOuts", "scaleIns", "peakCapacity")
        best = not neutral and value == min(others) and len(set(others)) > 1
        assert (tag, mark) == (("B", "best") if best else ("SPAN", ""))
    hover(comparison, 2070)
    for run, simulation in enumerate(compared.runs):
        sample = simulation["simulation"]["timeline"][readout_minute(comparison)]
        assert number(read(comparison, run)["running"]) == sample["runningCapacity"]
        assert number(read(comparison, run)["metric"]) == sample["metric"]


def test_a_run_can_be_left_out_of_the_charts(comparison: Page, compared: Rendered) -> None:
    comparison.click("#cards li:nth-child(2) input")
    assert comparison.run("[...document.querySelectorAll('#readout [data-run]')].map(row => row.dataset.run)") == [
        "0",
        "2",
    ]
    kept = sum(len(compared.runs[run]["simulation"]["activities"]) for run in (0, 2))
    assert comparison.text("#activity-count").startswith(f"{kept} of {len(compared.activities())}")
    comparison.click("#cards li:nth-child(1) input")
    comparison.click("#cards li:nth-child(3) input")
    assert "No run is chosen" in comparison.text("#charts")
    comparison.click("#cards li:nth-child(1) input")
    assert comparison.run(f"{OVERS}.length") == 4


def rows(page: Page) -> list[list[str]]:
    return page.run(
        "[...document.querySelectorAll('#activity-table tbody tr')].map(row => "
        "[...row.cells].map(cell => cell.textContent))"
    )


def test_activities_are_listed_sorted_and_filtered(page: Page, single: Rendered) -> None:
    activities = single.activities()
    listed = rows(page)
    assert len(listed) == 25
    for cells, activity in zip(listed, activities, strict=False):
        by = activity["toCapacity"] - activity["fromCapacity"]
        arrow = f"▲ +{by}" if by > 0 else f"▼ −{-by}"
        assert cells == [
            activity["time"].replace("T", " ").removesuffix(":00Z"),
            f"{activity['fromCapacity']} → {activity['toCapacity']} {arrow}",
            activity["cause"],
        ]
    page.click("#more")
    assert len(rows(page)) == 50
    page.click("#activity-table th:first-child button")
    assert page.run("document.querySelector('[aria-sort]').getAttribute('aria-sort')") == "descending"
    assert rows(page)[0][0] == activities[-1]["time"].replace("T", " ").removesuffix(":00Z")
    page.run("cause.focus()")
    page.type("alarmHIGH")
    outs = [activity for activity in activities if "AlarmHigh" in activity["cause"]]
    assert page.text("#activity-count").startswith(f"{len(outs)} of {len(activities)}")
    assert all("AlarmHigh" in cells[2] for cells in rows(page))
    page.run("cause.value = ''; direction.value = 'in'; direction.dispatchEvent(new Event('input', {bubbles: true}))")
    assert page.text("#activity-count").startswith(f"{len(activities) - len(outs)} of")
    page.run("direction.value = ''; direction.dispatchEvent(new Event('input', {bubbles: true}))")
    zoomed(page, 1440, 2880)
    page.click("#in-range")
    first, last = minutes(page)
    inside = [a for a in activities if first <= minute_of(a["time"]) <= last]
    assert page.text("#activity-count").startswith(f"{len(inside)} of")


@pytest.mark.parametrize("way", ["mouse", "keyboard"])
def test_choosing_an_activity_shows_it_in_the_charts(page: Page, single: Rendered, way: str) -> None:
    chosen = single.activities()[4]
    if way == "mouse":
        page.click("#activity-table tbody tr:nth-child(5) td:last-child")
    else:
        page.run("document.querySelector('#activity-table tbody tr:nth-child(5) button').focus()")
        page.press("Enter")
    first, last = minutes(page)
    assert (first, last) == (minute_of(chosen["time"]) - 45, minute_of(chosen["time"]) + 45)
    assert readout_minute(page) == minute_of(chosen["time"])
    assert number(read(page)["desired"]) == chosen["toCapacity"]
    assert page.run("document.activeElement.id") == "charts"


def test_settings_and_assumptions_stand_beside_it(comparison: Page, compared: Rendered) -> None:
    assert comparison.run("document.querySelectorAll('#inputs details').length") == 3
    assert comparison.run("document.querySelectorAll('#inputs details[open]').length") == 1
    text = comparison.text("#inputs details")
    for expected in ("TargetValue420", "MaxCapacity8", "from policy.json", "Metric delay60 s", "600 requests/min"):
        assert expected in text
    left, right = (comparison.box(selector) for selector in ("#timeline", "aside"))
    assert right["x"] > left["x"] + left["width"]


def test_names_from_outside_stay_text(browser: Browser, folder: Path) -> None:
    hostile = "</script><img src=x onerror=alert(1)><!-- {{data}} \u2028 & \"'"
    report = simulated.report(60)
    run = report["runs"][0]
    run["name"] = report["title"] = hostile
    run["policy"] = {hostile: {"value": hostile, "source": hostile}}
    run["simulation"]["summary"][hostile] = 1
    run["simulation"]["timeline"][5]["alarms"] = {hostile: "ALARM"}
    activity = {"time": simulated.stamp(5), "fromCapacity": 1, "toCapacity": 2, "cause": hostile}
    run["simulation"]["activities"] = [activity]
    with browser.page(render(report, folder / "hostile.html")) as opened:
        assert opened.text("h1") == hostile
        assert rows(opened)[0][2] == hostile
        assert opened.text("#inputs summary") == hostile
        assert opened.run("document.images.length") == 0
        assert opened.complaints() == [] and opened.requests() == []


def test_the_page_may_load_nothing(page: Page) -> None:
    refused = page.run("fetch('data:text/plain,x').then(() => 'loaded', () => 'refused')")
    assert refused == "refused"
    refused = page.run(
        "new Promise(done => { const script = document.createElement('script'); script.textContent = 'ran = 1';"
        "document.body.append(script); done(typeof ran); })"
    )
    assert refused == "undefined"
    policies = [text for text in page.complaints() if "Content Security Policy" in text]
    assert len(policies) >= 2
    page.begin = len(page.browser.events)  # those were wanted


# What a person who sees little, or nothing, runs into; in the page, since only the browser knows colours and names.
ACCESSIBILITY = """(() => {
  const found = [];
  const all = [...document.body.querySelectorAll('*')]
    .filter(element => element.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}));
  const say = (rule, element) => found.push(`${rule}: ${element.outerHTML.slice(0, 120)}`);
  const text = id => document.getElementById(id)?.textContent;
  const name = element => [
    element.getAttribute('aria-label'), ...(element.getAttribute('aria-labelledby') ?? '').split(' ').map(text),
    ...[...(element.labels ?? [])].map(label => label.textContent), element.textContent,
  ].join('').trim();

  if (!document.documentElement.lang) say('language', document.documentElement);
  const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
  if (new Set(ids).size !== ids.length) found.push('ids are not unique');
  for (const attribute of ['aria-labelledby', 'aria-describedby', 'aria-controls', 'for', 'list'])
    for (const element of document.querySelectorAll(`[${attribute}]`))
      for (const id of element.getAttribute(attribute).split(' '))
        if (!document.getElementById(id)) say(attribute, element);

  const named = 'button, a, input, select, summary, [tabindex], [role=img], [role=region], [role=toolbar]';
  for (const element of all) {
    const parent = element.parentElement;
    if (element.matches(named) && !name(element)) say('no name', element);
    if (element.tabIndex > 0) say('tab order', element);
    if (element.matches('dt, dd') && !parent.matches('dl, dl > div')) say('list', element);
    if (element.matches('th') && !element.scope) say('scope', element);
    if (element.matches('table') && !element.caption) say('caption', element);
    if (element.matches('button, select, input, summary')) {
      const boxes = [element, element.closest('label, tr') ?? element].map(one => one.getBoundingClientRect());
      const size = side => Math.max(...boxes.map(box => box[side]));
      if (Math.min(size('width'), size('height')) < 23.5) say('small target', element);
    }
    const overflows = element.scrollWidth > element.clientWidth + 1;
    if (overflows && /auto|scroll/.test(getComputedStyle(element).overflowX) && element.tabIndex < 0)
      say('scrolls without focus', element);
  }

  const levels = all.filter(element => element.matches('h1, h2, h3, h4')).map(element => +element.tagName[1]);
  levels.forEach((level, index) => {
    if (level > (levels[index - 1] ?? 0) + 1) found.push(`heading ${level} after ${levels[index - 1]}`);
  });
  for (const landmark of ['main', 'header', 'footer', 'aside'])
    if (!all.some(element => element.matches(landmark))) found.push(`no ${landmark}`);
  return found;
})()"""

# Of every text and of what charts are drawn with: its contrast to the ground, and what WCAG 2.2 AA asks for.
CONTRAST = """(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
  const rgba = colour => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const luminance = colour => {
    const [red, green, blue] = colour.map(value => linear(value / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ratio = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    throw new Error('no ground');
  };

  const found = {};
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !element.checkVisibility()) continue;
    if (element.matches('script, noscript, option')) continue;
    const colour = rgba(getComputedStyle(element).color);
    found[`${colour} on ${ground(element)}`] ??= [ratio(colour, ground(element)), 4.5, element.outerHTML.slice(0, 80)];
  }
  const token = name => rgba(getComputedStyle(document.documentElement).getPropertyValue(name).trim());
  const measure = (name, least) => { found[name] = [ratio(token(name), token('--ground')), least, name]; };
  for (const name of ['--axis', '--muted', '--text']) measure(name, 4.5);
  for (const name of ['--traffic', '--alarm', '--over', '--accent', '--edge']) measure(name, 3);
  for (let run = 0; run < 6; run++) measure(`--run-${run}`, 3);
  return Object.values(found);
})()"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_everybody_can_use_it(browser: Browser, compared: Rendered, single: Rendered, dark: bool, width: int) -> None:
    for rendered in (compared, single):
        with browser.page(rendered.path, dark=dark, width=width) as opened:
            hover(opened, 2070)
            opened.run("document.querySelectorAll('details').forEach(details => { details.open = true; })")
            assert opened.run(ACCESSIBILITY) == []
            measured = opened.run(CONTRAST)
            assert len(measured) > 15
            assert [entry for entry in measured if entry[0] < entry[1]] == []
            assert opened.run("document.documentElement.scrollWidth") <= width
            background = opened.run("getComputedStyle(document.documentElement).backgroundColor")
            assert background == ("rgb(16, 20, 25)" if dark else "rgb(255, 255, 255)")
            assert opened.complaints() == []


def test_every_control_is_reached_by_tab_and_shows_its_focus(page: Page) -> None:
    page.run("document.activeElement.blur()")
    reached = []
    for _ in range(60):
        page.press("Tab")
        focus = page.run(
            "(() => { const at = document.activeElement; const {outlineStyle, outlineWidth} = getComputedStyle(at);"
            "return [at.id || at.dataset.do || at.className || at.tagName, outlineStyle, parseFloat(outlineWidth)]; })()"
        )
        if focus[0] == "BODY" or focus[0] in reached:
            continue
        assert focus[1] != "none" and focus[2] >= 1, focus
        reached.append(focus[0])
    for control in ("skip", "earlier", "in", "reset", "readout", "charts", "cause", "direction", "in-range"):
        assert any(control in name for name in reached), (control, reached)


def painted(page: Page, chart: int = 0) -> str:
    """A fingerprint of a chart's pixels."""
    return page.run(f"document.querySelectorAll('.plot canvas')[{chart}].toDataURL()")


def test_the_charts_follow_the_colour_scheme_and_the_width(page: Page) -> None:
    light = painted(page)
    page.emulate(dark=True)
    page.settle()
    assert painted(page) != light
    page.emulate(dark=False)
    page.settle()
    assert painted(page) == light
    page.size(700, 900)
    page.settle()
    assert page.run("document.querySelector('.plot canvas').width") < 700
    assert page.run("document.documentElement.scrollWidth") <= 700


def test_motion_is_reduced_where_it_is_asked_for(page: Page) -> None:
    behaviour = "getComputedStyle(document.documentElement).scrollBehavior"
    assert page.run(behaviour) == "smooth"
    page.emulate(calm=True)
    assert page.run(behaviour) == "auto"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_prints(browser: Browser, compared: Rendered, folder: Path, dark: bool) -> None:
    with browser.page(compared.path, dark=dark) as opened:
        opened.run(
            "addEventListener('beforeprint', () => { globalThis.paper = [...document.querySelectorAll('.plot canvas')]"
            ".map(canvas => [canvas.width, document.querySelectorAll('details[open]').length]); })"
        )
        before = painted(opened)
        pdf = opened.pdf(folder / "report.pdf").read_bytes()
        pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
        assert 3 <= pages <= 12
        assert opened.run("paper") == [[2100, 3]] * 4, "sharp, and nothing left closed"
        assert opened.run("document.querySelectorAll('details[open]').length") == 1
        opened.settle()
        assert painted(opened) == before
        opened.emulate(media="print", dark=dark)
        assert opened.run("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
        assert opened.run("document.querySelector('.tools').checkVisibility()") is False
        assert opened.complaints() == []


def test_figures_are_there_without_scripts(browser: Browser, compared: Rendered) -> None:
    with browser.page(compared.path, script=False) as opened:
        cells = opened.run("[...document.querySelectorAll('noscript td')].map(cell => cell.textContent)")
        visible = opened.run("document.querySelector('noscript table').checkVisibility()")
    assert visible
    expected = [compared.summary(run)[name] for name in sorted(compared.summary()) for run in range(3)]
    assert sorted(map(float, cells)) == sorted(map(float, expected))


def test_a_report_without_samples_says_so(browser: Browser, folder: Path) -> None:
    report = simulated.report(1)
    report["runs"][0]["simulation"].update(timeline=[], activities=[])
    with browser.page(render(report, folder / "empty.html")) as opened:
        assert "Nothing was simulated" in opened.text("[role=alert]")
        assert opened.complaints() == []


def test_uneven_steps_and_unknown_figures(browser: Browser, folder: Path) -> None:
    report = simulated.report(400)
    run = report["runs"][0]
    kept = [sample for index, sample in enumerate(run["simulation"]["timeline"]) if index % 7 not in (2, 3)]
    run["simulation"].update(timeline=kept, summary={"longestQueueSeconds": 12.75, "verdict": "met"})
    run["fleet"] = {}
    run["policy"] = None
    with browser.page(render(report, folder / "uneven.html")) as opened:
        assert "Longest queue seconds12.75s" in opened.text("#cards")
        assert "Verdictmet" in opened.text("#cards")
        hover(opened, 10)  # samples 9 and 10 are missing: the value of minute 8 holds
        assert readout_minute(opened) == 8
        assert number(read(opened)["requests"]) == simulated.traffic(8)
        assert read(opened)["limit"] == "–"
        assert opened.complaints() == []


def test_a_page_that_the_command_line_writes_says_what_its_json_says(browser: Browser, folder: Path) -> None:
    examples, path = ROOT / "examples", folder / "command-line.html"
    command = [CLI, "simulate", "--document", examples / "business.json", "--trace", examples / "weekly-business.csv"]
    command += ["--capacity-per-instance", "600", "--start-up", "5m", "--price", "0.23", "--output", "json", "--report", path]
    said = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    with browser.page(path) as opened:
        figures = opened.run(
            "Object.fromEntries([...cards.querySelectorAll('[data-figure]')].map(b => [b.dataset.figure, b.textContent]))"
        )
        contract = ["instanceHours", "cost", "underProvisionedMinutes", "requestsOverCapacity", "wastedInstanceMinutes"]
        contract += ["scaleOuts", "scaleIns", "peakCapacity"]
        assert {name: number(figures[name]) for name in contract} == {name: said["summary"][name] for name in contract}
        whole = shown(opened)
        opened.run("charts.focus()")
        opened.press("+")
        assert shown(opened) != whole
        assert opened.complaints() == []
        assert opened.requests() == []


def test_a_year_of_minutes_stays_usable(browser: Browser, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    year = 525_600
    report = simulated.report(year)
    timeline = report["runs"][0]["simulation"]["timeline"]
    spike, dip = 300_000, 400_000
    timeline[spike]["requests"] = 98_765
    timeline[dip]["metric"] = 98_765
    path = render(report, folder / "year.html")
    with browser.page(path) as opened:
        opened.settle()
        opened_in = opened.run("performance.getEntriesByType('navigation')[0].loadEventEnd")
        drawn = opened.run(
            "new Promise(done => { const begun = performance.now(); charts.focus();"
            "charts.dispatchEvent(new KeyboardEvent('keydown', {key: '+'}));"
            "requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun))); })"
        )
        size = path.stat().st_size / 2**20
        with capsys.disabled():
            print(f"\na year of minutes: {size:.1f} MiB, open in {opened_in:.0f} ms, a zoom in {drawn:.0f} ms")
        opened.press("0")
        # One minute of a year is less than a hundredth of a pixel, and still there: from top to bottom.
        for chart, minute in ((0, spike), (2, dip)):
            column = opened.run(
                f"(() => {{ const canvas = document.querySelectorAll('.plot canvas')[{chart}];"
                f"const over = {OVERS}[{chart}]; const left = over.offsetLeft + {minute / year} * over.offsetWidth;"
                "const high = over.offsetTop + over.offsetHeight / 2;"
                "const {data} = canvas.getContext('2d').getImageData(left - 2, high, 5, 1);"
                "return data.filter((_, index) => index % 4 === 3).some(alpha => alpha > 60); })()"
            )
            assert column, f"chart {chart} lost minute {minute}"
        zoomed(opened, spike - 10_000, spike + 10_000)
        for _ in range(6):
            hover(opened, spike)
            opened.run("charts.focus()")
            opened.press("+")
        hover(opened, spike)
        assert readout_minute(opened) == spike
        assert number(read(opened)["requests"]) == 98_765
        assert opened.complaints() == []


def test_what_is_vendored_is_what_was_fetched() -> None:
    sums = [line.split() for line in (VENDOR / "SHA256SUMS").read_text().splitlines()]
    assert len(sums) == 3
    for expected, name in sums:
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == expected, name


def test_a_report_is_the_same_each_time(single: Rendered, folder: Path) -> None:
    again = render(copy.deepcopy(single.report), folder / "again.html")
    assert again.read_bytes() == single.path.read_bytes()
