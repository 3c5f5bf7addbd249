// The shell by itself, without a server behind it: it starts offline as one complete version, takes a newer one only
// when the person says so, and shows a plain page where it cannot go on.
import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { chromium } from "@playwright/test";
import { Site, nextVersion, write } from "./site.mjs";

const SITE = resolve(import.meta.dirname, "../../target/site");

let site;
let profile;
let browser;

beforeEach(async () => {
  profile = await mkdtemp(join(tmpdir(), "holdfast-shell-"));
  site = new Site(SITE);
  await site.start();
});

afterEach(async () => {
  await browser?.close();
  browser = undefined;
  if (site.server.listening) await site.stop();
  await rm(profile, { recursive: true, force: true });
});

/** A new browser process on the profile. */
async function open(path = "/") {
  await browser?.close();
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  const page = browser.pages()[0] ?? (await browser.newPage());
  page.setDefaultTimeout(20_000);
  await page.goto(site.address + path);
  return page;
}

/** The app runs: its own screen stands where the first paint was. */
async function started(page) {
  await page.locator("#opening").waitFor({ state: "detached" });
  assert.equal(await page.locator("#broken").isVisible(), false);
}

/** The whole shell is on the device and this page is served from there. */
async function kept(page) {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

const versions = (page) => page.evaluate(() => caches.keys());
const lookForUpdate = (page) =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    await registration.update().catch(() => {});
  });

/** Counts what the page is told, and marks it so that a reload shows. */
const watch = (page) =>
  page.evaluate(() => {
    Object.assign(window, { timesTold: 0, notReloaded: true });
    window.addEventListener("holdfast-update", () => window.timesTold++);
  });
const told = (page) => page.waitForFunction(() => window.timesTold > 0);
const takeOver = (page) => page.evaluate(() => void window.dispatchEvent(new Event("holdfast-take-over")));

test("starts with no server from the second load on, at any address", async () => {
  await kept(await open());
  await site.stop();
  const page = await open("/mismatch/new");
  await started(page);
  const letters = await page.evaluate(async () => {
    await document.fonts.ready;
    return [...document.fonts].filter((font) => font.status === "loaded").length;
  });
  assert.ok(letters > 0, "the letters are kept as well");
});

test("never answers for the server", async () => {
  const page = await open();
  await kept(page);
  await site.stop();
  const answers = await page.evaluate((paths) => Promise.all(paths.map((path) => fetch(path).then(() => path, () => null))), [
    "/api/v1/session",
    "/healthz",
  ]);
  assert.deepEqual(answers, [null, null]);
  await assert.rejects(page.goto(`${site.address}/readyz`), /ERR_CONNECTION_REFUSED/);
});

test("fetches each file of the first load once", async () => {
  const asked = new Map();
  site.server.on("request", (request) => asked.set(request.url, (asked.get(request.url) ?? 0) + 1));
  await kept(await open());
  const twice = [...asked].filter(([path, times]) => /\.[0-9a-f]{16}\./.test(path) && times > 1);
  assert.deepEqual(twice, []);
});

test("offers a newer version and swaps in the tab that agreed, and there alone", async () => {
  const page = await open();
  await kept(page);
  await started(page);
  await watch(page);
  site.folder = await nextVersion(SITE, "Next");
  await lookForUpdate(page);
  await told(page);

  const second = await browser.newPage();
  await second.goto(`${site.address}/more`);
  await started(second);
  await watch(second);
  assert.equal(await titleServed(second), "Holdfast", "until somebody agrees, a new tab gets the version all others have");

  await takeOver(page);
  await page.waitForFunction(() => window.notReloaded === undefined);
  await started(page);
  assert.equal(await titleServed(page), "Next");
  await told(second);
  assert.equal(await second.evaluate(() => window.notReloaded), true, "a form may be open in the second tab");

  await takeOver(second);
  await second.waitForFunction(() => window.notReloaded === undefined);
  assert.equal((await versions(page)).length, 1, "the older version is gone");
});

/** The title in the page that is served from the device, whatever the app made of it since. */
function titleServed(page) {
  return page.evaluate(async () => (await (await fetch("/")).text()).match(/<title>(.*?)<\/title>/)[1]);
}

test("keeps the version it has where a newer one is not whole", async () => {
  const page = await open();
  await kept(page);
  const before = await versions(page);
  const next = await nextVersion(SITE, "Next");
  await write(next, "index.html", (await readFile(join(next, "index.html"), "utf8")).replace("Next", "Changed on the way"));
  site.folder = next;
  await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    const dropped = new Promise((settle) => {
      registration.addEventListener("updatefound", () => {
        const worker = registration.installing;
        worker.addEventListener("statechange", () => worker.state === "redundant" && settle());
      });
    });
    await registration.update().catch(() => {});
    await dropped;
  });
  assert.equal(await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).waiting), null);
  assert.deepEqual(await versions(page), before);
});

test("shows the plain page when the app stops, and opens again", async () => {
  const page = await open();
  await started(page);
  await page.evaluate(() => {
    window.dispatchEvent(new ErrorEvent("error", { error: new WebAssembly.RuntimeError("unreachable") }));
  });
  await page.getByRole("heading", { name: "This screen did not open" }).waitFor();
  assert.equal(await page.getByRole("heading").count(), 1, "nothing else can be reached");
  await page.getByRole("button", { name: "Open it again" }).click();
  await page.getByRole("heading", { name: "This screen did not open" }).waitFor({ state: "hidden" });
  await started(page);
});

test("another kind of error leaves the screen as it is", async () => {
  const page = await open();
  await started(page);
  await page.evaluate(() => void window.dispatchEvent(new ErrorEvent("error", { error: new TypeError("of an extension") })));
  assert.equal(await page.locator("#broken").isVisible(), false);
});

test("shows the plain page when the app cannot start, and opens once it can", async () => {
  const lame = await mkdtemp(join(tmpdir(), "holdfast-site-"));
  await cp(SITE, lame, { recursive: true });
  const binary = (await readdir(SITE)).find((name) => /^app_bg\..*\.wasm$/.test(name));
  await rm(join(lame, `${binary}.br`));
  site.folder = lame;
  const page = await open();
  await page.getByRole("heading", { name: "This screen did not open" }).waitFor();
  site.folder = SITE;
  await page.getByRole("button", { name: "Open it again" }).click();
  await started(page);
});

test("says what to do where JavaScript is off", async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await page.goto(site.address);
  const box = await page.locator("noscript").boundingBox();
  assert.ok(box && box.height > 20, "the message is drawn");
  assert.match(await page.locator("noscript").innerText(), /Turn JavaScript on/);
});
