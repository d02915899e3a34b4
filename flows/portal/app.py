"""The portal as a web application: every request passes the same checks before its page sees it.

No page has a script. An answer to a form sends the browser on (303), so that reloading repeats nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.convertors import register_url_convertor
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from flows.logs import get_logger
from flows.portal.guard import LimitedBody, StrictHeaders, is_form_token, is_from_own_page
from flows.portal.hosts import AllowedHosts, BehindProxy, own_names, proxied_user
from flows.portal.numbers import NumberConvertor
from flows.portal.portal import IDLE, LONGEST, Portal
from flows.portal.route import PortalRoute
from flows.portal.routes import ROUTES
from flows.portal.sign_in import is_slowed
from flows.portal.visit import COOKIE, Visit, templates
from flows.settings import Settings
from warehouse.engine import reading, writing
from warehouse.portal.accounts import Account
from warehouse.portal.sessions import find_session, touch_session

STATIC_FOLDER = Path(__file__).parent / "static"
MOST_FILES, MOST_FIELDS = 20, 50
#: how large a form without files may be, and what one with files may have besides them
FORM_BYTES = 2**16
#: characters of a path that a line of the log has at most
LONGEST_PATH = 200
#: seconds in which a form has to arrive
FORM_SECONDS, FILES_SECONDS = 60, 1800

logger = get_logger(__name__)

SENTENCES = {
    400: "浏览器送来的内容不完整，请返回上一页再试一次。",
    403: "这一页您不能打开。",
    404: "没有这一页。",
    405: "这一页不能这样打开。",
    408: "送得太慢，没有收完。请检查网络再试一次；大的文件请分成几个。",
    413: "文件太大。请分成几个文件，或者与市局联系。",
    421: "这个网址不是门户的。请用市局给的网址打开；网址没有错的，请系统管理员把它的主机名加进 portal_hosts。",
    429: "这个地址输错的次数太多，请 15 分钟以后再试。",
    500: "程序出了错，没有做完这一步。请稍后再试；再出现的，请与市局联系。",
}


def create_app(portal: Portal) -> Starlette:
    """Build the application over a portal."""
    settings = portal.workspace().home.settings
    register_url_convertor("int", NumberConvertor())
    routes: list[BaseRoute] = [
        Route(
            route.path,
            _endpoint(portal, route),
            methods=[route.method],
            middleware=[
                Middleware(
                    LimitedBody, largest_bytes=_largest_body(route, settings), answer=_error_page(413)
                )
            ],
        )
        for route in ROUTES
    ]
    pages = {route.path for route in ROUTES if route.method == "GET"}
    routes += [Route(route.path, _leading_to_page(route)) for route in ROUTES if route.path not in pages]
    routes.append(Mount("/static", StaticFiles(directory=STATIC_FOLDER)))
    return Starlette(
        routes=routes,
        middleware=[
            Middleware(StrictHeaders),
            Middleware(BehindProxy, proxies=settings.portal_proxies),
            Middleware(AllowedHosts, names=own_names(settings), answer=_error_page(421)),
        ],
        exception_handlers={HTTPException: _show_http_error, Exception: _show_error},
    )


def _largest_body(route: PortalRoute, settings: Settings) -> int:
    return FORM_BYTES + (settings.largest_file_mebibytes * 2**20 if route.takes_files else 0)


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
        if account is None:  # nothing is read of what nobody may send
            if route.roles:
                return RedirectResponse(f"{request.scope.get('root_path', '')}/", 303)
            if await run_in_threadpool(is_slowed, portal, request):
                raise HTTPException(429)
        try:
            async with (
                asyncio.timeout(FILES_SECONDS if route.takes_files else FORM_SECONDS) as time_limit,
                request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS) as form,
            ):
                time_limit.reschedule(None)  # it has arrived
                return await answer_with(form)
        except TimeoutError as error:
            raise HTTPException(408) from error

    return answer


def _leading_to_page(route: PortalRoute) -> Callable[[Request], Awaitable[Response]]:
    """Lead who types or reloads the address of a form to the page above it: /uploads/7/send to /uploads/7."""
    page = route.path.replace(":int", "").rpartition("/")[0] or "/"

    async def lead(request: Request) -> Response:
        return RedirectResponse(
            request.scope.get("root_path", "") + page.format_map(request.path_params), 303
        )

    return lead


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
    needs_password = visit.account.has_first_password and not visit.proxied_user
    if needs_password and not route.is_for_first_password:
        return visit.redirect("/password")
    return route.page(visit)


def _find_visitor(portal: Portal, request: Request) -> Account | None:
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    now = portal.clock()
    with reading(portal.store) as connection:
        account = find_session(connection, token, now - LONGEST, now - IDLE)
    user = proxied_user(request, portal.workspace().home.settings.portal_user_header)
    if account and user and user != account.name:
        return None  # the proxy has signed in somebody else since
    if account:
        with writing(portal.store) as connection:
            touch_session(connection, token, now)
    return account


async def _show_http_error(_request: Request, error: Exception) -> HTMLResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _error_page(status)


async def _show_error(request: Request, error: Exception) -> HTMLResponse:
    path = request.scope["path"][:LONGEST_PATH]
    logger.error("%s %s failed", request.method, path, exc_info=error)
    return _error_page(500)


def _error_page(status: int) -> HTMLResponse:
    sentence = SENTENCES.get(status, SENTENCES[400 if status < 500 else 500])
    page = templates().get_template("error.html").render(sentence=sentence)
    return HTMLResponse(page, status)
