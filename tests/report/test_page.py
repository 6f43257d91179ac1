"""The report, looked at by a real browser."""

import os
import re
import shutil
from pathlib import Path

import pytest

from priced.record.ledger import replace_all
from priced.record.runs import group_lives
from priced.report.leaderboard import contests
from priced.report.ledger import as_csv, as_page
from priced.report.market import falls
from priced.report.market_page import as_page as market_page
from tests.cli.verb.test_board import FLAGS
from tests.conftest import Priced
from tests.report.made import made

CHROMIUM = shutil.which("chromium")
HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>"
LIVES = [
    *(made(f"seed{k}", 0.95 + k / 200, 2 + k, k, settings="seeds") for k in range(3)),
    made("cheap", 0.91, 0.5),
    made("dear", 0.99, 9),
    made("hostile", 0.93, 1, model=HOSTILE, overrides=[f"tags=[{HOSTILE}]"], experiment=HOSTILE),
    made("other", 0.8, 1, data=HOSTILE),
    *(
        made(f"t{k}", 0.96, 8 / (k + 1), folder=f"cut/{k}", overrides=[f"technique=step{k}"])
        for k in range(3)
    ),
]


def test_the_report_is_one_file_that_asks_nothing_of_a_network(
    priced: Priced, tmp_path: Path
) -> None:
    replace_all(LIVES, "sqlite:///logs/ledger.db")
    assert priced("report") == 0
    page = (tmp_path / "logs" / "report.html").read_text()
    outside = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"<(?:img|link|iframe)|<[^>]*(?:src|href)=|@import|url\(", outside)
    lines = (tmp_path / "logs" / "report.csv").read_text().splitlines()
    assert lines[0].startswith("data,metric,rank,name,seeds,score,low,high,test,usd,seconds")
    assert len(lines) == 1 + 8
    assert as_csv(contests(group_lives(LIVES))).splitlines() == lines


def test_an_empty_ledger_is_no_report(priced: Priced, capsys: pytest.CaptureFixture[str]) -> None:
    assert priced("report") == 2
    assert "python train.py makes one" in capsys.readouterr().err


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_draws_the_report(tmp_path: Path, width: int, scheme: str) -> None:
    from playwright.sync_api import sync_playwright

    runs = group_lives(LIVES)
    pages = {
        "report": as_page(runs, contests(runs), "a ledger"),
        "market": market_page(falls(), ["your run"]),
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, text in pages.items():
            (tmp_path / f"{name}.html").write_text(text)
            page = browser.new_page(
                viewport={"width": width, "height": 900},
                color_scheme=scheme,  # type: ignore[arg-type]
            )
            troubles: list[str] = []
            asked: list[str] = []
            page.on("pageerror", lambda error, kept=troubles: kept.append(str(error)))
            page.on("request", lambda request, kept=asked: kept.append(request.url))
            page.goto(f"file://{tmp_path}/{name}.html")
            page.wait_for_function("document.querySelectorAll('.plot .main-svg').length > 3")
            page.wait_for_timeout(500)
            assert troubles == []
            assert all(url.startswith(("file:", "data:", "blob:")) for url in asked)
            assert "owned" not in page.title(), "a name is text"
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, "nothing but a table scrolls sideways"
            paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert (sum(map(int, re.findall(r"\d+", paper)[:3])) < 384) == (scheme == "dark")
            if name == "report":
                said = page.inner_text("main")
                for heading in ("Quality against price", "The falling price", "Where the money",
                                "The price cut", "step2", "Pareto front"):  # fmt: skip
                    assert heading in said
            if keep := os.environ.get("PRICED_SCREENSHOTS"):
                page.screenshot(path=f"{keep}/{name}_{width}_{scheme}.png", full_page=True)
        browser.close()
