// The server's half of the front end: the routes of Better Auth, and what a test turns by hand under /test.
import { createJwk } from "better-auth/plugins"
import { toNodeHandler } from "better-auth/node"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { mailbox } from "@/lib/mail"

let listener = (_: Request): Promise<Response> => Promise.reject(new Error("not yet"))
const server = createServer(toNodeHandler((request: Request) => listener(request)))
server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  process.env.BETTER_AUTH_URL = url
  // They read the environment when they are loaded.
  const { auth } = await import("@/lib/auth")
  const { GET, POST } = await import("@/app/api/auth/[...all]/route")
  let fetches = 0

  listener = async (request) => {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === "/api/auth/jwks") fetches += 1
    if (pathname.startsWith("/api/auth/")) return request.method === "GET" ? GET(request) : POST(request)
    switch (pathname) {
      case "/test/fetches":
        return Response.json(fetches)
      case "/test/mail":
        return Response.json(mailbox.get(searchParams.get("to") ?? "") ?? null)
      case "/test/rotate": {
        // The newest key signs; the former ones stay in the JWKS.
        const plugin = auth.options.plugins.find(({ id }) => id === "jwt")
        const context = { context: await auth.$context } as Parameters<typeof createJwk>[0]
        return Response.json((await createJwk(context, plugin?.options)).id)
      }
      default:
        return new Response(null, { status: 404 })
    }
  }
  console.log(`listening on ${url}`)
})

// Ends with the test that started it, however that ends.
process.stdin.resume().on("end", () => process.exit())
