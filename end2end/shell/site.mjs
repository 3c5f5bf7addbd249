// Serves a folder as the server does: brotli, cache headers, the whole content security policy. It can be stopped,
// started again on the same port, and given another folder, as a server that was updated.
import { createServer } from "node:http";
import { cp, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { brotliCompressSync } from "node:zlib";

const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types default",
].join("; ");

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".webmanifest": "application/manifest+json",
};

const HASHED = /\.[0-9a-f]{16}\.\w+$/;

export class Site {
  /** @param {string} folder what `cargo xtask build` left */
  constructor(folder) {
    this.folder = folder;
    this.port = 0;
  }

  get address() {
    return `http://127.0.0.1:${this.port}`;
  }

  async start() {
    this.server = createServer((request, response) => this.#answer(request, response));
    this.server.listen(this.port, "127.0.0.1");
    await once(this.server, "listening");
    this.port = this.server.address().port;
  }

  async stop() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  async #answer(request, response) {
    const { pathname } = new URL(request.url, this.address);
    const name = extname(pathname) === "" ? "index.html" : pathname;
    try {
      if (pathname.startsWith("/api/")) throw new Error("there is no API here");
      const body = await readFile(join(this.folder, `${name}.br`));
      response.writeHead(200, {
        "content-type": TYPES[extname(name)],
        "content-encoding": "br",
        vary: "accept-encoding",
        "cache-control": HASHED.test(name) ? "public, max-age=31536000, immutable" : "no-cache",
        "content-security-policy": POLICY,
      });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  }
}

/**
 * A copy of a site as the next version would be: another page, and a service worker that knows its digest.
 * @param {string} folder
 * @param {string} title the next version's title
 */
export async function nextVersion(folder, title) {
  const next = await mkdtemp(join(tmpdir(), "holdfast-site-"));
  await cp(folder, next, { recursive: true });
  const page = await readFile(join(folder, "index.html"), "utf8");
  const changed = page.replace(/<title>.*?<\/title>/, `<title>${title}</title>`);
  const worker = await readFile(join(folder, "sw.js"), "utf8");
  const version = createHash("sha256").update(title).digest("hex").slice(0, 16);
  await write(next, "index.html", changed);
  await write(
    next,
    "sw.js",
    worker.replace(integrity(page), integrity(changed)).replace(/version: "[0-9a-f]{16}"/, `version: "${version}"`),
  );
  return next;
}

/** Replaces one file of a site, as the server would send it. */
export async function write(folder, name, text) {
  await writeFile(join(folder, name), text);
  await writeFile(join(folder, `${name}.br`), brotliCompressSync(text));
}

function integrity(text) {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
