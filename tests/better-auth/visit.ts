// Somebody uses the page in a browser without a screen, which keeps cookies as others do.
import { GlobalRegistrator } from "@happy-dom/global-registrator"
import assert from "node:assert/strict"

// Of another origin than fasttrack: the browser asks it whether the page may.
GlobalRegistrator.register({ url: process.env.BETTER_AUTH_URL })
const sockets: WebSocket[] = []
globalThis.WebSocket = class extends WebSocket {
  constructor(url: string | URL) {
    super(url)
    sockets.push(this)
  }
}
// They look for a browser when they are loaded.
const { createElement } = await import("react")
const { createRoot } = await import("react-dom/client")
const { default: TodosPage } = await import("@/app/todos/page")
const { ApiError, request } = await import("@/lib/api")
const { authClient } = await import("@/lib/auth-client")
const { acceptInvitation, findPerson, listPeople, me } = await import("@/lib/people")
const { addTodo, listTodos } = await import("@/lib/todos")

const find = <T extends Element>(selector: string) => document.querySelector<T>(selector)
const text = (selector: string) => find(selector)?.textContent ?? ""

async function until(what: string, holds: () => unknown): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!(await holds())) {
    assert(Date.now() < deadline, `still not: ${what}; the page has ${document.body.innerHTML.slice(0, 2_000)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** A request of an admin, who isn't in this browser. */
async function admin(method: string, path: string, body?: object): Promise<any> {
  const headers = { Authorization: `Bearer ${process.env.ADMIN_TOKEN}`, "Content-Type": "application/json" }
  const url = `${process.env.NEXT_PUBLIC_FASTTRACK_URL}${path}`
  const answer = await fetch(url, { method, headers, body: JSON.stringify(body) })
  const text = await answer.text()
  assert(answer.ok, text)
  return JSON.parse(text).data
}

const move = (id: number, status: string) => admin("PATCH", `/tasks/${id}`, { status })

const root = document.body.appendChild(document.createElement("div"))
createRoot(root).render(createElement(TodosPage))
await until("a stranger is asked to sign in", () => text("a") === "Sign in")

const { data, error } = await authClient.signUp.email({
  email: "ann@example.org",
  password: "correct horse battery",
  name: "Ann",
})
assert.equal(error, null)
const userId = data!.user.id
await until("the page is that of the user", () => find("form"))
assert.deepEqual(await listTodos(userId), [])

find<HTMLInputElement>("[name=title]")!.value = "Water the roses"
find<HTMLButtonElement>("[type=submit]")!.click()
await until("the todo is there", () => text("li") === "Water the roses")
assert.equal(find<HTMLInputElement>("[name=title]")!.value, "")
const checkbox = () => find<HTMLInputElement>("[type=checkbox]")!
assert(!checkbox().checked)
checkbox().click()
await until("the todo is completed", async () => (await listTodos(userId))[0]?.completed)
await until("that is seen", () => checkbox().checked)
const [todo] = await listTodos(userId)
assert.equal(todo!.user_id, userId)
assert.equal(text("[role=alert]"), "")

await until("the socket is open", () => sockets[0]?.readyState === WebSocket.OPEN)
await move(todo!.id, "in_progress")
await until("the page is told", () => text("[role=status]").endsWith(": Water the roses is in_progress"))
await until("the list follows", () => !checkbox().checked)

// A token that is revoked is replaced without a word, for requests and for the socket, which has missed nothing then.
await request("/auth/logout", { method: "POST" })
await until("the socket is closed", () => sockets[0]!.readyState === WebSocket.CLOSED)
await move(todo!.id, "done")
await until("the page is told later", () => text("[role=status]").endsWith(": Water the roses is done"))
assert(sockets.length > 1)

const added = await addTodo(userId, "Cut the hedge", "cut-the-hedge")
assert.deepEqual(await addTodo(userId, "Cut the hedge", "cut-the-hedge"), added)
for (let n = 0; n < 101; n += 1) await addTodo(userId, `Todo ${n}`)
assert.equal((await listTodos(userId)).length, 103)

// The number behind the session's user id, and from there to the people.
const ann = await me()
assert.equal(ann.display_name, "Ann")
assert.deepEqual(await listPeople(), [ann])
const { id, display_name, email } = await admin("GET", "/users/me")
const chief = { id, display_name }
const project = await admin("POST", "/projects", { name: "Garden" })
await admin("PUT", `/projects/${project.id}/members/${ann.id}`, { role: "editor" })
assert.deepEqual(await listPeople(), [chief, ann].sort((a, b) => a.id - b.id))
assert.deepEqual(await findPerson(email.toUpperCase()), chief)
assert.equal(await findPerson("nobody@example.org"), undefined)
const fence = await admin("POST", `/projects/${project.id}/tasks`, { title: "Paint the fence", assignee_id: ann.id })
assert.deepEqual((await (await request(`/tasks/${fence.id}`)).json()).assignee, ann)
const unknown = await acceptInvitation("garbage").catch((error: unknown) => error)
assert(unknown instanceof ApiError)
assert.deepEqual([unknown.status, unknown.code], [400, "invalid_invitation_token"])

const refused = await addTodo(userId, " ").catch((error: unknown) => error)
assert(refused instanceof ApiError)
assert.deepEqual([refused.status, refused.code, refused.errors[0]?.field], [400, "validation_failed", "title"])
const foreign = await listTodos("somebody else").catch((error: unknown) => error)
assert(foreign instanceof ApiError)
assert.deepEqual([foreign.status, foreign.code], [403, "forbidden"])

find<HTMLButtonElement>("[type=button]")!.click()
await until("the page is left", () => text("a") === "Sign in")
const late = await listTodos(userId).catch((error: unknown) => error)
assert(late instanceof ApiError)
assert.equal(late.status, 401)
console.log("all done")
process.exit()
