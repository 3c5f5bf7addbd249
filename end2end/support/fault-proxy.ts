// What stands between a phone and its server when the network or the server misbehaves: it passes
// everything through, or answers for `/api/v1/sync` as it is told.
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, request, type Server as HttpServer, type ServerResponse } from "node:http";
import { freePort } from "./server.ts";

export type Fault =
  | { kind: "status"; status: number; headers?: Record<string, string> }
  | { kind: "captive portal" }
  | { kind: "too few verdicts" }
  | { kind: "hang"; seconds: number }
  /** The server takes the request; its answer never arrives. */
  | { kind: "answer lost" };

type Answer = Record<string, unknown>;

export class FaultProxy {
  /** How often the fault was met since it was set. */
  met = 0;
  /** Bodies of the requests to `sync` that were passed on. */
  readonly passed: string[] = [];
  private fault?: Fault;
  private when: (body: string) => boolean = () => true;
  private readonly held = new Set<NodeJS.Timeout>();

  private constructor(
    readonly port: number,
    private readonly http: HttpServer,
    private target = 0,
  ) {}

  static async open(): Promise<FaultProxy> {
    const port = await freePort();
    const http = createServer();
    const proxy = new FaultProxy(port, http);
    http.on("request", (asked, answer) => proxy.handle(asked, answer));
    await new Promise<void>((listening) => http.listen(port, "127.0.0.1", listening));
    return proxy;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  lead(target: number): void {
    this.target = target;
  }

  /** From now on `sync` meets this fault; `when` narrows it to some requests by their body. */
  set(fault: Fault | undefined, when: (body: string) => boolean = () => true): void {
    this.fault = fault;
    this.when = when;
    this.met = 0;
  }

  async close(): Promise<void> {
    for (const timer of this.held) clearTimeout(timer);
    this.http.closeAllConnections();
    await new Promise((closed) => this.http.close(closed));
  }

  private async handle(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    try {
      for await (const part of asked) parts.push(part as Buffer);
    } catch {
      return; // the phone gave up while asking
    }
    const body = Buffer.concat(parts);
    const text = body.toString("utf8");
    const sync = asked.url === "/api/v1/sync";
    const fault = sync && this.when(text) ? this.fault : undefined;
    if (fault) this.met += 1;
    switch (fault?.kind) {
      case "status":
        answer.writeHead(fault.status, { "content-type": "application/problem+json", ...fault.headers });
        answer.end(JSON.stringify({ type: "about:blank", title: "Not now", status: fault.status }));
        return;
      case "captive portal":
        answer.writeHead(200, { "content-type": "text/html" });
        answer.end("<!doctype html><title>Welcome to the café</title><p>Accept our terms to go on.");
        return;
      case "hang": {
        const timer = setTimeout(() => answer.destroy(), fault.seconds * 1000);
        this.held.add(timer);
        answer.once("close", () => clearTimeout(timer));
        return;
      }
      case "too few verdicts":
        this.pass(asked, body, answer, (whole) => ({ ...whole, verdicts: (whole.verdicts as unknown[]).slice(1) }));
        return;
      case "answer lost":
        this.pass(asked, body, answer, () => undefined);
        return;
      default:
        if (sync) this.passed.push(text);
        this.pass(asked, body, answer);
    }
  }

  /** Asks the server in the phone's stead; `change` alters its answer, or loses it. */
  private pass(asked: IncomingMessage, body: Buffer, answer: ServerResponse, change?: (whole: Answer) => Answer | undefined): void {
    const headers: OutgoingHttpHeaders = { ...asked.headers, "accept-encoding": "identity" };
    if (body.length > 0) headers["content-length"] = body.length;
    const onward = request(
      { host: "127.0.0.1", port: this.target, method: asked.method, path: asked.url, headers },
      (answered) => {
        const status = answered.statusCode ?? 502;
        if (!change) {
          answer.writeHead(status, answered.headers);
          answered.pipe(answer);
          return;
        }
        const parts: Buffer[] = [];
        answered.on("data", (part) => parts.push(part));
        answered.on("end", () => {
          const changed = change(JSON.parse(Buffer.concat(parts).toString("utf8")));
          if (!changed) return void answer.destroy();
          const { "content-length": _, "transfer-encoding": __, ...rest } = answered.headers;
          answer.writeHead(status, rest);
          answer.end(JSON.stringify(changed));
        });
      },
    );
    onward.on("error", () => answer.destroy());
    answer.on("close", () => onward.destroy());
    onward.end(body);
  }
}
