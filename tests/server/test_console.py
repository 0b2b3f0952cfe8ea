"""The console's files, its fallback, and the headers of every answer."""

from pathlib import Path
from typing import Any

import pytest
from litestar import Response, get
from litestar.testing import TestClient, create_test_client

from server.config import Config, Server
from server.console import Console, SecurityHeaders, console_routes
from server.problems import exception_handlers

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<!doctype html><title>Centrala</title>")
    (static / "icon.svg").write_text("<svg/>")
    (static / "assets/main-abc123.js").write_text("console.log(1);" * 100)
    (tmp_path / "secret.txt").write_text("canary")
    return static


def client(folder: Path, config: Config | None = None) -> TestClient[Any]:
    @get("/api/v1/known")
    async def known() -> dict[str, str]:
        return {}

    @get("/api/v1/own")
    async def own() -> Response[bytes]:
        return Response(b"", headers={"Content-Security-Policy": "sandbox", "Cache-Control": "private"})

    made = create_test_client(
        [known, own, *console_routes(Console(folder))],
        exception_handlers=exception_handlers,
        logging_config=None,
    )
    made.app = SecurityHeaders(made.app, config or Config())
    return TestClient(made.app)


def test_any_address_that_a_browser_goes_to_is_the_console(folder: Path) -> None:
    browser = client(folder)
    for path in ("/", "/dialogs/5", "/log?status=closed", "/index.html", "/wsx"):
        answer = browser.get(path, headers=HTML)
        assert (answer.status_code, "Centrala" in answer.text) == (200, True), path
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_the_site_widget_is_kept_by_browsers_for_a_while(folder: Path) -> None:
    browser = client(folder)
    assert browser.get("/widget.js").status_code == 404
    (folder / "widget.js").write_text("(function(){})();" * 100)  # built last
    answer = browser.get("/widget.js")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert answer.headers["cache-control"] == "public, max-age=3600, stale-while-revalidate=86400"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-encoding"] == "gzip"
    again = browser.get("/widget.js", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_what_is_somebody_elses_is_not_the_console(folder: Path) -> None:
    browser = client(folder)
    for path in (
        "/api/v1/none", "/ws", "/webhooks/1", "/media/1", "/assets/old-1.js", "/metrics", "/health/x", "/schema/x"
    ):  # fmt: skip
        assert browser.get(path, headers=HTML).status_code == 404, path
    assert browser.get("/dialogs/5", headers={"Accept": "application/json"}).status_code == 404
    assert browser.post("/dialogs/5", headers=HTML).status_code == 405


def test_hashed_files_are_kept_for_ever_and_others_are_asked_for(folder: Path) -> None:
    browser = client(folder)
    script = browser.get("/assets/main-abc123.js")
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert (script.headers["content-encoding"], script.text) == ("gzip", "console.log(1);" * 100)
    icon = browser.get("/icon.svg")
    assert (icon.headers["cache-control"], icon.headers["content-type"]) == ("no-cache", "image/svg+xml")
    again = browser.get("/icon.svg", headers={"If-None-Match": icon.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "//etc/passwd",
    ],
)
def test_no_path_leads_outside(folder: Path, path: str) -> None:
    answer = client(folder).get(path)
    assert answer.status_code == 404
    assert "canary" not in answer.text


def test_a_new_build_is_served_without_a_restart(folder: Path) -> None:
    browser = client(folder)
    assert browser.get("/assets/main-new.js").status_code == 404
    (folder / "assets/main-new.js").write_text("new")
    index = folder / "index.html"
    index.write_text("<!doctype html><title>Newer</title>")
    assert "Newer" in browser.get("/", headers=HTML).text
    assert browser.get("/assets/main-new.js").text == "new"


def test_a_console_that_was_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    answer = client(tmp_path / "nothing").get("/", headers=HTML)
    assert answer.status_code == 503
    assert "scripts/build" in answer.text


def test_every_answer_has_the_security_headers(folder: Path) -> None:
    browser = client(folder)
    for path in ("/", "/api/v1/known", "/api/v1/none", "/assets/main-abc123.js"):
        headers = browser.get(path, headers=HTML).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "strict-transport-security" not in headers
    assert browser.get("/api/v1/known").headers["cache-control"] == "no-store"
    own = browser.get("/api/v1/own").headers
    assert (own["content-security-policy"], own["cache-control"]) == ("sandbox", "private")
    https = client(folder, Config(server=Server(public_url="https://inbox.example.com")))
    assert https.get("/api/v1/known").headers["strict-transport-security"] == "max-age=31536000"
