"""The page: the built files of `ui/`, with its address table for deep links."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import msgspec
from servestatic import ServeStaticASGI
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

SETTINGS_PATH: Final = "/axonml.json"
_API_PATHS: Final = ("/api/", "/health/", "/v2", "/metrics", "/ws/")
_NOT_BUILT: Final = (
    "The page is not built. In a clone of the repository `./run axon start` builds it;"
    " the API itself answers under /api.\n"
)


class PageSettings(msgspec.Struct, frozen=True):
    """What the page asks first: where the API is. Empty: where the page itself came from."""

    api: str


def dist() -> Path:
    """Return the folder of the built page; it need not exist."""
    return Path(str(files("axonml.web"))) / "dist"


def page(api_of: Callable[[Scope], str], behind: ASGIApp | None = None) -> ASGIApp:
    """Return an ASGI app that serves the page, and hands to `behind` what belongs to the API.

    `api_of` returns the API's address for the browser that sent a request.

    Any other path gets `index.html`: the page's own router knows what it means.
    """
    root = dist()
    if not (root / "index.html").is_file():
        return _Routes(behind, PlainTextResponse(_NOT_BUILT, 503), api_of)
    index = FileResponse(root / "index.html", headers={"cache-control": "no-cache"})
    static: Any = ServeStaticASGI(
        _Routes(behind, index, api_of),
        root=str(root),
        index_file=True,
        allow_all_origins=False,
        immutable_file_test=r"^/assets/.+-[\w-]{8,}\.\w+$",
        max_age=0,
    )
    return static


class _Routes:
    """Chooses between the page's settings, the API and the page."""

    def __init__(
        self, behind: ASGIApp | None, index: ASGIApp, api_of: Callable[[Scope], str]
    ) -> None:
        self._behind: Final = behind
        self._index: Final = index
        self._api_of: Final = api_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "/")
        if scope["type"] != "http":
            if self._behind is not None:
                await self._behind(scope, receive, send)
        elif path == SETTINGS_PATH:
            settings = msgspec.to_builtins(PageSettings(self._api_of(scope)))
            answer = JSONResponse(settings, headers={"cache-control": "no-cache"})
            await answer(scope, receive, send)
        elif path.startswith(_API_PATHS):
            behind = self._behind or PlainTextResponse("the API is elsewhere\n", 404)
            await behind(scope, receive, send)
        elif path.startswith("/assets/"):
            # A page from before an update asks for what is gone: it then loads itself anew.
            await PlainTextResponse("there is no such file\n", 404)(scope, receive, send)
        else:
            await self._index(scope, receive, send)
