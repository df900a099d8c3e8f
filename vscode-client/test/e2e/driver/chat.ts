/**
 * A model API over HTTP, as profiles with `openai-chat` name one: gives the same answer to whoever
 * asks, and remembers which model was asked.
 */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export class Chat {
  /** The models that were asked, in order. */
  readonly asked: string[] = [];

  private constructor(private readonly server: Server) {}

  static async start(answer: string): Promise<Chat> {
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        // A provider's package may look first which models there are.
        if (request.method !== "POST") {
          response.writeHead(404).end();
          return;
        }
        const { model } = JSON.parse(body) as { model: string };
        chat.asked.push(model);
        response.setHeader("Content-Type", "text/event-stream");
        response.write(event(model, { role: "assistant", content: answer }, null));
        response.write(event(model, {}, "stop"));
        response.end("data: [DONE]\n\n");
      });
    });
    const chat = new Chat(server);
    return new Promise((resolve) => {
      server.listen(0, "127.0.0.1", () => {
        resolve(chat);
      });
    });
  }

  /** What a profile has as `baseUrl`. */
  get url(): string {
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}/v1`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

function event(model: string, delta: object, finish: string | null): string {
  const chunk = {
    id: "chat-1",
    object: "chat.completion.chunk",
    created: 1,
    model,
    choices: [{ index: 0, delta, finish_reason: finish }],
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
