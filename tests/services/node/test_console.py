"""The officer's console: it shows what the desk knows and takes an answer, from this machine and its officer alone."""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from comity.cli.main import run as command
from comity.errors import ConfigError
from comity.pages import words
from comity.services.node import approval, console, setup
from tests.builders.assembly import Assembly
from tests.builders.offices import POLICY
from tests.services.node.hub import Hub
from tests.services.node.test_node import STUDY, Scene, scene  # noqa: F401 (a fixture)
from tests.services.node.test_uncountable import MEANS, measured
from tests.services.node.test_uncountable import of as means

ADDRESS, TOKEN = "127.0.0.1:8601", "0123456789abcdef"
HOME = f"http://{ADDRESS}/{TOKEN}/"


@pytest.fixture
def browser(scene: Scene) -> Iterator[TestClient]:  # noqa: F811
    """A browser on the office's machine; the policy wants the officer."""
    setup.install(scene.home, POLICY.replace("officer = false", "officer = true").encode(), where="policy.toml")
    scene.hub.date = ""
    application = console.application(scene.home, ADDRESS, TOKEN)
    with TestClient(application, base_url=f"http://{ADDRESS}", follow_redirects=False) as client:
        yield client


def given(scene: Scene) -> str | None:  # noqa: F811
    found = approval.find(scene.home, STUDY.digest, STUDY.periods[0].id)
    return found.answer if found else None


def form(text: str) -> dict[str, str]:
    """The hidden fields of the form."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text))


def test_the_officer_sees_what_is_asked(browser: TestClient) -> None:
    page = browser.get(HOME)
    assert 200 == page.status_code
    assert STUDY.title in page.text
    assert "waits for its officer" in page.text


def test_the_officer_sees_the_table_before_and_after(browser: TestClient) -> None:
    """50 persons in each of four answers, by sex: 25 or none, as the scene's file has it."""
    link = re.search(r'href="(question\?[^"]+)"', browser.get(HOME).text)
    assert link
    page = browser.get(HOME + link[1].replace("&amp;", "&"))
    assert 200 == page.status_code
    assert 4 == page.text.count('<td class="number">50</td>\n<td class="number">50</td>')
    assert "Of 200 rows of the period 200 are counted" in page.text


def test_the_officer_sees_who_asks_under_which_norm_and_what_was_counted(browser: TestClient) -> None:
    """A yes is bound to the binding; of several sources the page says which."""
    link = re.search(r'href="(question\?[^"]+)"', browser.get(HOME).text)
    assert link
    page = browser.get(HOME + link[1].replace("&amp;", "&")).text
    named = f"{STUDY.id}/{STUDY.version}, for {STUDY.goal}, under the norm TRUST/1.0.0."
    assert re.search(rf"<li>[a-z0-9]+ moved the study {re.escape(named)}</li>", page)
    assert "<li>Counted from the source survey, read by the binding home/1.</li>" in page


def test_the_officer_sees_standard_errors_and_design_effects_as_a_dry_run_has_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two kinds of weight: totals and means have an error each, beside the noise of the sum; counts have none."""
    rows = [f"{uid},6,{'FM'[uid % 2]},{uid % 7 * 100},{1 + uid % 3}" for uid in range(400)]
    asked = means(moments=True)
    with Hub(Assembly(5)) as hub:
        home = measured(tmp_path, hub, asked, rows, policy=MEANS)
        with TestClient(console.application(home, ADDRESS, TOKEN), base_url=f"http://{ADDRESS}") as client:
            page = html.unescape(client.get(f"{HOME}question?study={asked.digest}&period={asked.periods[0].id}").text)
        assert 0 == command(["dry-run", asked.digest, "--home", str(home), "--json"])
    told = json.loads(capsys.readouterr().out)
    cells = [re.sub(r"<[^>]+>", "|", row) for row in re.findall(r"<tr>(.*?)</tr>", page.replace("\n", ""))]
    shown = [[part for part in cell.split("|") if part] for cell in cells]
    figures = [
        [*one["key"], one["measure"], words.number(one["value"]), *map(words.number, filter(None, errors(one)))]
        for one in told["figures"]
    ]
    assert ["Cell", "Measure", "Value", "Standard error", "Noise of the sum"] in shown
    assert ["Cell", "Of", "Effect"] in shown
    effects = [[*one["key"], one["of"], one["effect"]] for one in told["design-effects"]]
    assert len(figures) > 4 < len(effects) + 2
    assert [] == [row for row in figures + effects if row not in shown]
    assert [] == [one["words"] for one in told["noise"] if one["words"] not in page]
    assert told["noise"]
    assert page.count("<table") == 3


def errors(figure: dict[str, str]) -> tuple[str, str]:
    return figure["standard-error"], figure["noise-of-the-sum"]


@pytest.mark.parametrize("answer", ["approved", "declined"])
def test_an_answer_is_written_down(scene: Scene, browser: TestClient, answer: str) -> None:  # noqa: F811
    fields = form(browser.get(f"{HOME}question?study={STUDY.digest}&period={STUDY.periods[0].id}").text)
    assert 303 == browser.post(f"{HOME}answer", data={**fields, "answer": answer}).status_code
    assert answer == given(scene)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/", {}),
        (f"/{TOKEN[:-1]}0/answer", {}),
        (f"/{TOKEN}/answer", {"origin": "https://example.org"}),
        (f"/{TOKEN}/answer", {"origin": "null"}),
        (f"/{TOKEN}/answer", {"host": "example.org:8601"}),
    ],
    ids=["no token", "another token", "another site", "a page without origin", "another name of this machine"],
)
def test_nobody_else_answers(
    scene: Scene,  # noqa: F811
    browser: TestClient,
    path: str,
    headers: dict[str, str],
) -> None:
    fields = {"study": STUDY.digest, "period": STUDY.periods[0].id, "answer": "approved"}
    reply = browser.post(path, data=fields, headers=headers)
    assert 404 == reply.status_code
    assert b"" == reply.content.replace(b"Not Found", b"")
    assert given(scene) is None


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"answer": "perhaps"}, "not an answer"),
        ({"period": "1999", "answer": "approved"}, "no such period"),
        ({"study": "unheard-of", "answer": "approved"}, "no such study"),
        ({"answer": "approved" * 1000}, "too large"),
    ],
)
def test_a_wrong_answer_is_one_line(
    scene: Scene,  # noqa: F811
    browser: TestClient,
    fields: dict[str, str],
    says: str,
) -> None:
    right = {"study": STUDY.digest, "period": STUDY.periods[0].id}
    reply = browser.post(f"{HOME}answer", data={**right, **fields})
    assert 400 == reply.status_code
    assert says in reply.text
    assert given(scene) is None


def test_the_page_has_no_script_and_keeps_its_address_to_itself(browser: TestClient) -> None:
    page = browser.get(HOME)
    assert "<script" not in page.text
    assert "no-referrer" == page.headers["referrer-policy"]
    assert "no-store" == page.headers["cache-control"]
    assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize("listen", ["0.0.0.0:8601", "192.0.2.1:8601", "example.org:8601", "[::]:8601"])
def test_the_console_is_for_this_machine_alone(listen: str) -> None:
    with pytest.raises(ConfigError, match="this machine alone"):
        console.check_loopback(listen)


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "localhost:8601", "[::1]:0"])
def test_a_loopback_address_is_taken(tmp_path: Path, listen: str) -> None:
    console.check_loopback(listen)
