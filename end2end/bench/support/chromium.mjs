// A Chromium on a profile on disk, driven over a pipe. Of the protocol only targets, evaluation and scripts before a
// page are used: with its network domain on, the browser copies every request body to the driver, and uploads take ten
// times as long.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

export class Chromium {
  #profile = mkdtempSync(join(tmpdir(), "holdfast-bench-profile-"));
  #process;
  #next = 1;
  #asked = new Map();
  #awaited = new Map();
  #rest = "";

  constructor() {
    const flags = [
      "--headless=new",
      "--remote-debugging-pipe",
      "--no-first-run",
      "--no-default-browser-check",
      "--disable-background-timer-throttling",
      "--disable-renderer-backgrounding",
      "--disable-backgrounding-occluded-windows",
      "--window-size=1280,900",
      `--user-data-dir=${this.#profile}`,
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "about:blank",
    ];
    this.#process = spawn(CHROMIUM, flags, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    this.#process.stdio[4].on("data", (text) => this.#heard(String(text)));
  }

  #heard(text) {
    const parts = (this.#rest + text).split("\0");
    this.#rest = parts.pop();
    for (const part of parts) {
      const message = JSON.parse(part);
      this.#awaited.get(message.method)?.(message.params);
      const asked = this.#asked.get(message.id);
      if (!asked) continue;
      this.#asked.delete(message.id);
      if (message.error) asked.failed(new Error(`${asked.method}: ${message.error.message}`));
      else asked.done(message.result);
    }
  }

  send(method, params = {}, sessionId = undefined) {
    const id = this.#next++;
    const answer = new Promise((done, failed) => this.#asked.set(id, { method, done, failed }));
    this.#process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return answer;
  }

  /** Resolves when the browser next tells of this event. */
  next(event) {
    return new Promise((heard) => this.#awaited.set(event, heard));
  }

  /** What the browser notes of its work while `work` goes on: the events of a trace of these categories. */
  async traced(categories, work) {
    await this.send("Tracing.start", { transferMode: "ReturnAsStream", traceConfig: { recordMode: "recordContinuously", includedCategories: categories } });
    await work();
    const complete = this.next("Tracing.tracingComplete");
    await this.send("Tracing.end");
    const { stream } = await complete;
    const parts = [];
    for (;;) {
      const { data, eof, base64Encoded } = await this.send("IO.read", { handle: stream, size: 1 << 20 });
      parts.push(Buffer.from(data, base64Encoded ? "base64" : "utf8"));
      if (eof) break;
    }
    await this.send("IO.close", { handle: stream });
    return JSON.parse(Buffer.concat(parts).toString("utf8")).traceEvents;
  }

  /** A new page at an address; `script` runs in it before anything else, its main thread so many times slower. */
  async open(address, script = "", slower = 1) {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(this, targetId, sessionId);
    if (script) {
      await this.send("Page.enable", {}, sessionId);
      await this.send("Page.addScriptToEvaluateOnNewDocument", { source: script }, sessionId);
    }
    await this.send("Page.navigate", { url: address }, sessionId);
    // Set before, it would hold up the change of process that this navigation brings.
    if (slower > 1) await this.send("Emulation.setCPUThrottlingRate", { rate: slower }, sessionId);
    await page.when(`location.href.startsWith(${JSON.stringify(new URL(address).origin)}) && document.readyState !== "loading"`);
    return page;
  }

  async close() {
    const gone = new Promise((ended) => this.#process.once("exit", ended));
    this.send("Browser.close").catch(() => {});
    await gone;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

export class Page {
  constructor(chromium, target, session) {
    Object.assign(this, { chromium, target, session });
  }

  send(method, params = {}) {
    return this.chromium.send(method, params, this.session);
  }

  /** Shows this page: one that is hidden is never painted. */
  async front() {
    await this.send("Page.bringToFront");
  }

  /** What a function or expression gives in the page, once it is settled. */
  async run(what, ...given) {
    const expression = typeof what === "function" ? `(${what})(${given.map((it) => JSON.stringify(it)).join(",")})` : what;
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Waits until the expression holds in the page. */
  async when(expression, seconds = 120) {
    const until = Date.now() + seconds * 1000;
    for (;;) {
      const holds = await this.run(`Boolean(${expression})`).catch(() => false);
      if (holds) return;
      if (Date.now() > until) throw new Error(`not so within ${seconds} s: ${expression}\n${await this.run("document.body.innerText").catch(() => "")}`);
      await new Promise((next) => setTimeout(next, 20));
    }
  }

  /** Megabytes of the page's process after a collection of garbage: what is its own, and its share of the rest (PSS). */
  async memory() {
    await this.send("HeapProfiler.collectGarbage");
    const times = async () => {
      const { processInfo } = await this.chromium.send("SystemInfo.getProcessInfo");
      return new Map(processInfo.filter((it) => it.type === "renderer").map((it) => [it.id, it.cpuTime]));
    };
    // The process that worked is this page's.
    const before = await times();
    await this.run("(() => { const until = performance.now() + 500; while (performance.now() < until); })()");
    const worked = [...(await times())].map(([id, time]) => [time - (before.get(id) ?? 0), id]);
    const [, id] = worked.sort(([one], [other]) => other - one)[0];
    const [, kilobytes] = readFileSync(`/proc/${id}/smaps_rollup`, "utf8").match(/^Pss:\s+(\d+) kB/m);
    return Number(kilobytes) / 1_000;
  }

  async close() {
    await this.chromium.send("Target.closeTarget", { targetId: this.target });
  }
}
