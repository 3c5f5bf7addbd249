// A Holdfast server of a test's own: the real binary, a free port, a database in a folder of its own.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const BINARY = process.env.HOLDFAST_BIN ?? resolve(import.meta.dirname, "../../target/quick/holdfast");

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer();
    probe.once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (typeof address === "object" && address ? found(address.port) : failed(new Error("no port"))));
    });
  });
}

export class Server {
  readonly folder = mkdtempSync(join(tmpdir(), "holdfast-server-"));
  readonly database = `sqlite://${join(this.folder, "holdfast.db")}`;
  private process?: ChildProcess;
  private said = "";

  private constructor(
    readonly port: number,
    /** Where the browser finds it: its own address, or that of what stands in front. */
    readonly origin: string,
    private readonly demo: boolean,
  ) {}

  /** A server with the demo provider, running. `origin` where a proxy stands in front. */
  static async demo(origin?: string): Promise<Server> {
    const port = await freePort();
    const server = new Server(port, origin ?? `http://127.0.0.1:${port}`, true);
    await server.start();
    return server;
  }

  /** A server whose provider comes from a folder of CSV files; everybody gets the demo's password. */
  static async of(folder: string, usernames: string[]): Promise<Server> {
    const port = await freePort();
    const server = new Server(port, `http://127.0.0.1:${port}`, false);
    server.import(folder);
    for (const username of usernames) server.setPassword(username);
    await server.start();
    return server;
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Runs one command to its end. */
  command(args: string[], input = ""): string {
    const done = spawnSync(BINARY, args, { input, encoding: "utf8" });
    if (done.status !== 0) throw new Error(`holdfast ${args.join(" ")}: ${done.stderr || done.error}`);
    return done.stdout;
  }

  /** Takes in a folder of CSV files, as the provider's administrator does; it need not be running. */
  import(folder: string): void {
    this.command(["import", folder, "--database", this.database]);
  }

  private setPassword(username: string): void {
    this.command(["user", "set-password", username, "--database", this.database], "holdfast-demo\n");
  }

  /** Starts it on the same port and database, and waits until it answers. */
  async start(): Promise<void> {
    const args = ["serve", "--listen", `127.0.0.1:${this.port}`, "--database", this.database, "--origin", this.origin];
    const child = spawn(BINARY, this.demo ? [...args, "--demo"] : args, { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.on("data", (text) => (this.said += text));
    child.stderr.on("data", (text) => (this.said += text));
    const ended = new Promise<never>((_, failed) => {
      child.once("error", failed);
      child.once("exit", (code) => failed(new Error(`the server ended with ${code}: ${this.said.slice(-2000)}`)));
    });
    ended.catch(() => {});
    this.process = child;
    await Promise.race([this.ready(), ended]);
  }

  private async ready(): Promise<void> {
    const until = Date.now() + 60_000;
    while (Date.now() < until) {
      const answer = await fetch(`${this.address}/readyz`).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((next) => setTimeout(next, 50));
    }
    throw new Error(`the server is not ready: ${this.said.slice(-2000)}`);
  }

  /** Takes the process away as a power cut does (SIGKILL). */
  async kill(): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((ended) => child.once("exit", ended));
    child.kill("SIGKILL");
    await gone;
  }

  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
