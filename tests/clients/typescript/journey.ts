// Somebody's way through the API, with the client of the manual. Ends with an error at the first surprise.

import assert from "node:assert/strict"
import { all, ok, Refused, Session } from "./client.js"
import type { components } from "./schema.js"

const { FASTTRACK_URL: url = "", EMAIL = "", PASSWORD = "" } = process.env

/** A new account, logged in. */
async function join(name: string) {
  const email = `${name}.${crypto.randomUUID()}@example.org`
  const password = "correct horse battery"
  const admin = await Session.logIn(url, EMAIL, PASSWORD)
  const { data: user } = await ok(admin.api.POST("/auth/register", { body: { email, password, display_name: name } }))
  assert.deepEqual([user.email, user.display_name, user.role, user.is_active], [email.toLowerCase(), name, "user", true])
  return { user, api: (await Session.logIn(url, email, password)).api }
}

/** Fails with this code. */
async function refused(call: Promise<unknown>, status: number, code: string): Promise<Refused> {
  try {
    await call
  } catch (error) {
    assert(error instanceof Refused, String(error))
    assert.deepEqual([error.status, error.code], [status, code])
    return error
  }
  assert.fail(`not refused: ${code}`)
}

const ann = await join("Ann")
const bob = await join("Bob")

// Who they are. The same address can't be taken twice, and what is wrong is named.
assert.deepEqual((await ok(ann.api.GET("/auth/me"))).data, ann.user)
const taken = { email: ann.user.email, password: "another password" }
await refused(ok(ann.api.POST("/auth/register", { body: taken })), 409, "email_taken")
const wrong = ann.api.POST("/auth/register", { body: { email: "nobody", password: "short" } })
const { details } = await refused(ok(wrong), 400, "validation_failed")
assert.deepEqual(details.map(({ field, code }) => [field, code]).sort(), [["email", "invalid"], ["password", "too_short"]])
await refused(Session.logIn(url, ann.user.email, "wrong"), 401, "invalid_credentials")

// A project, and a task for Bob. What is asked for again is done once.
const { data: project } = await ok(ann.api.POST("/projects", { body: { name: "Garden", description: null } }))
const inProject = { path: { id: project.id } }
await refused(ok(bob.api.GET("/projects/{id}", { params: inProject })), 403, "forbidden")
const create = () =>
  ann.api.POST("/projects/{id}/tasks", {
    params: { ...inProject, header: { "Idempotency-Key": project.created_at } },
    body: { title: "Paint the fence", priority: "high", assignee_id: bob.user.id },
  })
const created = await create()
const { data: task } = await ok(Promise.resolve(created))
assert.equal(created.response.headers.get("Location"), `/tasks/${task.id}`)
const again = await create()
assert.deepEqual([again.data?.data, again.response.headers.get("Idempotency-Replayed")], [task, "true"])

// Both change it: who has an old version is told so, and nobody skips a step.
const one = { path: { id: task.id } }
const etag = created.response.headers.get("ETag")
assert.equal(etag, `"${task.version}"`)
const start = { params: { ...one, header: { "If-Match": etag } }, body: { status: "in_progress" } } as const
const { data: started } = await ok(bob.api.PATCH("/tasks/{id}", start))
assert.deepEqual([started.status, started.version, started.assignee_id], ["in_progress", task.version + 1, bob.user.id])
await refused(ok(ann.api.PATCH("/tasks/{id}", start)), 412, "precondition_failed")
await ok(ann.api.PATCH("/tasks/{id}", { params: one, body: { status: "todo", description: "Both sides" } }))
const skip = ann.api.PATCH("/tasks/{id}", { params: one, body: { status: "done" } })
await refused(ok(skip), 409, "invalid_status_transition")
const known = await ann.api.GET("/tasks/{id}", { params: { ...one, header: { "If-None-Match": `"${task.version + 2}"` } } })
assert.equal(known.response.status, 304)

// Page by page.
const titles = ["Cut the hedge", "Mow the lawn", "Water the roses", "Sweep the path"]
for (const title of titles) await ok(ann.api.POST("/projects/{id}/tasks", { params: inProject, body: { title } }))
const listed: string[] = []
const page = (query: { cursor?: string }) =>
  ok(ann.api.GET("/projects/{id}/tasks", { params: { ...inProject, query: { limit: 2, ...query } } }))
for await (const { title } of all(page)) listed.push(title)
assert.deepEqual(listed, ["Paint the fence", ...titles])
const garbage = ann.api.GET("/tasks", { params: { query: { cursor: "garbage" } } })
await refused(ok(garbage), 400, "invalid_cursor")

// Bob says something, and each hears of what the other did.
const { data: comment } = await ok(bob.api.POST("/tasks/{id}/comments", { params: one, body: { body: "Which colour?" } }))
assert.equal(comment.author_id, bob.user.id)
assert.deepEqual(comment.author, { id: bob.user.id, display_name: "Bob" })
type Notification = components["schemas"]["Notification"]
async function told(person: typeof ann, count: number): Promise<Notification[]> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
    const { data } = await ok(person.api.GET("/notifications", { params: { query: { unread: true } } }))
    if (data.items.length === count) return data.items
  }
  assert.fail(`not ${count} notifications`)
}
const toAnn = await told(ann, 2)
assert.deepEqual(toAnn.map(({ type }) => type), ["comment_added", "status_changed"])
const [news] = toAnn
assert(news?.type === "comment_added")
assert.deepEqual([news.data.author, news.data.task_id, news.data.comment_id], ["Bob", task.id, comment.id])
assert.deepEqual((await told(bob, 2)).map(({ type }) => type), ["status_changed", "task_assigned"])
await ok(ann.api.POST("/notifications/read", { body: { up_to: news.seq } }))
await told(ann, 0)

// Todos come bare, and so do their errors.
const todos = { path: { user_id: String(ann.user.id) } }
const todo = await ok(ann.api.POST("/api/{user_id}/tasks", { params: todos, body: { title: "Rest" } }))
const done = { params: { path: { ...todos.path, task_id: todo.id } } }
assert.equal((await ok(ann.api.PATCH("/api/{user_id}/tasks/{task_id}/complete", done))).completed, true)
await refused(ok(bob.api.GET("/api/{user_id}/tasks", { params: todos })), 403, "forbidden")

// Another role ends the access tokens. Requests at once renew them once, and nobody notices.
const admin = await Session.logIn(url, EMAIL, PASSWORD)
await ok(admin.api.PATCH("/users/{id}", { params: { path: { id: bob.user.id } }, body: { role: "admin" } }))
const answers = await Promise.all(Array.from({ length: 8 }, () => ok(bob.api.GET("/auth/me"))))
for (const { data } of answers) assert.deepEqual([data.id, data.role], [bob.user.id, "admin"])

// What is deleted is gone, and who has logged out is out.
await ok(ann.api.DELETE("/projects/{id}", { params: inProject }))
await refused(ok(ann.api.GET("/tasks/{id}", { params: one })), 404, "not_found")
await ok(ann.api.POST("/auth/logout"))
await refused(ok(ann.api.GET("/auth/me")), 401, "invalid_refresh_token")
