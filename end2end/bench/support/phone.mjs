// The app as it ships, used through its screens; what has to be there in numbers is put into its database by the code
// that would have put it there.
import { outboxRows } from "./servers.mjs";

const PASSWORD = "holdfast-demo";

/** The script that runs before the app: notes when each text of interest is first on the screen, after its next paint. */
export const watch = (watched) => `
  globalThis.seen = new Map();
  globalThis.watched = new Set(${JSON.stringify(watched)});
  new MutationObserver(() => {
    const text = document.body?.textContent ?? "";
    for (const it of watched) if (!seen.has(it) && text.includes(it)) {
      seen.set(it, NaN);
      requestAnimationFrame(() => setTimeout(() => seen.set(it, performance.now())));
    }
  }).observe(document, { childList: true, subtree: true, characterData: true });
`;

export function openApp(chromium, origin, watched = [], slower = 1) {
  return chromium.open(`${origin}/`, watch(watched), slower);
}

export const state = (label) => `document.querySelector('[aria-label="Connection"]')?.textContent.includes(${JSON.stringify(label)})`;

/** Signs in and says that this is the person's own phone. */
export async function signIn(page, username = "support-worker") {
  await page.when(`document.getElementById("password")`);
  await page.run((username, password) => {
    const put = (id, value) => {
      const field = document.getElementById(id);
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    };
    put("username", username);
    put("password", password);
    document.querySelector("button[type=submit]").click();
  }, username, PASSWORD);
  await page.when(`[...document.querySelectorAll("label")].some((it) => it.textContent.includes("NHC-"))`);
  const answer = () => {
    const own = [...document.querySelectorAll("label")].find((it) => it.textContent.includes("My own phone"));
    own?.click();
    [...document.querySelectorAll("button")].find((it) => it.textContent.includes("Use this device"))?.click();
  };
  // Labels arrive while the list is read; what falls between two lists is done again.
  const until = Date.now() + 120_000;
  while (!(await page.run(`Boolean(document.getElementById("my-records"))`))) {
    if (Date.now() > until) throw new Error("no home after signing in");
    await page.run(answer);
    await new Promise((next) => setTimeout(next, 100));
  }
  await page.when(state("All sent"));
}

/** Everything below runs in a page: IndexedDB as promises. */
const DATABASE = `
  const settled = (request) => new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  const database = () => settled(indexedDB.open("holdfast"));
`;

/** The vault of the phone that this page's origin is. */
function vaultOf(page) {
  return page.run(`(async () => {
    ${DATABASE}
    const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    const db = await database();
    const get = (store, key) => settled(db.transaction(store).objectStore(store).get(key));
    const [vault] = await settled(db.transaction("vaults").objectStore("vaults").getAllKeys());
    const row = await get("vaults", vault);
    const sealed = async (name) => text((await get("state", [vault, name])).sealed);
    const n = await get("state", [vault, "n"]);
    const asked = {
      vault, data_key: text(row.dek), account: await sealed("account"), author: await sealed("author"),
      n: n ? text(n.sealed) : null, beacon: JSON.parse((await get("device", "beacon")).value), now: Date.now(),
    };
    db.close();
    return asked;
  })()`);
}

/** Sends as many notes to the server as this phone's user, by nothing but requests. */
export async function fillServer(chromium, origin, notes) {
  await sendEntries(chromium, origin, { notes });
}

/** Sends what `asked` asks for (`domain/examples/outbox_rows.rs`) as this phone's user, by nothing but requests; gives the entries. */
export async function sendEntries(chromium, origin, what) {
  const page = await chromium.open(`${origin}/healthz`);
  const asked = await vaultOf(page);
  const device = await page.run(`(async () => {
    ${DATABASE}
    const db = await database();
    const row = (name) => settled(db.transaction("device").objectStore("device").get(name)).then((it) => JSON.parse(it.value));
    const found = { device: await row("device"), certs: await row("certificates") };
    db.close();
    return found;
  })()`);
  let cursor = null;
  const entries = outboxRows({ ...asked, ...what, entries: true });
  for (let at = 0; at < entries.length; at += 500) {
    const part = entries.slice(at, at + 500);
    const head = JSON.stringify({ v: 1, ...device, sent_at: Date.now(), app: "bench", cursor, waiting: { count: 0, oldest: null, n: {} } });
    const body = `${head.slice(0, -1)},"entries":[${part.join(",")}]}`;
    cursor = await page.run(async (body) => {
      for (;;) {
        const answer = await fetch("/api/v1/sync", { method: "POST", headers: { "Content-Type": "application/json" }, body });
        if (answer.status === 429 || answer.status === 503) continue;
        const said = await answer.json();
        if (!said.verdicts?.every((it) => it.seq)) throw new Error(JSON.stringify(said).slice(0, 300));
        return said.cursor;
      }
    }, body);
  }
  await page.close();
  return entries.map((it) => JSON.parse(it));
}

/** What the log of this phone's user says: each entry with its body. */
export async function log(chromium, origin) {
  const page = await chromium.open(`${origin}/healthz`);
  const entries = await page.run(`(async () => {
    ${DATABASE}
    const db = await database();
    const row = (name) => settled(db.transaction("device").objectStore("device").get(name)).then((it) => JSON.parse(it.value));
    const head = { v: 1, device: await row("device"), certs: await row("certificates"), app: "bench", waiting: { count: 0, oldest: null, n: {} }, entries: [] };
    db.close();
    const all = [];
    for (let cursor = null, more = true; more; ) {
      const body = JSON.stringify({ ...head, sent_at: Date.now(), cursor });
      const said = await (await fetch("/api/v1/sync", { method: "POST", headers: { "Content-Type": "application/json" }, body })).json();
      all.push(...said.entries.filter((it) => it.entry).map((it) => it.entry));
      ({ cursor } = said);
      more = Boolean(said.more);
    }
    return all;
  })()`);
  await page.close();
  return entries;
}

/** Puts as many notes into the phone's outbox as if they had been saved there; gives the vault. */
export async function fillOutbox(chromium, origin, notes) {
  const page = await chromium.open(`${origin}/healthz`);
  const vault = await vaultOf(page);
  const rows = outboxRows({ ...vault, notes });
  for (let at = 0; at < rows.length; at += 2_000) {
    await page.run(`(async (rows) => {
      ${DATABASE}
      const value = (it) => it !== null && typeof it === "object" ? Uint8Array.fromBase64(it.b, { alphabet: "base64url" }) : it;
      const db = await database();
      const transaction = db.transaction(["state", "outbox", "own"], "readwrite");
      for (const [store, key, row] of rows) {
        const parts = key.map(value);
        const fields = Object.fromEntries(Object.entries(row).map(([name, it]) => [name, value(it)]));
        transaction.objectStore(store).put(fields, parts.length === 1 ? parts[0] : parts);
      }
      await new Promise((done, failed) => { transaction.oncomplete = done; transaction.onabort = () => failed(transaction.error); });
      db.close();
    })([${rows.slice(at, at + 2_000).join(",")}])`);
  }
  await page.close();
  return vault.vault;
}

/** Says as another tab would that something was saved; gives the milliseconds until all of it was sent and stored. */
export async function push(page, vault, notes) {
  await page.front();
  return page.run(
    (vault, notes) =>
      new Promise((done, failed) => {
        const began = performance.now();
        const until = setTimeout(() => failed(new Error(`not sent in time: ${document.body.innerText.slice(0, 200)}`)), 240_000);
        let sending = false;
        const look = () => {
          const said = document.querySelector('[aria-label="Connection"]')?.textContent ?? "";
          sending ||= said.includes(`Sending`);
          if (!sending || !said.includes("All sent")) return;
          clearTimeout(until);
          eyes.disconnect();
          done(performance.now() - began);
        };
        const eyes = new MutationObserver(look);
        eyes.observe(document.body, { childList: true, subtree: true, characterData: true });
        new BroadcastChannel("holdfast").postMessage(JSON.stringify({ saved: { vault } }));
      }),
    vault,
    notes,
  );
}

/** Opens a phone that lacks so many notes: the milliseconds from its first request for them until they are in view. */
export async function pull(chromium, origin, words) {
  const page = await openApp(chromium, origin, [words]);
  await page.when(`seen.get(${JSON.stringify(words)}) > 0`, 240);
  const taken = await page.run(`(() => {
    const first = performance.getEntriesByType("resource").find((it) => it.name.endsWith("/api/v1/sync"));
    return seen.get(${JSON.stringify(words)}) - first.startTime;
  })()`);
  await page.when(state("All sent"));
  return { page, taken };
}

/** Waits until every page that this phone has pulled stands in a checkpoint. */
export async function checkpointed(page) {
  const has = `(async () => {
    ${DATABASE}
    const db = await database();
    const keys = await settled(db.transaction("checkpoint").objectStore("checkpoint").getAllKeys());
    db.close();
    const kinds = keys.map(([, kind]) => kind);
    return kinds.includes("of") && !kinds.includes("page");
  })()`;
  for (const until = Date.now() + 120_000; !(await page.run(has)); ) {
    if (Date.now() > until) throw new Error("no checkpoint within 120 s");
    await new Promise((next) => setTimeout(next, 200));
  }
}

/** Opens the app; milliseconds from the beginning of navigation until the words are painted. */
export async function startTime(chromium, origin, words, slower = 1) {
  const started = await openApp(chromium, origin, [words], slower);
  await started.when(`seen.get(${JSON.stringify(words)}) > 0`, 240);
  const taken = await started.run(`seen.get(${JSON.stringify(words)})`);
  await started.close();
  return taken;
}

/** Writes notes by the form; for each, milliseconds until its transaction was complete: since it began, and since 'Save note' was pressed. */
export async function saves(page, count) {
  await page.front();
  return page.run(async (count) => {
    const when = (holds) =>
      new Promise((done, failed) => {
        const until = setTimeout(() => failed(new Error(`${holds}: ${document.body.innerText.slice(0, 400)}`)), 60_000);
        const look = () => {
          const it = holds();
          if (!it) return void setTimeout(look);
          clearTimeout(until);
          done(it);
        };
        look();
      });
    const named = (role, words) => [...document.querySelectorAll(role)].find((it) => it.textContent.includes(words));
    const type = (field, value) => {
      field.focus();
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const open = IDBDatabase.prototype.transaction;
    let saved;
    let opened;
    IDBDatabase.prototype.transaction = function (stores, mode, options) {
      const called = performance.now();
      const transaction = open.call(this, stores, mode, options);
      if (mode === "readwrite" && options?.durability === "strict" && transaction.objectStoreNames.contains("outbox")) {
        opened = called;
        transaction.addEventListener("complete", () => saved?.(performance.now()));
      }
      return transaction;
    };
    const taken = [];
    for (let at = 0; at < count; at++) {
      (await when(() => named("a", "Write a temporary note"))).click();
      type(await when(() => document.querySelector("[role=combobox]")), "Siân Pugh");
      // What is found is drawn by then.
      await when(() => document.querySelectorAll("[role=option]").length === 1);
      named("[role=option]", "Siân Pugh").click();
      type(await when(() => document.querySelector("textarea")), `Heels looked at, no redness. ${crypto.randomUUID()}`);
      named("label", "No").click();
      const button = await when(() => named("button", "Save note"));
      await new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
      let ended;
      saved = (now) => (ended = now);
      const began = performance.now();
      button.click();
      await when(() => ended);
      taken.push({ save: ended - opened, form: ended - began });
      await when(() => document.getElementById("my-records"));
    }
    IDBDatabase.prototype.transaction = open;
    return taken;
  }, count);
}
