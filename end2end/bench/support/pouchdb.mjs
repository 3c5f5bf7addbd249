// PouchDB in the same browser, replicating with its own server: the same entries as documents.

export async function openPouch(chromium, origin) {
  const page = await chromium.open(`${origin}/page`);
  await page.when("globalThis.PouchDB");
  await page.run(`(() => {
    const bytes = (n) => { const all = new Uint8Array(n); crypto.getRandomValues(all); return btoa(String.fromCharCode(...all)).replaceAll("=", ""); };
    // The members of an entry as it travels, with random bytes of the same lengths.
    globalThis.entry = (n) => ({
      _id: crypto.randomUUID(), service: crypto.randomUUID(), author: crypto.randomUUID(), device: crypto.randomUUID(), key: bytes(16), n,
      made: Date.now(), skew: 0, beacon: { time: Date.now(), mac: bytes(16) }, length: 200, commit: bytes(32), sig: bytes(64), salt: bytes(16),
      body: JSON.stringify({ kind: "note/1", about: null, data: { person: crypto.randomUUID(), delivered: [], other: bytes(60), escalation: { any: "no" }, happened_at: null, given_by: null } }),
    });
  })()`);
  return page;
}

/** Single puts, each awaited: milliseconds of each. */
export async function puts(page, count) {
  await page.front();
  return page.run(async (count) => {
    const db = new PouchDB(`puts-${crypto.randomUUID()}`, { auto_compaction: false });
    await db.put(entry(0));
    const taken = [];
    for (let at = 1; at <= count; at++) {
      const document = entry(at);
      const began = performance.now();
      await db.put(document);
      taken.push(performance.now() - began);
      await new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
    }
    await db.close();
    return taken;
  }, count);
}

/** Milliseconds to replicate so many documents to the server, and from there into a fresh database. */
export async function replicate(page, count) {
  await page.front();
  return page.run(async (count) => {
    const name = `notes-${crypto.randomUUID()}`;
    const remote = `${location.origin}/db/${name}`;
    await (await fetch(remote, { method: "PUT" })).text();
    const options = { batch_size: 500 };
    const source = new PouchDB(`${name}-from`);
    await source.bulkDocs(Array.from({ length: count }, (_, n) => entry(n)));
    let began = performance.now();
    await source.replicate.to(remote, options);
    const push = performance.now() - began;
    const fresh = new PouchDB(`${name}-to`);
    await fresh.info();
    began = performance.now();
    await fresh.replicate.from(remote, options);
    const pull = performance.now() - began;
    if ((await fresh.info()).doc_count !== count) throw new Error("not all arrived");
    await source.destroy();
    await fresh.destroy();
    return { push, pull };
  }, count);
}
