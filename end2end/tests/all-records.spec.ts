// Whoever may read what others write finds all of it in one list, by person, service and kind.
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { connection, record, reportMismatch, shellIsKept, signIn, tab, writeNote } from "../support/tasks.ts";

const all = (page: Page) => page.getByRole("list", { name: "All records" }).getByRole("listitem");

test("a manager finds others' records by person and kind, opens one, and comes back to the list", async ({ server, open }) => {
  const worker = await open("phone", server.origin);
  await signIn(worker.page, "support-worker");
  await reportMismatch(worker.page, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
  await writeNote(worker.page, { person: "Siân Pugh", care: [], other: "Calm and well." });
  await expect(record(worker.page, "Siân Pugh")).toContainText("Sent");
  await expect(worker.page.getByRole("link", { name: "All records" })).toHaveCount(0);

  const { page } = await open("phone", server.origin);
  await signIn(page, "registered-manager");
  await shellIsKept(page);
  await tab(page, "Records");
  await page.getByRole("link", { name: "All records" }).click();
  await expect(all(page)).toHaveText([/Note: Siân Pugh\s*Marta Kowalska · Today/, /Mismatch: Jean Whitby\s*Marta Kowalska · Today/]);
  await page.getByRole("button", { name: "Mismatches" }).click();
  await expect(all(page)).toHaveCount(1);
  await page.getByRole("searchbox", { name: "About whom" }).fill("pugh");
  await expect(page.getByRole("heading", { name: "No record fits" })).toBeVisible();
  await page.getByRole("button", { name: "Show all" }).click();
  await expect(all(page)).toHaveCount(2);
  await page.getByRole("combobox", { name: "Service" }).selectOption("Elm Bank");
  await expect(all(page)).toHaveCount(0);
  await page.getByRole("combobox", { name: "Service" }).selectOption("Northgate Home Care");
  await expect(all(page)).toHaveCount(2);

  await all(page).filter({ hasText: "Siân Pugh" }).getByRole("link").click();
  await expect(page.getByText("Calm and well.")).toBeVisible();
  await page.getByRole("link", { name: "Back" }).click();
  await expect(page.getByRole("heading", { name: "All records", level: 1 })).toBeVisible();

  await server.kill();
  await page.reload();
  await expect(connection(page)).toHaveText("Offline");
  await expect(page.getByText("There is no signal. These are the records of")).toBeVisible();
  await expect(all(page)).toHaveCount(2);
});

test("oversight, which writes and receives nothing, is led to all records and told what else is not for it", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  await signIn(page, "provider-oversight");
  await tab(page, "Records");
  await expect(page.getByRole("heading", { name: "No records yet" })).toBeVisible();
  await page.getByRole("link", { name: "My records" }).click();
  await expect(page.getByText("Your role writes no records")).toBeVisible();
  await page.goto("/inbox");
  await expect(page.getByRole("heading", { name: "This is not for your role" })).toBeVisible();
  await page.getByRole("link", { name: "Go to home" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Good");
});

test("a support worker who types the address of all records or of an inbox is told whose it is", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  await signIn(page, "support-worker");
  for (const path of ["/all-records", "/inbox"]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { name: "This is not for your role" })).toBeVisible();
    await expect(page.getByRole("link", { name: "Go to home" })).toBeVisible();
  }
});
