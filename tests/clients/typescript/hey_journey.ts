// Somebody's way through the API, with the client of Hey API. Ends with an error at the first surprise.

import assert from "node:assert/strict"
import { createClient } from "./hey/client/index.js"
import {
  completeTodo,
  createProject,
  createTask,
  createTodo,
  deleteProject,
  getProject,
  getTask,
  listNotifications,
  login,
  me,
  register,
  updateTask,
} from "./hey/index.js"
import type { Error as Refusal } from "./hey/index.js"

const baseUrl = process.env.FASTTRACK_URL ?? ""
const password = "correct horse battery"

/** A new account, logged in. */
async function join(name: string) {
  const email = `${name}.${crypto.randomUUID()}@example.org`
  const anybody = createClient({ baseUrl })
  const account = { email, password, display_name: name }
  const { data: user } = await register({ client: anybody, body: account, throwOnError: true })
  const { data: tokens } = await login({ client: anybody, body: { email, password }, throwOnError: true })
  return { user: user.data, client: createClient({ baseUrl, auth: tokens.data.access_token }) }
}

/** Fails with this code. */
async function refused(call: Promise<{ error?: Refusal | undefined; response?: Response }>, status: number, code: string) {
  const { error, response } = await call
  assert.deepEqual([response?.status, error?.error.code], [status, code])
}

const ann = await join("ann")
const bob = await join("bob")
assert.deepEqual((await me({ client: ann.client, throwOnError: true })).data.data, ann.user)
await refused(register({ client: createClient({ baseUrl }), body: { email: ann.user.email, password } }), 409, "email_taken")
await refused(me({ client: createClient({ baseUrl }) }), 401, "token_missing")

const created = await createProject({ client: ann.client, body: { name: "Garden" }, throwOnError: true })
const project = { id: created.data.data.id }
await refused(getProject({ client: bob.client, path: project }), 403, "forbidden")
const fence = { title: "Paint the fence", assignee_id: bob.user.id }
const headers = { "Idempotency-Key": crypto.randomUUID() }
const first = await createTask({ client: ann.client, path: project, body: fence, headers, throwOnError: true })
const again = await createTask({ client: ann.client, path: project, body: fence, headers, throwOnError: true })
assert.deepEqual(again.data.data, first.data.data)
const task = { id: first.data.data.id }

// Who has an old version is told so, and nobody skips a step.
const old = { "If-Match": first.response.headers.get("ETag") ?? "" }
const start = { client: bob.client, path: task, body: { status: "in_progress" } as const, headers: old }
await updateTask({ ...start, throwOnError: true })
await refused(updateTask(start), 412, "precondition_failed")
await updateTask({ client: bob.client, path: task, body: { status: "todo" }, throwOnError: true })
await refused(updateTask({ client: bob.client, path: task, body: { status: "done" } }), 409, "invalid_status_transition")

const deadline = Date.now() + 30_000
for (;;) {
  const { data } = await listNotifications({ client: ann.client, query: { unread: true }, throwOnError: true })
  const [news] = data.data.items
  if (news?.type === "status_changed" && data.data.items.length === 2) {
    assert.deepEqual([news.data.old, news.data.new, news.data.task_id], ["in_progress", "todo", task.id])
    break
  }
  assert(Date.now() < deadline, "no notifications")
}

// Todos come bare.
const user_id = String(ann.user.id)
const todo = await createTodo({ client: ann.client, path: { user_id }, body: { title: "Rest" }, throwOnError: true })
assert.equal(todo.data.user_id, ann.user.id)
const done = await completeTodo({ client: ann.client, path: { user_id, task_id: todo.data.id }, throwOnError: true })
assert.equal(done.data.completed, true)

await deleteProject({ client: ann.client, path: project, throwOnError: true })
await refused(getTask({ client: ann.client, path: task }), 404, "not_found")
