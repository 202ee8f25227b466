"""What can't be known from the document alone."""

import functools
import os

import httpx
import schemathesis

URL, EMAIL, PASSWORD = (os.environ[name] for name in ("FASTTRACK_URL", "EMAIL", "PASSWORD"))
GUEST = {"email": "guest@example.org", "password": "correct horse battery"}

# These end what they are called with: a session, or all but one, a password, or the account.
ENDING = ["logout", "revokeSession", "changePassword", "eraseMe"]


@functools.cache
def caller() -> str:
    return log_in({"email": EMAIL, "password": PASSWORD})


def log_in(account: dict[str, str]) -> str:
    answer = httpx.post(f"{URL}/auth/login", json=account).raise_for_status()
    return str(answer.json()["data"]["access_token"])


@schemathesis.auth(refresh_interval=None)
class Bearer:
    """The same token for all, but a new one of somebody else's for what ends it."""

    def get(self, case: schemathesis.Case, context: schemathesis.AuthContext) -> str:
        if context.operation.definition.raw["operationId"] not in ENDING:
            return caller()
        httpx.post(f"{URL}/auth/register", json=GUEST)
        return log_in(GUEST)

    def set(self, case: schemathesis.Case, data: str, context: schemathesis.AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


def plan(body: object) -> None:
    """Replaces what a task refers to by what is there, and its instants by one of the years that are allowed."""
    if not isinstance(body, dict):
        return
    if body.get("assignee_id") is not None:
        body["assignee_id"] = 1
    if body.get("due") is not None:
        body["due"] = "2030-01-01"
    for name in ("labels", "parent_id", "reminders"):
        body.pop(name, None)


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict[str, object]) -> None:
    if not case.meta or not case.meta.generation.mode.is_positive:
        return
    operation = case.operation.definition.raw["operationId"]
    # One that can be ended, and a password that is right; the next one has to be, too.
    if operation == "revokeSession":
        bearer = {"Authorization": f"Bearer {log_in(GUEST)}"}
        newest = httpx.get(f"{URL}/auth/sessions", headers=bearer).raise_for_status().json()["data"]["items"][0]
        case.path_parameters["id"] = newest["id"]
    if operation == "changePassword" and isinstance(case.body, dict):
        case.body.update(current_password=GUEST["password"], new_password=GUEST["password"])
    if operation == "eraseMe":
        case.media_type, case.body = "application/json", {"password": GUEST["password"]}
    # The caller, who owns every project: nobody else is a member.
    if operation == "transferProject" and isinstance(case.body, dict):
        case.body["user_id"] = 1
    # Another address needs the password.
    if operation == "updateMe" and isinstance(case.body, dict) and "email" in case.body:
        case.body["current_password"] = PASSWORD
    # Words to search for, days that there are, and no cursor of another list.
    if operation in ("listProjectTasks", "listAssignedTasks"):
        case.query.pop("cursor", None)
        given = {"q": "paint", "due_from": "2030-01-01", "due_until": "2030-01-01", "updated_since": "2030-01-01"}
        case.query.update({name: value for name, value in given.items() if case.query.get(name) is not None})
    # A cursor can't be made up.
    if operation == "listChanges":
        case.query.pop("since", None)
    # All projects, which every scope goes with, and an end that is still to come.
    if operation == "createApiToken" and isinstance(case.body, dict):
        case.body.pop("project_ids", None)
        if case.body.get("expires_at") is not None:
            case.body["expires_at"] = "2999-12-01T09:30:00Z"
    # An address that may be sent to.
    if operation in ("createWebhook", "updateWebhook") and isinstance(case.body, dict) and "url" in case.body:
        case.body["url"] = "https://hooks.example.org"
    # Beside a task that is there.
    if operation == "moveTask":
        case.body = {"after": None}
    if isinstance(case.body, dict):
        bodies = [case.body, case.body.get("patch"), *(case.body.get("tasks") or [])]
        for body in bodies:
            plan(body)
    # Where a header has a pattern, the generator still sends letters and digits alone at times.
    for condition in ("If-Match", "If-None-Match"):
        tag = case.headers.get(condition)
        if tag is not None and tag.isalnum():
            case.headers[condition] = f'"{tag}"'
