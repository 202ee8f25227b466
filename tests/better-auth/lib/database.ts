import { memoryAdapter } from "better-auth/adapters/memory"

/** Gone with the process. */
export const database = memoryAdapter({ user: [], session: [], account: [], verification: [], jwks: [] })
