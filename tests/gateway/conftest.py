"""Both ways by which a request is answered."""

import pytest


@pytest.fixture(params=["brief", "application"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What may be brief is; and nothing is, so that uvicorn runs the application for each request."""
    if request.param == "application":
        monkeypatch.setattr("remit.gateway.brief.Briefs.head", lambda *_: None)
