// @ts-check
// The page's only start code: the Trusted Types policy, the app, the service worker, and what is shown when the app
// cannot start or stops. It speaks with the app by events on `window`:
//   'holdfast-update'     sent here: a newer version is complete on this device and waits
//   'holdfast-take-over'  sent by the app, when the person agrees: take the newer version and load once more
//   'holdfast-home-screen'  sent here: `data-home-screen` on the page's root element has changed
//   'holdfast-add'        sent by the app: ask the browser to put Holdfast on the home screen

const APP = "/app.js";
const BINARY = "/app_bg.wasm";
const WORKER = "/sw.js";
/** How often a page that stays open asks for a newer version, in ms. */
const ASK_AGAIN = 3_600_000;

// Leptos builds its static templates as HTML strings from our own binary. They pass; a script from anywhere does not.
/** @type {any} */ (globalThis).trustedTypes?.createPolicy("default", {
  createHTML: (/** @type {string} */ html) => html,
  createScriptURL: (/** @type {string} */ url) => {
    if (new URL(url, location.origin).href === location.origin + WORKER) return url;
    throw new TypeError(`Not a script of ours: ${url}`);
  },
});

const workers = navigator.serviceWorker;
/** @type {ServiceWorkerRegistration | undefined} */
let registration;
/** True once this page asked for the newer version: only then does it load again by itself. */
let asked = false;

/** Tells the app that a newer version waits. */
function tell() {
  window.dispatchEvent(new CustomEvent("holdfast-update"));
}

/** Takes the newer version, where one waits, and loads the page once more. */
function takeOver() {
  const waiting = registration?.waiting;
  if (!waiting) return location.reload();
  asked = true;
  waiting.postMessage({ type: "take-over" });
}

/** Keeps the shell on the device. Runs after everything that the first screen needs. */
async function keepShell() {
  if (!workers) return;
  const first = !workers.controller;
  workers.addEventListener("controllerchange", () => {
    if (asked) location.reload();
    else if (!first) tell(); // another tab took the newer version; this one changes when its person says so
  });
  const kept = await workers.register(WORKER, { updateViaCache: "none" });
  registration = kept;
  if (kept.waiting && workers.controller) tell();
  kept.addEventListener("updatefound", () => {
    const next = kept.installing;
    next?.addEventListener("statechange", () => {
      if (next.state === "installed" && workers.controller) tell();
    });
  });
  let last = Date.now();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible" || Date.now() - last < ASK_AGAIN) return;
    last = Date.now();
    kept.update().catch(() => {}); // no network: the next time will do
  });
}

/** How Holdfast comes to the home screen: 'ask' the browser, by 'hand' on iOS, or it is there ('done').
 * @param {'ask' | 'hand' | 'done'} state */
function homeScreen(state) {
  document.documentElement.dataset.homeScreen = state;
  window.dispatchEvent(new CustomEvent("holdfast-home-screen"));
}

/** @type {(Event & { prompt(): Promise<{ outcome: 'accepted' | 'dismissed' }> }) | undefined} */
let offer;
if (matchMedia("(display-mode: standalone)").matches) homeScreen("done");
// Only Safari on iOS knows this member; it has no prompt that a page could ask for.
else if ("standalone" in navigator) homeScreen(navigator.standalone ? "done" : "hand");
window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault(); // asked for when there is something to keep, not when the page opens
  offer = /** @type {typeof offer} */ (event);
  homeScreen("ask");
});
window.addEventListener("appinstalled", () => homeScreen("done"));
window.addEventListener("holdfast-add", async () => {
  const answer = await offer?.prompt();
  if (answer?.outcome === "accepted") homeScreen("done");
});

/** Shows the plain page instead of a screen that may no longer be true. */
function showBroken() {
  const broken = document.getElementById("broken");
  if (!broken || !broken.hidden) return;
  // By a rule and not one by one: what still runs of the app may add to the page.
  document.body.dataset.broken = "";
  document.title = "This screen did not open – Holdfast";
  broken.hidden = false;
  broken.querySelector("button")?.addEventListener("click", takeOver);
  broken.querySelector("main")?.focus();
}

// A panic in the app ends in a WebAssembly trap; after it nothing on the screen can be relied on.
const stopped = (/** @type {unknown} */ reason) => {
  if (reason instanceof WebAssembly.RuntimeError) showBroken();
};
window.addEventListener("error", (event) => stopped(event.error));
window.addEventListener("unhandledrejection", (event) => stopped(event.reason));
window.addEventListener("holdfast-take-over", takeOver);

/** Resolves once what the page itself says is on the screen; at once where nobody looks. */
function painted() {
  if (document.hidden) return Promise.resolve();
  return new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
}

try {
  // Before the shell is kept on the device, the app is ten times what the first words need and comes by the same line.
  if (!workers?.controller) await painted();
  const { default: init } = await import(APP);
  await init({ module_or_path: BINARY });
  document.getElementById("opening")?.remove();
} catch (reason) {
  console.error(reason);
  showBroken();
}

if (document.readyState === "complete") keepShell().catch(console.warn);
else window.addEventListener("load", () => keepShell().catch(console.warn));
