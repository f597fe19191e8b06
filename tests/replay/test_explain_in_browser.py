"""The explain page in a browser: its keys step through all lines, each lights up what belongs to it, nothing fails."""

import json
import re
import shutil
import subprocess
from html import unescape

import numpy as np
import pytest

from ntb import Tape, function
from ntb.replay.annotated.partners import lines_of
from ntb.replay.source import Source
from tests.replay.test_explained import classifier, second_order

pytestmark = pytest.mark.uncounted

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
needs_browser = pytest.mark.skipif(BROWSER is None, reason="there is no Chromium, which shows the explain page")

LISTEN = "<script>const failed = []; addEventListener('error', (e) => failed.push(e.message));</script>"
TRY = """<script>
const press = (key) => dispatchEvent(new KeyboardEvent("keydown", { key }));
const answer = {};
try { %s } catch (error) { failed.push(String(error)); }
const text = JSON.stringify({ ...answer, failed }).replaceAll("<", "&lt;");
document.body.innerHTML = `<pre>ANSWER${text}ANSWER</pre>`;
</script>"""
STEPS = """
answer.first = [now, document.documentElement.className];
answer.rows = lines.map(() => {
  const lit = [...document.querySelectorAll("li.lit")].map((row) => +row.id.slice(1));
  const shown = stage.querySelector("pre").textContent;
  const why = stage.textContent.includes(lines[now].why || "");
  const at = [now, lit, shown, why, stage.querySelectorAll("svg").length];
  press("ArrowDown");
  return at;
});
answer.last = now;
const order = ["Home", " ", "ArrowRight", "ArrowUp", "End", "Home", "Enter", "PageDown"];
answer.ends = order.map((key) => (press(key), now));
press("f"); press("g"); press("?"); press("+");
answer.toggled = [document.documentElement.className, document.getElementById("keys").hidden,
  document.documentElement.style.getPropertyValue("--size")];
const box = document.querySelector("#graph g[data-line]");
box.dispatchEvent(new MouseEvent("click", { bubbles: true }));
answer.clicked = now === +box.dataset.line;
rows[3].dispatchEvent(new PointerEvent("pointermove", { bubbles: true, pointerType: "mouse", movementX: 1 }));
answer.pointed = now;
"""


def answer_of(page, script, folder):
    """What a script answers in a page that a browser has loaded."""
    text = page.read_text(encoding="utf-8").replace("<head>", f"<head>{LISTEN}", 1)
    page.write_text(text.replace("</body>", f"{TRY % script}</body>"), encoding="utf-8")
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--window-size=1920,1080",
        f"--user-data-dir={folder}/browser",
    ]
    done = subprocess.run(
        [BROWSER, *flags, "--virtual-time-budget=2000", "--dump-dom", page.as_uri()], capture_output=True
    )
    found = re.search("ANSWER(.*)ANSWER", done.stdout.decode("utf-8"), re.S)
    assert found, done.stderr.decode("utf-8", "replace")[-2000:]
    return json.loads(unescape(found[1]))


@needs_browser
@pytest.mark.parametrize("program", [classifier, second_order])
def test_stepping_lights_up_what_belongs_to_each_line(program, tmp_path):
    f, args = program()
    made = function(f).trace(*args)
    made.explain(tmp_path / "page.html", *args, repeat=1)
    found = answer_of(tmp_path / "page.html", STEPS, tmp_path)
    lines = lines_of(made.code, Source(made.code))
    assert found["failed"] == [] and found["first"] == [0, "live"] and found["last"] == len(lines) - 1
    for n, (line, (at, lit, shown, why, histograms)) in enumerate(zip(lines, found["rows"], strict=True)):
        assert at == n and why and histograms <= len(line.results)
        assert sorted(lit) == sorted(line.through | line.back | line.updates)
        assert shown.split() == line.text.split()
    home, space, right, up, end, again, partner, part = found["ends"]
    assert [home, space, right, up, end, again] == [0, 1, 2, 1, len(lines) - 1, 0]
    assert partner in lines[0].back and lines[part].section != lines[partner].section
    assert found["toggled"] == ["live plain graph", False, "1.1"] and found["clicked"] and found["pointed"] == 3


@needs_browser
def test_thousands_of_operations(tmp_path):
    def deep(w, count):
        with Tape() as tape:
            x = tape.watch(w)
            for _ in range(count):
                x = np.tanh(x * w)
            loss = np.sum(x)
        return tape.gradient(loss, w)

    made = function(deep).trace(np.linspace(0.1, 1.0, 3), 625)
    page = tmp_path / "page.html"
    made.explain(page)
    assert len(made.code.instructions) >= 4999 and page.stat().st_size < 3_000_000
    found = answer_of(
        page,
        """
        const drawn = (n) => rows[n].firstChild.checkVisibility({ contentVisibilityAuto: true });
        answer.ends = ["End", "Home", "ArrowDown", "Enter"].map((key) => (press(key), now));
        answer.count = rows.length;
        """,
        tmp_path,
    )
    assert found["failed"] == [] and found["ends"][:3] == [found["count"] - 1, 0, 1]
    assert found["ends"][3] > 1000 and found["count"] > 2000
