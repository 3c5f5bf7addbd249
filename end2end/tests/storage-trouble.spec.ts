// The phone's own storage fails: the browser closes the database under the app, or has no room left.
import { expect, test } from "../support/fixtures.ts";
import { fillNote, record, signIn, writeNote } from "../support/tasks.ts";

const NOTE = { person: "Siân Pugh", care: ["Skin"], other: "Heels looked at, no redness." };

/** Runs before the app: lets a test close every database connection that the page opened. */
function watchConnections() {
  const opened: IDBDatabase[] = [];
  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function (...given: Parameters<typeof open>) {
    const request = open.apply(this, given);
    request.addEventListener("success", () => opened.push(request.result));
    return request;
  };
  Object.assign(globalThis, {
    closeConnections() {
      const closed = opened.splice(0);
      for (const connection of closed) connection.close();
      return closed.length;
    },
  });
}

test("a connection that closes under the app is opened again, and nothing is lost", async ({ server, open }) => {
  const { page } = await open("phone", server.origin, watchConnections);
  await signIn(page, "support-worker");
  expect(await page.evaluate("closeConnections()")).toBeGreaterThan(0);
  await writeNote(page, NOTE);
  await expect(record(page, NOTE.person)).toContainText("Sent");
  expect(await page.evaluate("closeConnections()"), "it was opened anew").toBeGreaterThan(0);
  await page.reload();
  await expect(record(page, NOTE.person)).toContainText("Sent");
});

/** Fills what the browser allows this origin, in ever smaller pieces, with a database of its own. */
async function fillUp() {
  const database = await new Promise<IDBDatabase>((opened, failed) => {
    const request = indexedDB.open("other things", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("things", { autoIncrement: true });
    request.onsuccess = () => opened(request.result);
    request.onerror = () => failed(request.error);
  });
  const kept = (bytes: number) =>
    new Promise<boolean>((end) => {
      const transaction = database.transaction("things", "readwrite", { durability: "strict" });
      transaction.objectStore("things").add(crypto.getRandomValues(new Uint8Array(Math.min(bytes, 65_536))));
      transaction.oncomplete = () => end(true);
      transaction.onabort = () => end(false);
    });
  for (const bytes of [65_536, 4_096, 64]) while (await kept(bytes));
  database.close();
}

test("a phone without room says so, keeps the words, and saves once there is room", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Storage.overrideQuotaForOrigin", { origin: server.origin, quotaSize: 24 * 1024 * 1024 });
  await signIn(page, "support-worker");
  await fillNote(page, NOTE);
  await page.evaluate(fillUp);
  await page.getByRole("button", { name: "Save note" }).click();
  await expect(page.getByText("This phone has no room left, so the record is not saved yet.")).toBeVisible();

  await devtools.send("Storage.overrideQuotaForOrigin", { origin: server.origin });
  await expect(async () => {
    const save = page.getByRole("button", { name: "Save note" });
    if (await save.isVisible()) await save.click();
    await expect(record(page, NOTE.person)).toContainText("Sent", { timeout: 2_000 });
  }).toPass();
  await record(page, NOTE.person).getByRole("link").click();
  await expect(page.getByText(NOTE.other)).toBeVisible();
});
