// A start reads a checkpoint in place of the pages it stands for, shows what has come since as well, and needs none.
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { person, record, shellIsKept, signIn, tab, writeNote } from "../support/tasks.ts";

const NOTE = { person: "Siân Pugh", care: ["Skin"], other: "Heels looked at, no redness." };

/** The second part of the key of each row of a store, or of those of one kind; what is sealed in them is broken, or they are deleted. */
function rows(page: Page, store: string, then?: "break" | "delete", kind?: string): Promise<string[]> {
  return page.evaluate(
    async ([store, then, kind]) => {
      const settled = <T>(request: IDBRequest<T>) => new Promise<T>((done) => (request.onsuccess = () => done(request.result)));
      const database = await settled(indexedDB.open("holdfast"));
      const rows = database.transaction(store as string, "readwrite").objectStore(store as string);
      const keys = (await settled(rows.getAllKeys())) as IDBValidKey[][];
      const those = keys.filter((key) => !kind || key[1] === kind);
      for (const key of those) {
        if (then === "break") await settled(rows.put({ sealed: new Uint8Array(64) }, key));
        if (then === "delete") await settled(rows.delete(key));
      }
      database.close();
      return those.map((key) => String(key[1]));
    },
    [store, then, kind],
  );
}

/** Which kinds of rows lie in `checkpoint`: `of` is one of pages, `page` the mark of one that none stands for. */
const kinds = (page: Page) => rows(page, "checkpoint");

/** Waits until a checkpoint stands for every page. */
async function checkpointed(page: Page): Promise<void> {
  await expect(async () => {
    const there = await kinds(page);
    expect(there).toContain("of");
    expect(there).not.toContain("page");
  }).toPass();
}

test("what has come since a checkpoint is shown as well", async ({ server, open }) => {
  const leader = await open("phone", server.origin);
  await signIn(leader.page, "team-leader");
  await shellIsKept(leader.page);
  await checkpointed(leader.page);

  const worker = await open("phone", server.origin);
  await signIn(worker.page, "support-worker");
  await writeNote(worker.page, NOTE);
  await expect(record(worker.page, NOTE.person)).toContainText("Sent");
  await tab(leader.page, "Inbox");
  const arrived = leader.page.getByRole("main").getByRole("link").filter({ hasText: NOTE.person });
  await expect(arrived.first()).toBeVisible();
  expect(await kinds(leader.page), "it has come since").toContain("page");

  await server.kill();
  await leader.page.reload();
  await expect(arrived.first()).toBeVisible();
  await person(leader.page, "Jean Whitby");
});

test("a checkpoint stands for its pages", async ({ server, open }) => {
  const phone = await open("phone", server.origin);
  await signIn(phone.page, "support-worker");
  await shellIsKept(phone.page);
  await checkpointed(phone.page);
  await server.kill();

  expect((await rows(phone.page, "pages", "break")).length).toBeGreaterThan(0);
  await phone.page.reload();
  await person(phone.page, "Jean Whitby");
});

test("a checkpoint that does not open is passed over for its pages", async ({ server, open }) => {
  const phone = await open("phone", server.origin);
  await signIn(phone.page, "support-worker");
  await shellIsKept(phone.page);
  await checkpointed(phone.page);
  await server.kill();

  expect((await rows(phone.page, "checkpoint", "break", "of")).length).toBeGreaterThan(0);
  await phone.page.reload();
  await person(phone.page, "Jean Whitby");
});

test("what does not open is said, and fetched again once there is signal", async ({ server, open }) => {
  const phone = await open("phone", server.origin);
  await signIn(phone.page, "support-worker");
  await shellIsKept(phone.page);
  await writeNote(phone.page, NOTE);
  await expect(record(phone.page, NOTE.person)).toContainText("Sent");
  await server.kill();

  expect((await rows(phone.page, "pages", "break")).length).toBeGreaterThan(0);
  await rows(phone.page, "checkpoint", "break", "of");
  await phone.page.reload();
  const said = phone.page.getByRole("alert").filter({ hasText: "This phone cannot read part of what it kept." });
  await expect(said).toBeVisible();
  await expect(record(phone.page, /./)).toContainText("Sent");
  await tab(phone.page, "People");
  await expect(phone.page.getByText("Nobody of that name is on this phone.")).toBeVisible();

  await phone.page.reload();
  await expect(said, "until it was fetched").toBeVisible();

  await server.start();
  await phone.page.reload();
  await person(phone.page, "Jean Whitby");
  await expect(said).toHaveCount(0);
  await server.kill();
  await phone.page.reload();
  await expect(phone.page.getByRole("heading", { level: 1, name: "Jean Whitby" })).toBeVisible();
  await expect(said).toHaveCount(0);
});

test("a phone that has no page of the log any more fetches it again", async ({ server, open }) => {
  const phone = await open("phone", server.origin);
  await signIn(phone.page, "support-worker");
  await rows(phone.page, "pages", "delete");
  await phone.page.reload();
  await person(phone.page, "Jean Whitby");
});
