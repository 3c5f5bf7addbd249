// What people do most, by the keyboard alone: Tab, arrows, Enter, Space and Escape. Nothing here points or taps.
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { connection, myRecords, PASSWORD } from "../support/tasks.ts";

test.describe.configure({ timeout: 180_000 });

/** Goes by Tab to something, as a person does who sees where the focus is. */
async function reach(page: Page, what: Locator): Promise<void> {
  await expect(what).toBeVisible();
  for (let steps = 0; steps < 150; steps++) {
    if (await what.evaluate((it) => it === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not come to ${what}`);
}

async function press(page: Page, what: Locator): Promise<void> {
  await reach(page, what);
  await page.keyboard.press("Enter");
}

async function write(page: Page, what: Locator, text: string): Promise<void> {
  await reach(page, what);
  await page.keyboard.type(text);
}

/** Comes into a group by Tab and to the answer by arrows. */
async function choose(page: Page, name: string | RegExp): Promise<void> {
  const answer = page.getByRole("radio", { name, exact: typeof name === "string" });
  await expect(answer).toBeVisible();
  const inGroup = () =>
    answer.evaluate((it) => (document.activeElement as HTMLInputElement | null)?.name === (it as HTMLInputElement).name);
  for (let steps = 0; steps < 150 && !(await inGroup()); steps++) await page.keyboard.press("Tab");
  const there = () => answer.evaluate((it) => it === document.activeElement);
  for (let steps = 0; steps < 80 && !(await there()); steps++) await page.keyboard.press("ArrowDown");
  expect(await there(), `${name} has the focus`).toBe(true);
  await page.keyboard.press("Space");
  await expect(answer).toBeChecked();
}

async function person(page: Page, name: string): Promise<void> {
  await write(page, page.getByRole("combobox", { name: "Person" }), name);
  await expect(page.getByRole("option").filter({ hasText: name }).first()).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
}

async function signIn(page: Page, username: string, label: string): Promise<void> {
  await page.goto("/");
  await write(page, page.getByRole("textbox", { name: "Username" }), username);
  await write(page, page.getByLabel("Password", { exact: true }), PASSWORD);
  await page.keyboard.press("Enter");
  await choose(page, label);
  await press(page, page.getByRole("button", { name: "Use this device" }));
  await expect(myRecords(page)).toBeAttached();
  await expect(connection(page)).toHaveText("All sent");
}

const menu = (page: Page, name: string) => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name });

test("the ten things that are done most need no pointer", async ({ server, open }) => {
  const { page } = await open("tablet", server.origin);
  // Signing in, and which device it is.
  await signIn(page, "support-worker", "NHC-PH6");
  // A mismatch.
  await press(page, page.getByRole("link", { name: "Report a mismatch" }));
  await person(page, "Jean Whitby");
  await write(page, page.getByRole("textbox", { name: "What the device says" }), "Level 5");
  await write(page, page.getByRole("textbox", { name: "What handover says" }), "Level 4");
  await choose(page, "I followed handover");
  await press(page, page.getByRole("button", { name: "Save report" }));
  const report = myRecords(page).getByRole("listitem").filter({ hasText: "Jean Whitby" });
  await expect(report).toBeVisible();
  // A temporary note.
  await press(page, page.getByRole("link", { name: "Write a temporary note" }));
  await person(page, "Siân Pugh");
  await reach(page, page.getByRole("group", { name: "Care delivered" }).getByRole("checkbox").first());
  await page.keyboard.press("Space");
  await choose(page, "No");
  await press(page, page.getByRole("button", { name: "Save note" }));
  const note = myRecords(page).getByRole("listitem").filter({ hasText: "Siân Pugh" });
  await expect(note).toBeVisible();
  // A record, opened and corrected.
  await expect(note).toContainText("Sent");
  await press(page, note.getByRole("link"));
  await press(page, page.getByRole("link", { name: "Correct this record" }));
  await write(page, page.getByRole("textbox", { name: "Anything else" }), "Ate half of breakfast");
  await write(page, page.getByRole("textbox", { name: /^Why/ }), "Left out");
  await press(page, page.getByRole("button", { name: "Save correction" }));
  await expect(page.getByRole("main")).toContainText("Ate half of breakfast");
  // A person's page.
  await press(page, menu(page, "People"));
  await press(page, page.getByRole("list", { name: "People" }).getByRole("link").filter({ hasText: "Jean Whitby" }));
  await expect(page.getByRole("heading", { level: 1, name: "Jean Whitby" })).toBeVisible();

  // The plan changes; this device is asked what it shows.
  const desk = await open("tablet", server.origin);
  await signIn(desk.page, "care-plan-lead", "My own phone");
  await press(desk.page, menu(desk.page, "People"));
  await press(desk.page, desk.page.getByRole("list", { name: "People" }).getByRole("link").filter({ hasText: "Jean Whitby" }));
  await press(desk.page, desk.page.getByRole("link", { name: "Record a change of Eating and drinking" }));
  await reach(desk.page, desk.page.getByRole("textbox", { name: "What it says now" }));
  await desk.page.keyboard.press("Control+A");
  await desk.page.keyboard.type("Level 4 puree");
  await write(desk.page, desk.page.getByRole("textbox", { name: "Why it changed" }), "She coughed on her lunch");
  await choose(desk.page, /^Before the next visit/);
  await press(desk.page, desk.page.getByRole("button", { name: "Save the change" }));
  await expect(connection(desk.page)).toHaveText("All sent");
  await press(page, menu(page, "Home"));
  await press(page, page.getByRole("link", { name: "Check it now" }));
  await choose(page, "Level 4 puree");
  await press(page, page.getByRole("button", { name: "Save answer" }));
  await expect(page.getByText("Your care app shows the change. Thank you.")).toBeVisible();
  await press(page, page.getByRole("link", { name: "Go to home" }));

  // The team leader reads what was sent.
  const lead = await open("tablet", server.origin);
  await signIn(lead.page, "team-leader", "My own phone");
  await press(lead.page, menu(lead.page, "Inbox"));
  await press(lead.page, lead.page.getByRole("main").getByRole("link").filter({ hasText: "Jean Whitby" }).first());
  await press(lead.page, lead.page.getByRole("button", { name: "I have seen this" }));
  await expect(lead.page.getByRole("button", { name: "I have seen this" })).toHaveCount(0);

  // Signing out; Escape leaves the question, and the focus goes back.
  await press(page, menu(page, "More"));
  await press(page, page.getByRole("button", { name: "Sign out" }));
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Sign out" })).toBeFocused();
  await page.keyboard.press("Enter");
  await press(page, page.getByRole("dialog").getByRole("button", { name: "Sign out" }));
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
});
