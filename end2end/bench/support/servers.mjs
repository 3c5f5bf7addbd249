// The two servers that are measured, each a process of its own.
import { fork, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const BINARY = process.env.HOLDFAST_BIN ?? resolve(import.meta.dirname, "../../../target/quick/holdfast");
const ROWS = process.env.HOLDFAST_OUTBOX_ROWS ?? resolve(import.meta.dirname, "../../../target/quick/examples/outbox_rows");

function freePort() {
  return new Promise((found) => {
    const probe = createServer();
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => found(port));
    });
  });
}

function command(given, input = "") {
  const done = spawnSync(BINARY, given, { input, encoding: "utf8" });
  if (done.status !== 0) throw new Error(`holdfast ${given.join(" ")}: ${done.stderr || done.error}`);
}

export class Holdfast {
  #folder = mkdtempSync(join(tmpdir(), "holdfast-bench-server-"));
  #process;

  /** The demo's provider; or another, from a `folder` of CSV files, whose `usernames` get the demo's password. */
  static async start(phones = 0, provider = undefined) {
    const server = new Holdfast();
    server.port = await freePort();
    server.phones = Array.from({ length: phones }, (_, at) => `http://phone-${at + 1}.localhost:${server.port}`);
    const database = `sqlite://${join(server.#folder, "holdfast.db")}`;
    if (provider) {
      command(["import", provider.folder, "--database", database]);
      for (const name of provider.usernames) command(["user", "set-password", name, "--database", database], "holdfast-demo\n");
    }
    const given = ["serve", ...(provider ? [] : ["--demo"]), "--listen", `127.0.0.1:${server.port}`, "--database", database];
    for (const origin of [server.origin, server.otherOrigin, ...server.phones]) given.push("--origin", origin);
    server.#process = spawn(BINARY, given, { stdio: "ignore" });
    const until = Date.now() + 60_000;
    while (!(await fetch(`${server.origin}/readyz`).catch(() => undefined))?.ok) {
      if (Date.now() > until) throw new Error("the server is not ready");
      await new Promise((next) => setTimeout(next, 50));
    }
    return server;
  }

  get origin() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The same server by another name: another origin, so another phone in the same browser. */
  get otherOrigin() {
    return `http://localhost:${this.port}`;
  }

  async stop() {
    if (this.#process.exitCode === null) {
      const gone = new Promise((ended) => this.#process.once("exit", ended));
      this.#process.kill();
      await gone;
    }
  }

  async remove() {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export class PouchServer {
  static async start() {
    const server = new PouchServer();
    server.process = fork(join(import.meta.dirname, "pouchdb-server.mjs"), { stdio: "ignore" });
    const port = await new Promise((listening, failed) => {
      server.process.once("message", listening);
      server.process.once("exit", (code) => failed(new Error(`PouchDB's server ended with ${code}`)));
    });
    server.origin = `http://127.0.0.1:${port}`;
    return server;
  }

  stop() {
    this.process.disconnect();
  }
}

/** The rows that saving so many notes leaves on this phone, from the code that saves them; or the notes as they are sent. */
export function outboxRows(vault) {
  const made = spawnSync(ROWS, { input: JSON.stringify(vault), encoding: "utf8", maxBuffer: 1 << 30 });
  if (made.status !== 0) throw new Error(`outbox_rows: ${made.stderr || made.error}`);
  return made.stdout.trim().split("\n");
}
