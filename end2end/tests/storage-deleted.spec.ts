// The browser deletes the database under the app, or while it is closed. The app puts back what it still has, or says
// at least how much is lost, in words that say what to do.
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { fillNote, myRecords, PASSWORD, record, shellIsKept, signIn, writeNote } from "../support/tasks.ts";

const FIRST = { person: "Siân Pugh", care: ["Skin"], other: "Heels looked at, no redness." };
const SECOND = { person: "Jean Whitby", care: [], other: "Ate half of her lunch." };

/** Deletes the app's database from a page of the same origin that runs no app; resolves when it is gone. */
async function deleteDatabase(page: Page): Promise<void> {
  const other = await page.context().newPage();
  await other.goto("/healthz");
  await other.evaluate(
    () =>
      new Promise<void>((gone, failed) => {
        const request = indexedDB.deleteDatabase("holdfast");
        request.onsuccess = () => gone();
        request.onerror = () => failed(request.error);
      }),
  );
  await other.close();
}

/** Has the browser itself clear IndexedDB for this origin, as it does when room is short. */
async function clearStorage(page: Page, origin: string): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Storage.clearDataForOrigin", { origin, storageTypes: "indexeddb" });
}

for (const [how, remove] of [
  ["by another page", deleteDatabase],
  ["by the browser", clearStorage],
] as const) {
  test(`a database deleted ${how} while the app is open is put back with what was not sent`, async ({ proxied: { server, proxy }, open }) => {
    const phone = await open("phone", server.origin);
    await signIn(phone.page, "support-worker");
    await shellIsKept(phone.page);
    await writeNote(phone.page, FIRST);
    await expect(record(phone.page, FIRST.person)).toContainText("Sent");
    proxy.set({ kind: "status", status: 503 });
    await writeNote(phone.page, SECOND);
    await expect(record(phone.page, SECOND.person)).toContainText("Saved on this phone");

    await remove(phone.page, server.origin);
    await expect(phone.page.getByRole("alert")).toContainText("Nothing is lost: 1 record not sent yet is saved again.");
    await phone.page.getByRole("button", { name: "I have read this" }).click();
    await expect(phone.page.getByRole("alert")).toHaveCount(0);

    // It lies in the database again, not in memory alone, and counts go on where they were. Names come with the log.
    await phone.close();
    await phone.reopen();
    await expect(myRecords(phone.page).getByRole("listitem").filter({ hasText: "Saved on this phone" })).toHaveCount(1);
    proxy.set(undefined);
    await expect(record(phone.page, SECOND.person)).toContainText("Sent", { timeout: 60_000 });
    await writeNote(phone.page, { ...FIRST, other: "Heels again." });
    await expect(record(phone.page, FIRST.person).filter({ hasText: "Sent" })).toHaveCount(2);
    const sent = proxy.passed.flatMap((body) => JSON.parse(body).entries as { id: string; key: string; n: number }[]);
    const counts = new Map(sent.map((entry) => [`${entry.key} ${entry.n}`, entry.id]));
    expect(counts.size, "no count was used for two entries").toBe(new Set(sent.map((entry) => entry.id)).size);
  });
}

/** Signs in again on a phone that has lost everything, and says which device it is. */
async function signInAnew(page: Page): Promise<void> {
  await page.getByRole("textbox", { name: "Username" }).fill("support-worker");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("radio", { name: "My own phone" }).check();
  await page.getByRole("button", { name: "Use this device" }).click();
}

test("a database deleted while the app was closed: it says that at least 2 records are lost, and what to do", async ({ server, open }) => {
  const phone = await open("phone", server.origin);
  await signIn(phone.page, "support-worker");
  await shellIsKept(phone.page);
  await writeNote(phone.page, FIRST);
  await expect(record(phone.page, FIRST.person)).toContainText("Sent");
  await phone.close();
  await server.kill();
  await phone.reopen();
  await writeNote(phone.page, SECOND);
  await writeNote(phone.page, { ...FIRST, other: "Sat out for an hour." });
  await expect(record(phone.page, SECOND.person)).toContainText("Saved on this phone");

  // Closed as a person closes it: the last second of localStorage is on disk, too.
  await phone.page.goto("about:blank");
  await clearStorage(phone.page, server.origin);
  await phone.close();
  await server.start();
  await phone.reopen();
  await expect(phone.page.getByRole("alert").first()).toContainText("This browser has deleted what Holdfast kept on this phone.");
  await signInAnew(phone.page);
  const alert = () => phone.page.getByRole("main").getByRole("alert");
  await expect(alert()).toContainText("At least 2 records written on this phone were not sent and are lost. Write them again, from memory or paper.");
  await expect(record(phone.page, FIRST.person)).toContainText("Sent");

  // It is said until somebody has read it, also after a new start with no signal, and then no more.
  await phone.close();
  await server.kill();
  await phone.reopen();
  await expect(alert()).toContainText("At least 2 records");
  await alert().getByRole("button", { name: "I have read this" }).click();
  await expect(alert()).toHaveCount(0);
  await fillNote(phone.page, SECOND);
  await phone.page.getByRole("button", { name: "Save note" }).click();
  await expect(record(phone.page, SECOND.person)).toContainText("Saved on this phone");
  await phone.page.reload();
  await expect(record(phone.page, SECOND.person)).toContainText("Saved on this phone");
  await expect(alert()).toHaveCount(0);
});

test("a database deleted after everything was sent: it says that no record is missing", async ({ server, open }) => {
  const phone = await open("phone", server.origin);
  await signIn(phone.page, "support-worker");
  await writeNote(phone.page, FIRST);
  await expect(record(phone.page, FIRST.person)).toContainText("Sent");
  await phone.page.goto("about:blank");
  await clearStorage(phone.page, server.origin);
  await phone.page.goto("/");
  await expect(phone.page.getByRole("alert").first()).toContainText("This browser has deleted what Holdfast kept on this phone.");
  await signInAnew(phone.page);
  await expect(phone.page.getByRole("main").getByRole("alert")).toContainText("No record is missing.");
});
