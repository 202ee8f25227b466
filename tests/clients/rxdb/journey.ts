// Follows a server with the client of docs/sync.md, and compares what it has with what GET returns.

import { WebSocket as NodeWebSocket } from "ws"
import { follow, open, type Thing } from "./sync.js"

// Older releases of Node.js have none.
globalThis.WebSocket ??= NodeWebSocket as unknown as typeof WebSocket

const url = process.env.FASTTRACK_URL ?? ""

async function call(token: string, method: string, path: string, body?: unknown) {
  const response = await fetch(url + path, {
    method,
    headers: {
      accept: "application/vnd.fasttrack.bare+json",
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return response.status === 204 ? null : await response.json()
}

async function account(name: string) {
  const login = { email: `${name}@example.org`, password: "correct horse battery" }
  const { id } = await call("", "POST", "/auth/register", login)
  const { access_token } = await call("", "POST", "/auth/login", login)
  return { id: id as number, token: access_token as string }
}

const ann = await account("ann")
const bob = await account("bob")
const project = (await call(ann.token, "POST", "/projects", { name: "Garden" })).id as number
const task = (await call(ann.token, "POST", `/projects/${project}/tasks`, { title: "Dig" })).id as number
await call(ann.token, "POST", `/tasks/${task}/comments`, { body: "Deep" })

const things = await open()
const stop = await follow(things, url, bob.token)

async function stored(): Promise<string[]> {
  const documents = await things.find().exec()
  return documents.map((thing: Thing) => `${thing.key} ${JSON.stringify(thing.data)}`).sort()
}

async function visible(): Promise<string[]> {
  const found: string[] = []
  const add = (key: string, data: unknown) => found.push(`${key} ${JSON.stringify(data)}`)
  for (const project of (await call(bob.token, "GET", "/projects")).items) {
    add(`project-${project.id}`, project)
    for (const member of (await call(bob.token, "GET", `/projects/${project.id}/members`)).items) {
      add(`member-${member.user_id}-${project.id}`, member)
    }
  }
  for (const task of (await call(bob.token, "GET", "/tasks?scope=visible")).items) {
    add(`task-${task.id}`, task)
    for (const comment of (await call(bob.token, "GET", `/tasks/${task.id}/comments`)).items) {
      add(`comment-${comment.id}`, comment)
    }
  }
  return found.sort()
}

/** Waits until the client has what GET returns, and returns how many things these are. */
async function agreed(step: string): Promise<number> {
  const begin = Date.now()
  for (;;) {
    const [has, sees] = [await stored(), await visible()]
    if (JSON.stringify(has) === JSON.stringify(sees)) {
      console.log(`${step}: ${has.length}`)
      return has.length
    }
    if (Date.now() - begin > 30_000) throw new Error(`${step}: ${has.join("\n")}\ninstead of\n${sees.join("\n")}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

await agreed("nothing")
await call(ann.token, "PUT", `/projects/${project}/members/${bob.id}`, { role: "editor" })
await agreed("gained")
for (let n = 0; n < 5; n++) await call(ann.token, "POST", `/projects/${project}/tasks`, { title: `Row ${n}` })
await call(bob.token, "PATCH", `/tasks/${task}`, { title: "Dig deep" })
await agreed("changed")
await call(ann.token, "DELETE", `/tasks/${task}`)
await agreed("deleted")
await call(ann.token, "DELETE", `/projects/${project}/members/${bob.id}`)
await agreed("lost")
const foreign = { title: "Sow", assignee_id: bob.id }
await call(ann.token, "POST", `/projects/${project}/tasks`, foreign)
await agreed("assigned")
await stop()
process.exit(0)
