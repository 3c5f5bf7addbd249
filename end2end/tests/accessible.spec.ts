// No screen breaks WCAG 2.2 AA as far as axe-core can tell: with the demo's data, with an error showing, with a
// sheet open, on phone and tablet, light and dark. @tablet
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { violations } from "../support/look.ts";
import {
  fillPlanChange,
  home,
  pick,
  record,
  reportMismatch,
  shellIsKept,
  signIn,
  writeNote,
} from "../support/tasks.ts";

// Some go through a dozen screens, each checked twice.
test.describe.configure({ timeout: 240_000 });

/** Checks the screen as it stands, in light and in dark. */
async function check(page: Page, screen: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect.soft(await violations(page), `${screen}, ${colorScheme}`).toEqual([]);
  }
}

async function menu(page: Page, name: string): Promise<void> {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).click();
}

test("the check finds what is planted", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  await page.goto("/");
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  await page.getByRole("main").evaluate((main) => {
    const pale = document.createElement("p");
    pale.textContent = "Hard to read";
    pale.style.setProperty("color", "#9a9a9a");
    main.append(document.createElement("button"), pale);
  });
  const rules = (await violations(page)).map((it) => it.rule);
  expect(rules).toEqual(expect.arrayContaining(["button-name", "color-contrast"]));
});

test("signing in @tablet", async ({ server, open, device }) => {
  const { page } = await open(device, server.origin);
  await page.goto("/");
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  await check(page, "sign in");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "Type your username" })).toBeVisible();
  await check(page, "sign in with an error");
  await page.getByRole("textbox", { name: "Username" }).fill("support-worker");
  await page.getByLabel("Password", { exact: true }).fill("holdfast-demo");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("radio", { name: "NHC-PH6" })).toBeVisible();
  await check(page, "which device");
  await page.getByRole("button", { name: "Use this device" }).click();
  await expect(page.getByText("Choose the label")).toBeVisible();
  await check(page, "which device with an error");
});

test("the mismatch form @tablet", async ({ server, open, device }) => {
  const { page } = await open(device, server.origin);
  await signIn(page, "support-worker");
  await page.getByRole("link", { name: "Report a mismatch" }).click();
  await expect(page.getByRole("combobox", { name: "Person" })).toBeVisible();
  await check(page, "person");
  if (device === "tablet") {
    await page.getByRole("button", { name: "Save report" }).click();
    await expect(page.getByRole("alert").first()).toBeVisible();
    await check(page, "all empty, with errors");
  }
  await page.getByRole("combobox", { name: "Person" }).fill("Jean");
  await expect(page.getByRole("option").first()).toBeVisible();
  await check(page, "people found");
  await pick(page, "Jean Whitby");
  await expect(page.getByRole("textbox", { name: "What the device says" })).toBeVisible();
  await check(page, "what the device says");
  if (device === "phone") {
    await page.getByRole("button", { name: "Carry on" }).click();
    await expect(page.getByRole("textbox", { name: "What the device says" })).toHaveAttribute("aria-invalid", "true");
    await check(page, "what the device says, with an error");
  }
  await page.getByRole("textbox", { name: "What the device says" }).fill("Level 5");
  if (device === "phone") await page.getByRole("button", { name: "Carry on" }).click();
  await page.getByRole("textbox", { name: "What handover says" }).fill("Level 4");
  await check(page, "what handover says");
  if (device === "phone") await page.getByRole("button", { name: "Carry on" }).click();
  await expect(page.getByRole("radiogroup", { name: "What did you do?" })).toBeVisible();
  await check(page, "what did you do");
  await page.getByRole("radio", { name: "I followed handover" }).click();
  await expect(page.getByRole("button", { name: "Save report" })).toBeVisible();
  await check(page, "check your report");
  await page.getByRole("button", { name: "Start again" }).click();
  await expect(page.getByRole("dialog", { name: "Start again?" })).toBeVisible();
  await check(page, "a sheet open over the form");
});

test("the temporary note @tablet", async ({ server, open, device }) => {
  const { page } = await open(device, server.origin);
  await signIn(page, "support-worker");
  await page.getByRole("link", { name: "Write a temporary note" }).click();
  await pick(page, "Siân Pugh");
  await expect(page.getByRole("group", { name: "Care delivered" })).toBeVisible();
  await check(page, "care delivered");
  await page.getByRole("textbox", { name: "Anything else" }).fill("Calm and well.");
  if (device === "phone") await page.getByRole("button", { name: "Carry on" }).click();
  await page.getByRole("radio", { name: "Yes", exact: true }).click();
  await expect(page.getByRole("textbox", { name: "Whom have you told?" })).toBeVisible();
  await check(page, "whom have you told");
  await page.getByRole("button", { name: "Save note" }).click();
  await expect(page.getByRole("textbox", { name: "Whom have you told?" })).toHaveAttribute("aria-invalid", "true");
  await check(page, "whom have you told, with an error");
});

test("a worker's screens @tablet", async ({ server, open, device }) => {
  const { page } = await open(device, server.origin);
  await signIn(page, "support-worker", "NHC-PH6");
  await shellIsKept(page);
  await check(page, "home with no records");
  await reportMismatch(page, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
  await expect(record(page, "Jean Whitby")).toContainText("Sent");
  await server.kill();
  await writeNote(page, { person: "Siân Pugh", care: [], other: "Calm and well.", told: "Sunita Rao" });
  await check(page, "home with a record sent and one saved");
  await menu(page, "My records");
  await expect(page.getByRole("heading", { name: "My records" })).toBeVisible();
  await check(page, "my records");
  await record(page, "Jean Whitby").getByRole("link").click();
  await expect(page.getByRole("link", { name: "Correct this record" })).toBeVisible();
  await check(page, "a record");
  await page.getByRole("link", { name: "Correct this record" }).click();
  await check(page, "correcting a record");
  await page.goto("/offline");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await check(page, "no signal");
  await page.goto("/people");
  await expect(page.getByRole("main").getByRole("link").filter({ hasText: "Jean Whitby" })).toBeVisible();
  await check(page, "people");
  await page.getByRole("main").getByRole("link").filter({ hasText: "Jean Whitby" }).click();
  await expect(page.getByRole("main")).toContainText("Trimethoprim");
  await check(page, "a care summary");
  await menu(page, "More");
  await check(page, "more");
  await page.getByRole("link", { name: "Change: This device" }).click();
  await expect(page.getByRole("radio", { name: "NHC-PH6" })).toBeVisible();
  await check(page, "changing the device");
  await page.goto("/more");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("dialog", { name: "Sign out?" })).toBeVisible();
  await check(page, "a sheet open over more");
  await page.goto("/no-such-page");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await check(page, "not found");
});

test("a team leader's screens @tablet", async ({ server, open, device }) => {
  const phone = await open("phone", server.origin);
  await signIn(phone.page, "support-worker");
  await reportMismatch(phone.page, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
  await writeNote(phone.page, { person: "Siân Pugh", care: [], other: "Calm and well.", told: "Sunita Rao" });
  await expect(record(phone.page, "Siân Pugh")).toContainText("Sent");
  const { page } = await open(device, server.origin);
  await signIn(page, "team-leader");
  await expect(page.getByText("2 records to read")).toBeVisible();
  await check(page, "home with records to read");
  await menu(page, "Inbox");
  const row = page.getByRole("main").getByRole("link").filter({ hasText: "Jean Whitby" });
  await expect(row).toBeVisible();
  await check(page, "inbox");
  await row.click();
  await expect(page.getByRole("main")).toContainText("Level 4");
  await check(page, "somebody's record");
  await expect(page.getByRole("button", { name: "I have seen this" })).toHaveCount(0);
  await home(page);
  await menu(page, "Inbox");
  await page.getByRole("main").getByRole("link").filter({ hasText: "Siân Pugh" }).click();
  await page.getByRole("button", { name: "I have seen this" }).click();
  await menu(page, "Inbox");
  await expect(page.getByText("All read")).toBeVisible();
  await check(page, "an empty inbox");
});

test("a plan change, from the form to the board @tablet", async ({ server, open, device }) => {
  const phone = await open("phone", server.origin);
  await signIn(phone.page, "support-worker", "NHC-PH6");
  const { page } = await open(device, server.origin);
  await signIn(page, "care-plan-lead");
  await page.getByRole("link", { name: "Record a plan change" }).click();
  await expect(page.getByRole("combobox", { name: "Person" })).toBeVisible();
  await check(page, "a plan change, whom it is about");
  if (device === "tablet") {
    await page.getByRole("button", { name: "Save the change" }).click();
    await expect(page.getByRole("alert").first()).toBeVisible();
    await check(page, "a plan change, all empty, with errors");
  }
  await page.goto("/");
  const change = {
    person: "Jean Whitby",
    task: "Eating and drinking",
    now: "Level 4 puree, level 2 thickened fluids.",
    why: "Jean coughed on her lunch.",
  };
  await fillPlanChange(page, change);
  await page.getByRole("radio", { name: "Only some devices" }).click();
  await expect(page.getByRole("checkbox", { name: "NHC-PH6" })).toBeVisible();
  await check(page, "a plan change, checked");
  await page.getByRole("radio", { name: "All phones and tablets of the service" }).click();
  await page.getByRole("button", { name: "Save the change" }).click();
  await expect(page.getByRole("heading", { name: "Answers" })).toBeVisible();
  await check(page, "a change");
  await page.getByRole("button", { name: "Withdraw it" }).click();
  await expect(page.getByRole("dialog", { name: "Withdraw this change?" })).toBeVisible();
  await check(page, "a sheet open over a change");
  await page.getByRole("button", { name: "Keep it" }).click();

  await expect(phone.page.getByRole("link", { name: "Check it now" })).toBeVisible();
  await check(phone.page, "home with a change to confirm");
  await phone.page.getByRole("link", { name: "Check it now" }).click();
  await expect(phone.page.getByRole("button", { name: "Save answer" })).toBeVisible();
  await check(phone.page, "a change to confirm");
  await phone.page.getByRole("button", { name: "Save answer" }).click();
  await expect(phone.page.getByRole("radiogroup")).toHaveAccessibleDescription(/Pick what your care app shows/);
  await check(phone.page, "a change to confirm, with an error");
  await phone.page.getByRole("radio", { name: /^Level 5/ }).click();
  await phone.page.getByRole("button", { name: "Save answer" }).click();
  await expect(phone.page.getByRole("link", { name: "Report the mismatch" })).toBeVisible();
  await check(phone.page, "a change that the device does not show");

  await home(page);
  await page.getByRole("link", { name: "See the visibility board" }).click();
  await expect(page.getByRole("heading", { name: "1 answer to chase" })).toBeVisible();
  await check(page, "the board");
  const wrong = device === "tablet" ? page.getByRole("gridcell", { name: /NHC-PH6/ }) : page.getByRole("button", { name: "NHC-PH6" });
  await wrong.click();
  await expect(page.getByRole("dialog", { name: "NHC-PH6" })).toBeVisible();
  await check(page, "a sheet open over the board");
  await page.getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: "Hand over" }).click();
  await expect(page.getByRole("dialog", { name: "Hand over to the next shift" })).toBeVisible();
  await check(page, "handing over");
});

test("what follows a mismatch @tablet", async ({ server, open, device }) => {
  const lead = (await open("phone", server.origin)).page;
  await signIn(lead, "team-leader");
  await reportMismatch(lead, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
  await record(lead, "Jean Whitby").getByRole("link").click();
  await lead.getByRole("link", { name: "Give out paper guidance" }).click();
  await expect(lead.getByRole("textbox", { name: "What to follow" })).toBeVisible();
  await check(lead, "what to follow");
  await lead.getByRole("button", { name: /What handover says/ }).click();
  await lead.getByRole("button", { name: "Carry on" }).click();
  await lead.getByRole("button", { name: "Carry on" }).click();
  await lead.getByRole("radio", { name: "In 4 hours" }).click();
  await expect(lead.getByRole("group", { name: "Whom does it affect?" })).toBeVisible();
  await check(lead, "whom it affects");
  await lead.getByRole("textbox", { name: "Whom have you told, and how?" }).fill("All by phone.");
  await lead.getByRole("button", { name: "Give it out" }).click();
  await lead.getByRole("link", { name: "Open the sheet" }).click();
  await expect(lead.getByRole("list", { name: "Who has read it" })).toBeVisible();
  await check(lead, "paper guidance");
  await lead.getByRole("link", { name: "Somebody signed the paper" }).click();
  await expect(lead.getByRole("radiogroup", { name: "Who signed the paper?" })).toBeVisible();
  await check(lead, "who signed");

  const { page } = await open(device, server.origin);
  await signIn(page, "registered-manager");
  await expect(page.getByRole("list", { name: "Mismatches and what follows" })).toBeVisible();
  await check(page, "a manager's home");
  await page.getByRole("link").filter({ hasText: "Open mismatches" }).click();
  await expect(page.getByRole("table", { name: "Open mismatches" })).toBeVisible();
  await check(page, "open mismatches");
  await page.getByRole("link", { name: "Jean Whitby" }).click();
  await expect(page.getByRole("heading", { name: "Five steps to close this" })).toBeVisible();
  await check(page, "the five steps");
  await page.getByRole("link", { name: "Review harm and decide" }).click();
  await page.getByRole("radio", { name: "A serious injury" }).click();
  await expect(page.getByRole("radiogroup", { name: "What does a health care professional say?" })).toBeVisible();
  await check(page, "an opinion is asked for");
  if (device === "tablet") {
    await page.getByRole("button", { name: "Save review" }).click();
    await expect(page.getByRole("alert").first()).toBeVisible();
    await check(page, "the review with errors, and rules");
  }
});
