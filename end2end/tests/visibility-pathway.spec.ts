// The whole pathway of a plan change that a device does not show: five people of five roles on five devices, two of them
// at work with no signal for part of it, from the change to the close. What each did reads the same on all five screens.
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { confirmChange, connection, home, record, recordPlanChange, shellIsKept, signIn, tab, writeCause } from "../support/tasks.ts";

test.describe.configure({ timeout: 360_000 });

const BEFORE = "Level 5 minced and moist, level 1 thickened fluids. Sit fully upright for 20 minutes after meals.";
const NOW = "Level 4 puree, level 2 thickened fluids. Sit fully upright for 30 minutes after meals.";
const SERVER_TIME = String.raw`the server had it \d\d:\d\d`;

function needs(page: Page) {
  return page.getByRole("region", { name: "Needs you now" });
}

/** Opens the mismatch from what needs this person now. */
async function nextStep(page: Page, what: string): Promise<void> {
  await home(page);
  const first = needs(page).getByRole("article").filter({ hasText: what }).getByRole("link", { name: "Do the next step" });
  await first.or(needs(page).getByRole("link").filter({ hasText: what })).first().click();
  await expect(page.getByRole("heading", { name: "Five steps to close this" })).toBeVisible();
}

/** What a part of the page says, item by item, with the person's own name in the place of 'You'. */
async function items(page: Page, region: string, name: string): Promise<string[]> {
  const texts = await page.getByRole("region", { name: region }).getByRole("listitem").allInnerTexts();
  return texts.map((text) => text.replace(/\s+/g, " ").replace(/\bYou\b/, name).trim());
}

test("a change that a device does not show goes from its record to the close by five people, two of them offline", async ({ server, open }) => {
  const planLead = (await open("tablet", server.origin)).page;
  await signIn(planLead, "care-plan-lead");
  const worker = (await open("phone", server.origin)).page;
  await signIn(worker, "support-worker", "NHC-PH6");
  await shellIsKept(worker);
  const leader = (await open("tablet", server.origin)).page;
  await signIn(leader, "team-leader");
  await shellIsKept(leader);
  const manager = (await open("tablet", server.origin)).page;
  await signIn(manager, "registered-manager");
  const system = (await open("tablet", server.origin)).page;
  await signIn(system, "system-administrator");

  // Step 1: the care plan lead records the change.
  await recordPlanChange(planLead, {
    person: "Jean Whitby",
    task: "Eating and drinking",
    now: NOW,
    why: "Jean coughed on her lunch, and the speech therapist saw her at 15:00.",
  });
  await expect(planLead.getByRole("main")).toContainText("Sent");
  const change = new URL(planLead.url()).pathname;
  await expect(worker.getByRole("heading", { name: "Jean Whitby: eating and drinking changed" })).toBeVisible();
  await leader.getByRole("link", { name: "See the visibility board" }).click();
  const cell = (name: string) => leader.getByRole("gridcell", { name });
  await expect(cell("no answer yet, NHC-PH4")).toBeVisible();

  // Steps 2 and 3, with no signal: the team leader looks at one device, the worker answers and reports on another.
  await server.kill();
  for (const page of [worker, leader]) await expect(connection(page)).toHaveText(/Offline|Not sent yet/);
  await cell("no answer yet, NHC-PH4").click();
  const sheet = leader.getByRole("dialog", { name: "NHC-PH4" });
  await sheet.getByRole("radio", { name: "I saw the screen" }).click();
  await sheet.getByRole("button", { name: "It shows the change" }).click();
  await expect(cell("✓, shows the new text, NHC-PH4")).toBeVisible();
  await confirmChange(worker, BEFORE);
  await expect(worker.getByText("Your care app shows the old text. Follow the new one above.")).toBeVisible();
  await worker.getByRole("link", { name: "Report the mismatch" }).click();
  await worker.getByRole("textbox", { name: "What handover says" }).fill(NOW);
  await worker.getByRole("button", { name: "Carry on" }).click();
  await worker.getByRole("radio", { name: "I followed the device" }).click();
  await worker.getByRole("button", { name: "Save report" }).click();
  await expect(record(worker, "Jean Whitby")).toContainText("Saved on this phone");
  await server.start();
  for (const page of [worker, leader]) await expect(connection(page)).toHaveText("All sent", { timeout: 120_000 });
  await expect(cell("≠, shows the old text, NHC-PH6")).toBeVisible();

  // The early warning is the manager's first thing; she takes it on, and it leaves the administrator's home too.
  const warning = (page: Page) => page.getByRole("heading", { name: "Early warning: staff using old instructions" });
  await expect(warning(manager)).toBeVisible({ timeout: 120_000 });
  await expect(warning(system)).toBeVisible({ timeout: 120_000 });
  await needs(manager).getByRole("link", { name: "Look into it" }).first().click();
  const report = new URL(manager.url()).pathname;
  const warnings = manager.getByRole("region", { name: "Early warnings" });
  await expect(warnings).toContainText("Marta Kowalska followed the old text");
  await warnings.getByRole("button", { name: "I have it" }).click();
  await expect(warnings).toContainText(/Helen Carrick has it, \d\d:\d\d/);
  await expect(warnings.getByRole("button", { name: "I have it" })).toHaveCount(0);
  await expect(warning(system)).toHaveCount(0);

  // Step 3 goes on: paper guidance, read by the worker.
  await tab(leader, "Inbox");
  await leader.getByRole("main").getByRole("link").filter({ hasText: "Jean Whitby" }).click();
  await leader.getByRole("link", { name: "Give out paper guidance" }).click();
  await leader.getByRole("button", { name: NOW }).first().click();
  await leader.getByRole("radio", { name: "In 4 hours" }).check();
  await leader.getByRole("textbox", { name: "Whom have you told, and how?" }).fill("Marta by phone.");
  await leader.getByRole("button", { name: "Give it out" }).click();
  await expect(leader.getByText(`Until it is fixed: ${NOW}`)).toBeVisible();
  await home(worker);
  await worker.getByRole("button", { name: "I have read this and follow it" }).click();
  await expect(worker.getByRole("heading", { name: "Jean Whitby: follow this now" })).toHaveCount(0);

  // Step 4: the manager's review.
  await manager.getByRole("link", { name: "Review harm and decide" }).click();
  await manager.getByRole("radio", { name: "No harm" }).check();
  await manager.getByRole("radiogroup", { name: "Was care missed or late?" }).getByRole("radio", { name: "No" }).check();
  await manager.getByRole("radio", { name: "No sign of it" }).check();
  await manager.getByRole("radiogroup", { name: "Was the person told?" }).getByRole("radio", { name: "Yes" }).check();
  await manager.getByRole("radio", { name: "Tell nobody outside" }).check();
  await manager.getByRole("textbox", { name: "Why?" }).fill("Caught before she ate.");
  await manager.getByRole("button", { name: "Save review" }).click();
  await expect(manager.getByRole("region", { name: "The manager’s review" })).toContainText("Caught before she ate.");

  // Step 5: cause, fix and corrective action, the check of the device, the end of the guidance, the close.
  await nextStep(system, "Jean Whitby: write cause and fix");
  await writeCause(system);
  await expect(system.getByRole("region", { name: "Cause and fix" })).toContainText("Signed the phone out and in.");

  await nextStep(worker, "Jean Whitby: check NHC-PH6 again");
  await worker.getByRole("link", { name: "Check NHC-PH6 again" }).click();
  await worker.getByRole("radio", { name: "It shows the right one" }).click();
  await worker.getByRole("button", { name: "Save check" }).click();
  await home(leader);
  await leader.getByRole("link", { name: "See the visibility board" }).click();
  await expect(cell("✓, shows the new text, NHC-PH6")).toBeVisible();

  await nextStep(leader, "Jean Whitby: end the paper guidance");
  await leader.getByRole("link", { name: "End the paper guidance" }).click();
  await leader.getByRole("textbox", { name: "Why is it over?" }).fill("Every phone is right. Follow the plan.");
  await leader.getByRole("button", { name: "End the guidance" }).click();
  await home(worker);
  await expect(worker.getByRole("heading", { name: "Jean Whitby: paper guidance is over" })).toBeVisible();
  await expect(needs(worker)).toContainText("Every phone is right. Follow the plan.");
  await worker.getByRole("button", { name: "I know this now" }).click();
  await expect(worker.getByRole("heading", { name: "Jean Whitby: paper guidance is over" })).toHaveCount(0);

  await nextStep(manager, "Jean Whitby: close this mismatch");
  await manager.getByRole("link", { name: "Close this mismatch" }).click();
  await manager.getByRole("textbox", { name: "What did we learn?" }).fill("Look before the visit.");
  await manager.getByRole("button", { name: "Close it" }).click();
  await expect(worker.getByRole("heading", { name: "Jean Whitby: your report is closed" })).toBeVisible();
  await worker.getByRole("button", { name: "I know this now" }).click();
  await expect(worker.getByRole("heading", { name: "Jean Whitby: your report is closed" })).toHaveCount(0);

  // Whoever owns the action is told, and says that it is done.
  await home(leader);
  await expect(needs(leader)).toContainText("Your action: Show the age of the queue.");
  await leader.goto(report);
  await leader.getByRole("link", { name: "The action is done" }).click();
  await leader.getByRole("textbox", { name: "What was done?" }).fill("The age shows since version 5.2.");
  await leader.getByRole("button", { name: "Save as done" }).click();
  await expect(leader.getByRole("region", { name: "What happened" })).toContainText("The age shows since version 5.2.");
  await home(leader);
  await expect(needs(leader).getByText("Your action")).toHaveCount(0);

  // Each step, with who, both times and what was found, reads the same on every screen that is shown it.
  const everybody: [Page, string][] = [
    [planLead, "Tom Beresford"],
    [leader, "Sunita Rao"],
    [manager, "Helen Carrick"],
    [system, "Callum Reid"],
    [worker, "Marta Kowalska"],
  ];
  for (const [page] of everybody) {
    await expect(connection(page)).toHaveText("All sent");
    await page.goto(report);
    await expect(page.getByRole("region", { name: "Five steps to close this" })).toContainText(/Helen Carrick, \d\d:\d\d: closed/);
  }
  await expect(planLead.getByRole("region", { name: "What happened" })).toContainText("The age shows since version 5.2.");
  const steps = await items(manager, "Five steps to close this", "Helen Carrick");
  // Whoever has the page in front for a while has seen it, which is a line on all of them: both sides are read anew.
  const happened = () => items(manager, "What happened", "Helen Carrick");
  for (const [page, name] of everybody.slice(0, 4)) {
    expect(await items(page, "Five steps to close this", name)).toEqual(steps);
    await expect(async () => expect(await items(page, "What happened", name)).toEqual(await happened())).toPass();
  }
  // The worker is shown all but the manager's review and what others noted for those who lead.
  const theirs = await items(worker, "Five steps to close this", "Marta Kowalska");
  expect(theirs.filter((_, at) => at !== 2)).toEqual(steps.filter((_, at) => at !== 2));
  expect(theirs[2]).toContain("Managers keep this step");
  await expect(async () => {
    const lines = await items(worker, "What happened", "Marta Kowalska");
    expect(await happened()).toEqual(expect.arrayContaining(lines));
  }).toPass();
  for (const done of [
    "Marta Kowalska wrote it",
    "It reached the server",
    `Sunita Rao gave out paper guidance: .* · ${SERVER_TIME}`,
    `Marta Kowalska read the paper guidance · ${SERVER_TIME}`,
    `Helen Carrick has the early warning “staff using old instructions” · ${SERVER_TIME}`,
    `Helen Carrick reviewed it: Tell nobody outside. Caught before she ate. · ${SERVER_TIME}`,
    `Callum Reid wrote cause and fix: .*Signed the phone out and in. Action for Sunita Rao: Show the age of the queue. · ${SERVER_TIME}`,
    `Marta Kowalska checked NHC-PH6: it shows the right one · ${SERVER_TIME}`,
    `Sunita Rao ended the paper guidance: Every phone is right. Follow the plan. · ${SERVER_TIME}`,
    `Helen Carrick closed it: Look before the visit. · ${SERVER_TIME}`,
    `Sunita Rao did the action “Show the age of the queue.”: The age shows since version 5.2. · ${SERVER_TIME}`,
  ]) {
    const shape = new RegExp(String.raw`^\d\d:\d\d ${done}`);
    expect((await happened()).filter((line) => shape.test(line)), done).toHaveLength(1);
  }

  // The change itself: who recorded it, and every answer of every device.
  for (const [page, name] of everybody) {
    await page.goto(change);
    await expect(page.getByRole("main")).toContainText(new RegExp(`Recorded by Tom Beresford · Northgate Home Care · ${SERVER_TIME}`));
    const answers = page.getByRole("region", { name: "Answers" }).getByRole("listitem");
    const own = answers.filter({ hasText: "NHC-PH6 shows the old text" });
    await expect(own).toContainText(new RegExp(`Marta Kowalska, on the device · ${SERVER_TIME}`));
    await expect(answers.filter({ hasText: "NHC-PH6 shows the new text" })).toContainText("Marta Kowalska, on the device");
    await expect(answers.filter({ hasText: "NHC-PH4 shows the new text" })).toHaveCount(name === "Marta Kowalska" ? 0 : 1);
  }
});
