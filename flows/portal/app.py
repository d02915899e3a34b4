"""The portal as a web application: every request passes the same checks before its page sees it.

No page has a script. An answer to a form sends the browser on (303), so that reloading repeats nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from flows.logs import get_logger
from flows.portal.guard import LimitedBody, StrictHeaders, is_form_token, is_from_own_page
from flows.portal.portal import IDLE, LONGEST, Portal
from flows.portal.route import PortalRoute
from flows.portal.routes import ROUTES
from flows.portal.visit import COOKIE, Visit, templates
from warehouse.engine import reading, writing
from warehouse.portal.accounts import Account
from warehouse.portal.sessions import find_session, touch_session

STATIC_FOLDER = Path(__file__).parent / "static"
MOST_FILES, MOST_FIELDS = 20, 50
#: a form is little more than the files in it
FORM_BYTES = 2**20

logger = get_logger(__name__)

SENTENCES = {
    400: "浏览器送来的内容不完整，请返回上一页再试一次。",
    403: "这一页您不能打开。",
    404: "没有这一页。",
    405: "这一页不能这样打开。",
    413: "文件太大。请分成几个文件，或者与市局联系。",
    500: "程序出了错，没有做完这一步。请稍后再试；再出现的，请与市局联系。",
}


def create_app(portal: Portal) -> Starlette:
    """Build the application over a portal."""
    largest = portal.workspace().home.settings.largest_file_mebibytes * 2**20 + FORM_BYTES
    routes: list[BaseRoute] = [
        Route(route.path, _endpoint(portal, route), methods=[route.method]) for route in ROUTES
    ]
    routes.append(Mount("/static", StaticFiles(directory=STATIC_FOLDER)))
    return Starlette(
        routes=routes,
        middleware=[
            Middleware(StrictHeaders),
            Middleware(LimitedBody, largest_bytes=largest, answer=_error_page(413)),
        ],
        exception_handlers={HTTPException: _show_http_error, Exception: _show_error},
    )


def _endpoint(portal: Portal, route: PortalRoute) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        account = await run_in_threadpool(_find_visitor, portal, request)
        token = request.cookies.get(COOKIE, "") if account else ""

        async def answer_with(form: FormData) -> Response:
            visit = Visit(portal, portal.workspace(), request, account, token, form, portal.clock())
            return await run_in_threadpool(_answer, route, visit)

        if route.method != "POST":
            return await answer_with(FormData())
        if not is_from_own_page(request) or (account and route.roles and account.role not in route.roles):
            raise HTTPException(403)
        if route.roles and account is None:  # nothing is read of what nobody may send
            return RedirectResponse(f"{request.scope.get('root_path', '')}/", 303)
        async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS) as form:
            return await answer_with(form)

    return answer


def _answer(route: PortalRoute, visit: Visit) -> Response:
    """Answer a request that may be answered; send others to sign in, or say why not."""
    if not route.roles:
        return route.page(visit)
    if visit.account is None:
        return visit.redirect("/")
    if route.method == "POST" and not is_form_token(visit.field("form_token"), visit.token):
        return visit.refuse(403, "这一页开得太久，已经过期。请重新打开再试。")
    if visit.account.role not in route.roles:
        return visit.refuse(403, SENTENCES[403])
    if visit.account.has_first_password and not route.is_for_first_password:
        return visit.redirect("/password")
    return route.page(visit)


def _find_visitor(portal: Portal, request: Request) -> Account | None:
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    now = portal.clock()
    with reading(portal.store) as connection:
        account = find_session(connection, token, now - LONGEST, now - IDLE)
    if account:
        with writing(portal.store) as connection:
            touch_session(connection, token, now)
    return account


async def _show_http_error(_request: Request, error: Exception) -> HTMLResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _error_page(status)


async def _show_error(request: Request, error: Exception) -> HTMLResponse:
    logger.error("%s %s failed", request.method, request.scope["path"], exc_info=error)
    return _error_page(500)


def _error_page(status: int) -> HTMLResponse:
    sentence = SENTENCES.get(status, SENTENCES[400 if status < 500 else 500])
    page = templates().get_template("error.html").render(sentence=sentence)
    return HTMLResponse(page, status)
