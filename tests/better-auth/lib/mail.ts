/** What was sent last to each address. */
export const mailbox = new Map<string, string>()

export async function sendMail(to: string, text: string): Promise<void> {
  mailbox.set(to, text)
}
