// @ts-check
// Keeps one complete version of the shell on the device and serves every screen from it, with or without a network.
// A newer version is fetched whole, each file proved by its digest, and waits until no page is open or a page says
// 'take-over'. Nothing under /api is ever answered from here.

/**
 * Filled in by the build: the version, and every file with its digest.
 * @type {{ version: string, files: [path: string, integrity: string][] }}
 */
const SHELL = { version: "", files: [] };

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const PREFIX = "holdfast-";
const CACHE = PREFIX + SHELL.version;
const PATHS = new Set(SHELL.files.map(([path]) => path));
/** A name that carries its content's hash never changes its content. */
const HASHED = /\.[0-9a-f]{16}\.\w+$/;
/** What the server answers itself, also when somebody opens it as a page. */
const SERVERS_OWN = /^\/(api\/|healthz$|readyz$|metrics$|styleguide$)/;

/**
 * One file of this version: from an older version where its name proves it the same, else from the server.
 * @param {string} path
 * @param {string} integrity
 */
async function obtain(path, integrity) {
  const older = HASHED.test(path) ? await caches.match(path) : undefined;
  if (older) return older;
  // The browser's own cache may answer for a hashed name; for any other it has to ask.
  const answer = await fetch(new Request(path, { integrity, cache: HASHED.test(path) ? "default" : "no-cache" }));
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer;
}

/** Puts every file of this version into its cache, or leaves no such cache. */
async function install() {
  try {
    const files = await Promise.all(
      SHELL.files.map(async ([path, integrity]) => /** @type {const} */ ([path, await obtain(path, integrity)])),
    );
    const cache = await caches.open(CACHE);
    await Promise.all(files.map(([path, answer]) => cache.put(path, answer)));
  } catch (reason) {
    await caches.delete(CACHE);
    throw reason;
  }
}

/** Drops the versions before this one and takes the pages that have no worker yet. */
async function activate() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

/**
 * The kept file of this version; the server's where the browser dropped ours.
 * @param {string} path
 * @param {Request} request
 */
async function kept(path, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));

worker.addEventListener("message", (event) => {
  if (event.data?.type === "take-over") event.waitUntil(worker.skipWaiting());
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin || SERVERS_OWN.test(pathname)) return;
  if (PATHS.has(pathname)) event.respondWith(kept(pathname, request));
  else if (request.mode === "navigate") event.respondWith(kept("/", request));
});
