"""Signing in and out, and choosing a password."""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from flows.portal.passwords import hash_password, is_right, password_fault
from flows.portal.portal import IDLE, LONGEST, Portal, new_token
from flows.portal.visit import CLERK, COOKIE, OPERATOR, READER, Visit
from transforms.foreign_text import make_visible
from warehouse.engine import reading, writing
from warehouse.portal.accounts import Account, find_account, set_password
from warehouse.portal.audit import add_audit_entry
from warehouse.portal.sessions import (
    add_failure,
    count_failures,
    delete_ended,
    end_session,
    forget_failures,
    hash_token,
    start_session,
)

FIRST_PAGES = {CLERK: "/month", OPERATOR: "/morning", READER: "/figures"}
#: failures in this time, of one name and of one address, after which nobody may try for a while
BRAKE, MOST_OF_NAME, MOST_OF_ADDRESS = timedelta(minutes=15), 5, 50
_UNKNOWN = "统一登录的账号“{name}”在这里没有，或者已停用。请与市局联系，或用这里的账号登录。"
_WRONG = "账号或密码不对。忘了密码的，请市局重设。"


def show_first_page(visit: Visit) -> Response:
    """Show the form to sign in, or lead on who is signed in, here or by a trusted proxy."""
    if visit.account is not None:
        return visit.redirect(FIRST_PAGES[visit.account.role])
    if not visit.proxied_user:
        return visit.page("sign_in.html", fault="", name="")
    with reading(visit.portal.store) as connection:
        account = find_account(connection, visit.proxied_user)
    if account is None or account.is_disabled:
        return visit.page(
            "sign_in.html",
            status=403,
            fault=_UNKNOWN.format(name=make_visible(visit.proxied_user)),
            name="",
        )
    return _begin_session(visit, account, is_proxied=True)


def is_slowed(portal: Portal, request: Request) -> bool:
    """Whether an address has failed so often that nothing is read of what it sends."""
    address = request.client.host if request.client else ""
    with reading(portal.store) as connection:
        return count_failures(connection, "", address, portal.clock() - BRAKE)[1] >= MOST_OF_ADDRESS


def sign_in(visit: Visit) -> Response:
    """Sign in with name and password; slow down who fails often."""
    name = visit.field("name").strip()
    has_failed_often = _count_try(visit, name)
    with reading(visit.portal.store) as connection:
        account = find_account(connection, name)
    if has_failed_often:
        minutes = int(BRAKE.total_seconds() // 60)
        return visit.page(
            "sign_in.html", status=429, name=name, fault=f"输错的次数太多，请 {minutes} 分钟以后再试。"
        )
    is_known = account is not None and not account.is_disabled
    if not is_right(visit.field("password"), account.password_hash if account and is_known else None):
        return visit.page("sign_in.html", status=403, name=name, fault=_WRONG)
    assert account is not None
    return _begin_session(visit, account, is_proxied=False)


def _begin_session(visit: Visit, account: Account, *, is_proxied: bool) -> Response:
    """Begin a session of an account and lead to its first page."""
    portal, now, token = visit.portal, visit.now, new_token()
    with writing(portal.store) as connection:
        forget_failures(connection, account.name, visit.address)
        delete_ended(connection, now - LONGEST, now - IDLE)
        start_session(connection, account, token, visit.address, now)
        add_audit_entry(
            connection, account, visit.address, "sign_in", account.name, now, is_proxied=is_proxied
        )
    response = visit.redirect(FIRST_PAGES[account.role])
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(LONGEST.total_seconds()),
        path=f"{visit.request.scope.get('root_path', '')}/",
        httponly=True,
        samesite="strict",
        secure=visit.request.url.scheme == "https",
    )
    return response


def _count_try(visit: Visit, name: str) -> bool:
    """Count a try as failed until it succeeds, so that many at once are counted too; return whether there
    were too many before.
    """
    with writing(visit.portal.store) as connection:
        of_name, of_address = count_failures(connection, name, visit.address, visit.now - BRAKE)
        if of_name >= MOST_OF_NAME or of_address >= MOST_OF_ADDRESS:
            return True
        add_failure(connection, name, visit.address, visit.now)
    return False


def sign_out(visit: Visit) -> Response:
    """End the session: its cookie opens nothing any more."""
    with writing(visit.portal.store) as connection:
        end_session(connection, visit.token)
        add_audit_entry(connection, visit.visitor, visit.address, "sign_out", visit.visitor.name, visit.now)
    response = visit.redirect("/")
    response.delete_cookie(COOKIE, path=f"{visit.request.scope.get('root_path', '')}/")
    return response


def show_password_form(visit: Visit) -> Response:
    """Show the form to choose a password."""
    return visit.page("password.html", fault="", is_changed=False)


def change_password(visit: Visit) -> Response:
    """Store a new password, if the old one is right and the new one can be taken; end other sessions."""
    account, new = visit.visitor, visit.field("new")
    fault = password_fault(new, account.name)
    if _count_try(visit, account.name):
        fault = "输错的次数太多，请过一会儿再试"
    elif not is_right(visit.field("old"), account.password_hash):
        fault = "现在的密码不对"
    elif new == visit.field("old"):
        fault = "新密码与现在的一样"
    elif new != visit.field("again"):
        fault = "两次输入的新密码不一样"
    if fault:
        return visit.page("password.html", status=422, fault=fault, is_changed=False)
    with writing(visit.portal.store) as connection:
        forget_failures(connection, account.name, visit.address)
        set_password(connection, account, hash_password(new), is_first=False, keeps=hash_token(visit.token))
        add_audit_entry(connection, account, visit.address, "change_password", account.name, visit.now)
    if account.has_first_password:
        return visit.redirect(FIRST_PAGES[account.role])
    return visit.page("password.html", fault="", is_changed=True)
