// What 'Saved' stands on: one strict transaction over everything a record needs, complete before it is said.
import { expect, test } from "../support/fixtures.ts";
import { fillMismatch, record, signIn } from "../support/tasks.ts";
import { watchTransactions } from "../support/transactions.ts";

test("a save is one strict transaction over outbox, own and state", async ({ server, open }) => {
  const phone = await open("phone", server.origin, watchTransactions);
  await signIn(phone.page, "support-worker");
  await server.kill();
  await fillMismatch(phone.page, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
  await phone.page.evaluate(() => (window.transactions = []));
  await phone.page.getByRole("button", { name: "Save report" }).click();
  await expect(record(phone.page, "Jean Whitby")).toContainText("Saved on this phone");

  const writes = await phone.page.evaluate(() =>
    window.transactions.filter((it) => it.mode === "readwrite" && it.stores.includes("own")),
  );
  expect(writes).toEqual([
    { stores: ["outbox", "own", "state"], mode: "readwrite", durability: "strict", complete: true },
  ]);
});

test("nothing says 'Saved' before that transaction is complete", async ({ server, open }) => {
  const phone = await open("phone", server.origin, watchTransactions);
  await signIn(phone.page, "support-worker");
  await server.kill();
  await fillMismatch(phone.page, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
  await phone.page.evaluate(() => {
    window.transactions = [];
    window.holdSaves = true;
  });
  await phone.page.getByRole("button", { name: "Save report" }).click();
  const pending = () =>
    phone.page.evaluate(() => window.transactions.some((it) => it.stores.includes("own") && it.mode === "readwrite" && !it.complete));
  await expect.poll(pending).toBe(true);
  // Long enough held for anything that does not wait for it to have been drawn: two frames and a task.
  await phone.page.evaluate(
    () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn)))),
  );
  expect(await pending()).toBe(true);
  await expect(phone.page.getByText(/saved on this phone/i)).toHaveCount(0);

  await phone.page.evaluate(() => (window.holdSaves = false));
  await expect(record(phone.page, "Jean Whitby")).toContainText("Saved on this phone");
});
