"""Somebody's way through the API, with the client of the manual. Ends with an error at the first surprise."""

import importlib
import os
import pkgutil
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import fasttrack_client
from fasttrack_client import AuthenticatedClient
from fasttrack_client.api.auth import logout, me, register
from fasttrack_client.api.comments import create_comment
from fasttrack_client.api.realtime import list_notifications, mark_notifications_read
from fasttrack_client.api.projects import create_project, delete_project, get_project
from fasttrack_client.api.tasks import create_task, get_task, list_assigned_tasks, list_project_tasks, update_task
from fasttrack_client.api.todos import complete_todo, create_todo, list_todos
from fasttrack_client.api.users import update_user
from fasttrack_client.models import (
    CommentAddedNotification,
    CreateCommentBody,
    CreateProjectBody,
    CreateTaskBody,
    MarkReadBody,
    PatchTaskBody,
    PatchUserBody,
    ProjectSharedNotification,
    RegisterBody,
    Role,
    StatusChangedNotification,
    TaskAssignedNotification,
    TaskReminderNotification,
    TaskPriority,
    TaskStatus,
    TodoBody,
    User,
)
from fasttrack_client.types import UNSET
from session import Refused, every, log_in, ok

URL = os.environ["FASTTRACK_URL"]
ADMIN = log_in(URL, os.environ["EMAIL"], os.environ["PASSWORD"])


@dataclass
class Person:
    user: User
    client: AuthenticatedClient


def join(name: str) -> Person:
    """A new account, logged in."""
    email, password = f"{name}.{uuid.uuid4()}@example.org", "correct horse battery"
    body = RegisterBody(email=email, password=password, display_name=name)
    user = ok(register.sync(client=ADMIN, body=body)).data
    assert (user.email, user.display_name, user.role, user.is_active) == (email.lower(), name, Role.USER, True)
    return Person(user, log_in(URL, email, password))


def refused(code: str, call: Callable[[], object]) -> Refused:
    """Fails with this code."""
    try:
        ok(call())
    except Refused as refusal:
        assert refusal.code == code, refusal
        return refusal
    raise AssertionError(f"not refused: {code}")


ann, bob = join("Ann"), join("Bob")

# Who they are. The same address can't be taken twice, and what is wrong is named.
assert ok(me.sync(client=ann.client)).data == ann.user
taken = RegisterBody(email=ann.user.email, password="another password")
refused("email_taken", lambda: register.sync(client=ADMIN, body=taken))
wrong = RegisterBody(email="nobody", password="short")
refusal = refused("validation_failed", lambda: register.sync(client=ADMIN, body=wrong))
assert {(detail.field, detail.code) for detail in refusal.details} == {("email", "invalid"), ("password", "too_short")}
refused("invalid_credentials", lambda: log_in(URL, ann.user.email, "wrong"))

# A project, and a task for Bob. What is asked for again is done once.
project = ok(create_project.sync(client=ann.client, body=CreateProjectBody(name="Garden", description=None))).data
refused("forbidden", lambda: get_project.sync(project.id, client=bob.client))
fence = CreateTaskBody(title="Paint the fence", priority=TaskPriority.HIGH, assignee_id=bob.user.id)
key = str(uuid.uuid4())
created = create_task.sync_detailed(project.id, client=ann.client, body=fence, idempotency_key=key)
task = ok(created.parsed).data
assert created.headers["Location"] == f"/tasks/{task.id}"
again = create_task.sync_detailed(project.id, client=ann.client, body=fence, idempotency_key=key)
assert ok(again.parsed).data == task and again.headers["Idempotency-Replayed"] == "true"

# Both change it: who has an old version is told so, and nobody skips a step.
etag = created.headers["ETag"]
assert etag == f'"{task.version}"'
start = PatchTaskBody(status=TaskStatus.IN_PROGRESS)
started = ok(update_task.sync(task.id, client=bob.client, body=start, if_match=etag)).data
assert (started.status, started.version) == (TaskStatus.IN_PROGRESS, task.version + 1)
refused("precondition_failed", lambda: update_task.sync(task.id, client=ann.client, body=start, if_match=etag))
back = PatchTaskBody(status=TaskStatus.TODO, description="Both sides")
ok(update_task.sync(task.id, client=ann.client, body=back))
skip = PatchTaskBody(status=TaskStatus.DONE)
refused("invalid_status_transition", lambda: update_task.sync(task.id, client=ann.client, body=skip))
known = get_task.sync_detailed(task.id, client=ann.client, if_none_match=f'"{task.version + 2}"')
assert known.status_code == 304

# Page by page.
titles = ["Cut the hedge", "Mow the lawn", "Water the roses", "Sweep the path"]
for title in titles:
    ok(create_task.sync(project.id, client=ann.client, body=CreateTaskBody(title=title)))
tasks = every(
    lambda cursor: ok(list_project_tasks.sync(project.id, client=ann.client, limit=2, cursor=cursor or UNSET)).data
)
assert [task.title for task in tasks] == ["Paint the fence", *titles]
refused("invalid_cursor", lambda: list_assigned_tasks.sync(client=ann.client, cursor="garbage"))

# Bob says something, and each hears of what the other did.
comment = ok(create_comment.sync(task.id, client=bob.client, body=CreateCommentBody("Which colour?"))).data
assert (comment.author_id, comment.author.display_name) == (bob.user.id, "Bob")


Notification = (
    CommentAddedNotification
    | ProjectSharedNotification
    | StatusChangedNotification
    | TaskAssignedNotification
    | TaskReminderNotification
)


def told(person: Person, count: int) -> list[Notification]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        unread = ok(list_notifications.sync(client=person.client, unread=True)).data.items
        if len(unread) == count:
            return unread
    raise AssertionError(f"not {count} notifications")


news = told(ann, 2)
assert [type(item) for item in news] == [CommentAddedNotification, StatusChangedNotification]
assert isinstance(news[0], CommentAddedNotification)
assert (news[0].data.author, news[0].data.task_id, news[0].data.comment_id) == ("Bob", task.id, comment.id)
assert [type(item) for item in told(bob, 2)] == [StatusChangedNotification, TaskAssignedNotification]
ok(mark_notifications_read.sync(client=ann.client, body=MarkReadBody(news[0].seq)))
told(ann, 0)

# Todos come bare, and so do their errors.
name = str(ann.user.id)
todo = ok(create_todo.sync(name, client=ann.client, body=TodoBody(title="Rest")))
assert ok(complete_todo.sync(name, todo.id, client=ann.client)).completed
refused("forbidden", lambda: list_todos.sync(name, client=bob.client))

# Another role ends the access tokens. Requests at once renew them once, and nobody notices.
ok(update_user.sync(bob.user.id, client=ADMIN, body=PatchUserBody(role=Role.ADMIN)))
with ThreadPoolExecutor(8) as threads:
    answers = threads.map(lambda _: ok(me.sync(client=bob.client)).data, range(8))
    assert {(user.id, user.role) for user in answers} == {(bob.user.id, Role.ADMIN)}

# What is deleted is gone, and who has logged out is out.
deleted = delete_project.sync_detailed(project.id, client=ann.client)
assert deleted.status_code == 204, deleted
refused("not_found", lambda: get_task.sync(task.id, client=ann.client))
ok(logout.sync(client=ann.client))
refused("invalid_refresh_token", lambda: me.sync(client=ann.client))

# All of it can be used.
for module in pkgutil.walk_packages(fasttrack_client.__path__, "fasttrack_client."):
    importlib.import_module(module.name)
