"""Somebody's way through the API, with the client of OpenAPI Generator. Ends with an error at the first surprise."""

import os
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from fasttrack_api import (
    ApiClient,
    AuthApi,
    CommentsApi,
    Configuration,
    ProjectsApi,
    RealtimeApi,
    TasksApi,
    TodosApi,
)
from fasttrack_api.exceptions import ApiException
from fasttrack_api.models import (
    CommentAddedNotification,
    CreateCommentBody,
    CreateProjectBody,
    CreateTaskBody,
    LoginBody,
    MarkReadBody,
    Notification,
    PatchTaskBody,
    RegisterBody,
    StatusChangedNotification,
    TaskPriority,
    TaskStatus,
    TodoBody,
    User,
)

PASSWORD = "correct horse battery"


def connect(token: str | None = None) -> ApiClient:
    return ApiClient(Configuration(host=os.environ["FASTTRACK_URL"], access_token=token))


@dataclass
class Person:
    user: User
    client: ApiClient


def join(name: str) -> Person:
    """A new account, logged in."""
    email = f"{name.lower()}.{uuid.uuid4()}@example.org"
    user = AuthApi(connect()).register(RegisterBody(email=email, password=PASSWORD, display_name=name)).data
    tokens = AuthApi(connect()).login(LoginBody(email=email, password=PASSWORD)).data
    return Person(user, connect(tokens.access_token))


def refused(status: int, code: str, call: Callable[[], object]) -> None:
    """Fails with this code."""
    try:
        call()
    except ApiException as refusal:
        assert (refusal.status, refusal.data.error.code) == (status, code), refusal
        return
    raise AssertionError(f"not refused: {code}")


def told(person: Person, count: int) -> list[Notification]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        unread = RealtimeApi(person.client).list_notifications(unread=True).data.items
        if len(unread) == count:
            return unread
    raise AssertionError(f"not {count} notifications")


ann, bob = join("Ann"), join("Bob")

# Who they are. The same address can't be taken twice.
assert AuthApi(ann.client).me().data == ann.user
taken = RegisterBody(email=ann.user.email, password=PASSWORD)
refused(409, "email_taken", lambda: AuthApi(connect()).register(taken))
refused(401, "token_missing", lambda: AuthApi(connect()).me())

# A project, and a task for Bob. What is asked for again is done once.
projects, tasks = ProjectsApi(ann.client), TasksApi(ann.client)
project = projects.create_project(CreateProjectBody(name="Garden", description=None)).data
refused(403, "forbidden", lambda: ProjectsApi(bob.client).get_project(project.id))
fence = CreateTaskBody(title="Paint the fence", priority=TaskPriority.HIGH, assignee_id=bob.user.id)
key = str(uuid.uuid4())
created = tasks.create_task_with_http_info(project.id, fence, idempotency_key=key)
task = created.data.data
headers = {name.lower(): value for name, value in (created.headers or {}).items()}
assert headers["location"] == f"/tasks/{task.id}"
assert tasks.create_task(project.id, fence, idempotency_key=key).data == task

# Both change it: who has an old version is told so, and nobody skips a step.
etag = headers["etag"]
start = PatchTaskBody(status=TaskStatus.IN_PROGRESS)
started = TasksApi(bob.client).update_task(task.id, start, if_match=etag).data
assert (started.status, started.version) == (TaskStatus.IN_PROGRESS, task.version + 1)
refused(412, "precondition_failed", lambda: tasks.update_task(task.id, start, if_match=etag))
tasks.update_task(task.id, PatchTaskBody(status=TaskStatus.TODO))
skip = PatchTaskBody(status=TaskStatus.DONE)
refused(409, "invalid_status_transition", lambda: tasks.update_task(task.id, skip))

# Page by page.
tasks.create_task(project.id, CreateTaskBody(title="Cut the hedge"))
page = tasks.list_project_tasks(project.id, limit=1).data
rest = tasks.list_project_tasks(project.id, limit=1, cursor=page.next_cursor).data
assert [item.title for item in page.items + rest.items] == ["Paint the fence", "Cut the hedge"]
assert page.has_more and rest.next_cursor is None

# Bob says something, and each hears of what the other did.
comment = CommentsApi(bob.client).create_comment(task.id, CreateCommentBody(body="Which colour?")).data
news = told(ann, 2)
first, second = (item.actual_instance for item in news)
assert isinstance(first, CommentAddedNotification) and isinstance(second, StatusChangedNotification)
assert (first.data.comment_id, first.data.author, second.data.new) == (comment.id, "Bob", TaskStatus.IN_PROGRESS)
RealtimeApi(ann.client).mark_notifications_read(MarkReadBody(up_to=first.seq))
told(ann, 0)

# Todos come bare.
name, todos = str(ann.user.id), TodosApi(ann.client)
todo = todos.create_todo(name, TodoBody(title="Rest"))
assert todo.user_id.actual_instance == ann.user.id
assert todos.complete_todo(name, todo.id).completed

# What is deleted is gone.
projects.delete_project(project.id)
refused(404, "not_found", lambda: tasks.get_task(task.id))
