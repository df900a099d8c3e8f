/**
 * Keeps what may hold a key out of the log. The language client can log every message, and so knows
 * only an envelope; what is in it is put in its place where the message is written to the server.
 */

/** What is written to the server, as the language client has it. */
export interface Writer {
  write(message: object): Promise<void>;
}

/** What the log shows instead. */
const SHOWN = { sealed: "not written to the log" };

export class LogRedaction {
  private readonly contents = new WeakMap<object, unknown>();

  /** An envelope for this. */
  hide(content: object): object {
    const envelope = { ...SHOWN };
    this.contents.set(envelope, content);
    return envelope;
  }

  /** The same writer, which opens the envelopes that are a message's parameters or one of them. */
  revealing<W extends Writer>(writer: W): W {
    const write = writer.write.bind(writer);
    writer.write = (message) => write(this.opened(message));
    return writer;
  }

  private opened(message: object): object {
    if (!("params" in message)) return message;
    const params = this.open(message.params);
    if (params !== message.params) return { ...message, params };
    if (!isRecord(params) || !Object.values(params).some((one) => this.open(one) !== one)) {
      return message;
    }
    const opened = Object.entries(params).map(([name, one]) => [name, this.open(one)]);
    return { ...message, params: Object.fromEntries(opened) as object };
  }

  private open(value: unknown): unknown {
    return isRecord(value) && this.contents.has(value) ? this.contents.get(value) : value;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
