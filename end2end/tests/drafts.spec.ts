// What somebody was typing is there again after the tab or the whole browser died.
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { crash, myRecords, person, pick, record, shellIsKept, signIn } from "../support/tasks.ts";
import { watchTransactions } from "../support/transactions.ts";

const DEVICE_SAYS = "Level 5 minced and moist; she coughed at lunch";

async function startReport(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Report a mismatch" }).click();
  await pick(page, "Jean Whitby");
  await page.getByRole("textbox", { name: "What the device says" }).pressSequentially(DEVICE_SAYS);
}

async function expectDraft(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Report a mismatch" }).click();
  await expect(page.getByRole("textbox", { name: "What the device says" })).toHaveValue(DEVICE_SAYS);
}

test("a killed tab loses nothing that was typed", async ({ server, open }) => {
  const phone = await open("phone", server.origin);
  await signIn(phone.page, "support-worker");
  await shellIsKept(phone.page);
  await startReport(phone.page);
  await crash(phone.page);

  const page = await phone.context.newPage();
  await page.goto("/");
  await expectDraft(page);
});

test("a killed browser loses nothing that was typed a second before, also with no signal", async ({ server, open }) => {
  const phone = await open("phone", server.origin, watchTransactions);
  await signIn(phone.page, "support-worker");
  await shellIsKept(phone.page);
  await phone.page.getByRole("link", { name: "Report a mismatch" }).click();
  await pick(phone.page, "Jean Whitby");
  const box = phone.page.getByRole("textbox", { name: "What the device says" });
  await box.pressSequentially(DEVICE_SAYS.slice(0, -1));
  await phone.page.evaluate(() => (window.transactions = []));
  await box.press(DEVICE_SAYS.slice(-1));
  const mirrored = () =>
    phone.page.evaluate(() =>
      window.transactions.some((it) => it.mode === "readwrite" && it.stores.includes("state") && it.durability === "strict" && it.complete),
    );
  await expect.poll(mirrored, { timeout: 3_000 }).toBe(true);

  await phone.kill();
  await server.kill();
  await phone.reopen();
  await expectDraft(phone.page);
});

test("a draft is gone once it is saved, and 'Start again' clears it", async ({ server, open }) => {
  const phone = await open("phone", server.origin);
  await signIn(phone.page, "support-worker");
  await startReport(phone.page);
  await phone.page.getByRole("button", { name: "Start again" }).click();
  await phone.page.getByRole("dialog").getByRole("button", { name: "Start again" }).click();
  await expect(phone.page.getByRole("combobox", { name: "Person" })).toHaveValue("");
  await phone.page.goto("/");
  await phone.page.getByRole("link", { name: "Report a mismatch" }).click();
  await expect(phone.page.getByRole("combobox", { name: "Person" })).toHaveValue("");
});

test("home lists what was begun, by form, person and age, and opens each where it was left", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  await signIn(page, "support-worker");
  const begun = page.getByRole("list", { name: "Not finished yet" });
  await expect(begun).toHaveCount(0);
  await startReport(page);
  await page.goto("/");
  await page.getByRole("link", { name: "Write a temporary note" }).click();
  await pick(page, "Siân Pugh");
  await page.getByRole("textbox", { name: "Anything else" }).fill("Calm and well.");
  await page.goto("/");
  await expect(begun.getByRole("link")).toHaveText([
    /Carry on with your note\s*Siân Pugh · (under a minute|\d+ min) ago/,
    /Carry on with your report\s*Jean Whitby · (under a minute|\d+ min) ago/,
  ]);

  await begun.getByRole("link", { name: /your report/ }).click();
  await expect(page.getByRole("textbox", { name: "What the device says" })).toHaveValue(DEVICE_SAYS);
  await page.getByRole("button", { name: "Start again" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Start again" }).click();
  await expect(page.getByRole("combobox", { name: "Person" })).toHaveValue("");
  await page.goto("/");
  await expect(begun.getByRole("link")).toHaveCount(1);
  await begun.getByRole("link").click();
  await expect(page.getByRole("textbox", { name: "Anything else" })).toHaveValue("Calm and well.");
});

test("a question begun in a sheet is kept through the back key and a reload, and home leads to it", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  await signIn(page, "support-worker");
  await person(page, "Jean Whitby");
  const ask = page.getByRole("button", { name: "Ask about this (Eating and drinking)" });
  await ask.click();
  const words = page.getByRole("textbox", { name: "What do you want to know?" });
  await words.fill("For her supper too?");
  await page.goBack();
  await expect(words).toHaveCount(0);
  await page.reload();
  await ask.click();
  await expect(words).toHaveValue("For her supper too?");
  // That of another instruction is another.
  await page.goBack();
  const other = page.getByRole("button", { name: /^Ask about this/ }).filter({ hasNotText: "Eating" }).first();
  await other.click();
  await expect(words).toHaveValue("");
  await words.fill("Since when?");
  await page.goto("/");
  const begun = page.getByRole("list", { name: "Not finished yet" }).getByRole("link");
  await expect(begun).toHaveText([
    /Carry on with your question\s*Since when\? · (under a minute|\d+ min) ago/,
    /Carry on with your question\s*For her supper too\? · (under a minute|\d+ min) ago/,
  ]);
  await begun.last().click();
  await expect(words).toHaveValue("For her supper too?");
  // The page was opened for one of them; the other is there all the same.
  await page.getByRole("dialog").getByRole("button", { name: "Not now" }).click();
  await other.click();
  await expect(words).toHaveValue("Since when?");
  await page.getByRole("dialog").getByRole("button", { name: "Not now" }).click();
  await ask.click();
  await page.getByRole("dialog").getByRole("button", { name: "Ask" }).click();
  await expect(page.getByText("Your question is saved.")).toBeVisible();
  await ask.click();
  await expect(words).toHaveValue("");
  await page.goto("/");
  await expect(record(page, "Question: Jean Whitby")).toBeVisible();
  await expect(begun).toHaveText(/Since when\?/);
});

/** A browser that has no Web Locks: it cannot tell that a draft is open in another tab. */
function withoutLocks(): void {
  Object.defineProperty(Navigator.prototype, "locks", { value: undefined });
}

test("one draft saved in two tabs is two records, where the browser lets both have it", async ({ server, open }) => {
  const phone = await open("tablet", server.origin, withoutLocks);
  await signIn(phone.page, "support-worker");
  await startReport(phone.page);
  const other = await phone.context.newPage();
  await other.goto("/");
  await expectDraft(other);
  for (const [page, handover] of [[phone.page, "Level 4"], [other, "Level 3"]] as const) {
    await page.getByRole("textbox", { name: "What handover says" }).fill(handover);
    await page.getByRole("radio", { name: "I followed handover" }).click();
    await page.getByRole("button", { name: "Save report" }).click();
    await expect(record(page, "Jean Whitby").first()).toBeVisible();
  }
  await expect(myRecords(other).getByRole("listitem")).toHaveCount(2);
  await expect(record(other, "Jean Whitby").filter({ hasText: "Sent" })).toHaveCount(2);
});

test("two tabs that write the same form write two drafts, and neither is lost", async ({ server, open }) => {
  const phone = await open("tablet", server.origin);
  await signIn(phone.page, "support-worker");
  await startReport(phone.page);
  const other = await phone.context.newPage();
  await other.goto("/");
  await other.getByRole("link", { name: "Report a mismatch" }).click();
  await expect(other.getByText("You have one open in another tab already.")).toBeVisible();
  await expect(other.getByRole("textbox", { name: "What the device says" })).toHaveValue("");
  await pick(other, "Siân Pugh");
  await other.getByRole("textbox", { name: "What the device says" }).pressSequentially("Frame");
  await phone.page.getByRole("textbox", { name: "What the device says" }).press("End");
  await phone.page.keyboard.type(", and tea");

  // A draft is its tab's until the tab dies; then it is anybody's.
  await crash(phone.page);
  const third = await phone.context.newPage();
  await third.goto("/");
  await third.getByRole("link", { name: "Report a mismatch" }).click();
  await expect(third.getByRole("textbox", { name: "What the device says" })).toHaveValue(`${DEVICE_SAYS}, and tea`);
  await expect(other.getByRole("textbox", { name: "What the device says" })).toHaveValue("Frame");
});

test("a note begun on somebody's page is about them, whoever another draft is about", async ({ server, open }) => {
  const { page } = await open("tablet", server.origin);
  await signIn(page, "support-worker");
  await page.getByRole("link", { name: "Write a temporary note" }).click();
  await pick(page, "Siân Pugh");
  await page.getByRole("textbox", { name: "Anything else" }).fill("Calm");
  await tabOf(page, "Jean Whitby");
  await expect(page.getByRole("combobox", { name: "Person" })).toHaveValue("Jean Whitby");
  await expect(page.getByRole("textbox", { name: "Anything else" })).toHaveValue("");
});

/** From anywhere to the note of this person's page. */
async function tabOf(page: Page, person: string): Promise<void> {
  await page.goto("/people");
  await page.getByRole("list", { name: "People" }).getByRole("link").filter({ hasText: person }).click();
  await page.getByRole("link", { name: "Write a note" }).click();
}

test("what is written after a question was asked is its tab's alone, and two taps ask once", async ({ server, open }) => {
  const phone = await open("phone", server.origin);
  await signIn(phone.page, "support-worker");
  await person(phone.page, "Jean Whitby");
  const ask = (page: Page) => page.getByRole("button", { name: "Ask about this (Eating and drinking)" });
  const words = (page: Page) => page.getByRole("textbox", { name: "What do you want to know?" });
  await ask(phone.page).click();
  await words(phone.page).fill("For her supper too?");
  await phone.page.getByRole("dialog").getByRole("button", { name: "Ask" }).dblclick();
  await expect(phone.page.getByText("Your question is saved.")).toBeVisible();
  await ask(phone.page).click();
  await expect(words(phone.page)).toHaveValue("");
  await words(phone.page).fill("And her tea?");

  const other = await phone.context.newPage();
  await other.goto(phone.page.url());
  await ask(other).click();
  await words(other).fill("Since when?");
  await expect(words(phone.page)).toHaveValue("And her tea?");
  await other.getByRole("dialog").getByRole("button", { name: "Ask" }).click();
  await expect(other.getByText("Your question is saved.")).toBeVisible();
  await phone.page.getByRole("dialog").getByRole("button", { name: "Ask" }).click();
  await expect(phone.page.getByRole("dialog")).toHaveCount(0);
  // The sheet also leaves the history, a moment after the screen: an address opened before then would be given up.
  await phone.page.waitForFunction(() => history.state !== "on top");
  await phone.page.goto("/");
  const asked = myRecords(phone.page).getByRole("listitem");
  await expect(asked).toHaveText([/And her tea\?/, /Since when\?/, /For her supper too\?/]);
});
