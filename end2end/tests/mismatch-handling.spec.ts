// A mismatch from a worker's report to its close, by four people on four devices: paper guidance that is read with no signal,
// the manager's review, cause and fix, the check of the device itself, and what each role is never shown.
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { connection, giveOutGuidance, home, pick, record, reportMismatch, shellIsKept, signIn, tab, writeCause } from "../support/tasks.ts";

test.describe.configure({ timeout: 240_000 });

const FOLLOW = "Level 4 puree, level 2 fluids";

/** Opens the mismatch from what needs this person now. */
async function openFromHome(page: Page, what: RegExp): Promise<void> {
  await home(page);
  const needs = page.getByRole("region", { name: "Needs you now" });
  await expect(needs).toContainText(what);
  await needs.getByRole("link", { name: "Do the next step" }).click();
  await expect(page.getByRole("heading", { name: "Five steps to close this" })).toBeVisible();
}

/** What the page of a mismatch says of one of its five steps. */
function step(page: Page, name: string) {
  return page.getByRole("listitem").filter({ has: page.getByRole("heading", { name }) });
}

test("a mismatch goes from report to close, each step by its role", async ({ server, open }) => {
  const worker = (await open("phone", server.origin)).page;
  await signIn(worker, "support-worker", "NHC-PH6");
  await shellIsKept(worker);
  await reportMismatch(worker, { person: "Jean Whitby", device: "Level 5, level 1", handover: FOLLOW });
  await expect(record(worker, "Jean Whitby")).toContainText("Sent");

  // The team leader reads it and gives out paper guidance.
  const lead = (await open("tablet", server.origin)).page;
  await signIn(lead, "team-leader");
  await tab(lead, "Inbox");
  await lead.getByRole("main").getByRole("link").filter({ hasText: "Jean Whitby" }).click();
  await lead.getByRole("link", { name: "Give out paper guidance" }).click();
  await lead.getByRole("button", { name: "Give it out" }).click();
  const faults = lead.getByRole("alert").first();
  await expect(faults).toContainText("things to fix");
  // Each line names its field and leads to it, and goes once the field holds.
  const told = faults.getByRole("link", { name: /^Whom have you told, and how\?: / });
  await told.click();
  await expect(lead.getByRole("textbox", { name: "Whom have you told, and how?" })).toBeFocused();
  await lead.keyboard.type("Marta");
  await expect(told).toHaveCount(0);
  await expect(lead.getByRole("textbox", { name: "Whom have you told, and how?" })).toBeFocused();
  await expect(lead.getByRole("textbox", { name: "Whom have you told, and how?" })).toHaveValue("Marta");
  // What it is about stands on the page of each step.
  await expect(lead.getByRole("main")).toContainText("Reported on NHC-PH6");
  await lead.getByRole("button", { name: new RegExp(FOLLOW) }).click();
  await expect(lead.getByRole("textbox", { name: "What to follow" })).toHaveValue(FOLLOW);
  await expect(lead.getByRole("checkbox", { name: "Marta Kowalska" })).toBeChecked();
  await lead.getByRole("radio", { name: "In 4 hours" }).check();
  await lead.getByRole("textbox", { name: "Whom have you told, and how?" }).fill("Marta by phone.");
  await lead.getByRole("button", { name: "Give it out" }).click();
  await expect(lead.getByText(`Until it is fixed: ${FOLLOW}`)).toBeVisible();

  // The worker has it first on home, reads it with no signal and says so with one tap.
  await expect(worker.getByRole("heading", { name: "Jean Whitby: follow this now" })).toBeVisible();
  await server.kill();
  await expect(connection(worker)).toHaveText(/Offline|Not sent yet/);
  await worker.reload();
  await worker.getByRole("button", { name: "I have read this and follow it" }).click();
  await expect(worker.getByRole("heading", { name: "Jean Whitby: follow this now" })).toHaveCount(0);
  await expect(worker.getByRole("list", { name: "Paper guidance to follow" })).toContainText(FOLLOW);
  await tab(worker, "People");
  await worker.getByRole("list", { name: "People" }).getByRole("link").filter({ hasText: "Jean Whitby" }).click();
  await expect(worker.getByText(`Follow this, whatever the care app says: ${FOLLOW}`)).toBeVisible();
  await server.start();
  for (const page of [worker, lead]) await expect(connection(page)).toHaveText("All sent", { timeout: 60_000 });
  await lead.getByRole("link", { name: "Open the sheet" }).click();
  await expect(lead.getByRole("list", { name: "Who has read it" })).toContainText(/Marta Kowalska, \d\d:\d\d/);

  // The manager reviews it; closing is refused while something is outstanding.
  const manager = (await open("tablet", server.origin)).page;
  await signIn(manager, "registered-manager");
  await openFromHome(manager, /Jean Whitby: review harm and decide/);
  const report = new URL(manager.url()).pathname;
  await manager.getByRole("link", { name: "Review harm and decide" }).click();
  await manager.getByRole("radio", { name: "A serious injury" }).check();
  await expect(manager.getByRole("article").filter({ hasText: "Serious injury" })).toContainText("May apply");
  await expect(manager.getByRole("radiogroup", { name: "What does a health care professional say?" })).toBeVisible();
  await manager.getByRole("radio", { name: "Upset or distress" }).check();
  await expect(manager.getByRole("radiogroup", { name: "What does a health care professional say?" })).toHaveCount(0);
  await manager.getByRole("radiogroup", { name: "Was care missed or late?" }).getByRole("radio", { name: "No" }).check();
  await manager.getByRole("radio", { name: "It must be looked at" }).check();
  const safeguarding = manager.getByRole("article").filter({ hasText: "Care Act 2014 s. 42" });
  await expect(safeguarding).toContainText("May apply");
  await manager.getByRole("radiogroup", { name: "Was the person told?" }).getByRole("radio", { name: "Yes" }).check();
  await manager.getByRole("radio", { name: "Wait for an answer, then decide" }).check();
  await manager.getByRole("textbox", { name: "Why?" }).fill("She coughed and was upset. Asked the nurse.");
  await manager.getByRole("button", { name: "Save review" }).click();
  await expect(step(manager, "Manager’s review")).toContainText("Helen Carrick");
  await manager.goto(`${report}/step/close`);
  await manager.getByRole("textbox", { name: "What did we learn?" }).fill("Look before the visit.");
  await manager.getByRole("button", { name: "Close it" }).click();
  await expect(manager.getByRole("alert").first()).toContainText("Cause and fix are missing.");
  await manager.goto("/");

  // The system administrator finds the cause.
  const system = (await open("tablet", server.origin)).page;
  await signIn(system, "system-administrator");
  await openFromHome(system, /Jean Whitby: write cause and fix/);
  await writeCause(system);
  await expect(step(system, "Cause and fix")).toContainText("Signed the phone out and in.");

  // The phone that showed something else shows the right one, its holder says.
  await openFromHome(worker, /Jean Whitby: check NHC-PH6 again/);
  await expect(step(worker, "Manager’s review")).toContainText("Managers keep this step");
  await expect(worker.getByText("upset")).toHaveCount(0);
  await worker.getByRole("link", { name: "Check NHC-PH6 again" }).click();
  await worker.getByRole("radio", { name: "It shows the right one" }).click();
  await worker.getByRole("button", { name: "Save check" }).click();
  await expect(step(worker, "Checked again and closed")).toContainText("NHC-PH6: Shows it");

  // The guidance is ended, then it is closed.
  await openFromHome(lead, /Jean Whitby: end the paper guidance/);
  await lead.getByRole("link", { name: "End the paper guidance" }).click();
  await lead.getByRole("textbox", { name: "Why is it over?" }).fill("Every phone is right. Follow the plan.");
  await lead.getByRole("button", { name: "End the guidance" }).click();
  await home(worker);
  await expect(worker.getByRole("heading", { name: "Paper guidance to follow" })).toHaveCount(0);
  await openFromHome(manager, /Jean Whitby: close this mismatch/);
  await manager.getByRole("link", { name: "Close this mismatch" }).click();
  await manager.getByRole("textbox", { name: "What did we learn?" }).fill("Look before the visit.");
  await manager.getByRole("button", { name: "Close it" }).click();
  await expect(step(manager, "Checked again and closed")).toContainText(/Helen Carrick, \d\d:\d\d: closed/);
  for (const page of [manager, lead, system, worker]) {
    await page.goto(report);
    await expect(step(page, "Checked again and closed")).toContainText(/Helen Carrick, \d\d:\d\d: closed/);
  }

  // What it leaves behind, in the lists.
  const list = async (name: string) => {
    await manager.goto("/");
    await manager.getByRole("link").filter({ hasText: name }).click();
    return manager.getByRole("table", { name }).getByRole("row").filter({ hasText: "Jean Whitby" });
  };
  await expect(await list("Notification tracker")).toContainText("Asked the nurse.");
  await expect(await list("Digital governance log")).toContainText("1 of 1 right again");
  const action = await list("Service action plan");
  await expect(action).toContainText("Not yet");
  await action.getByRole("link").click();
  await manager.getByRole("link", { name: "The action is done" }).click();
  await manager.getByRole("textbox", { name: "What was done?" }).fill("The age shows since version 5.2.");
  await manager.getByRole("button", { name: "Save as done" }).click();
  await expect(manager.getByRole("region", { name: "What happened" })).toContainText("The age shows since version 5.2.");
  await expect(await list("Service action plan")).toContainText("The age shows since version 5.2.");
  await manager.goto("/lists/open");
  await expect(manager.getByRole("heading", { name: "Nothing here now" })).toBeVisible();
});

test("the sheet of paper guidance prints on one side of A5", async ({ server, open }) => {
  const { page } = await open("tablet", server.origin);
  await signIn(page, "team-leader");
  await reportMismatch(page, { person: "Jean Whitby", device: "Level 5, level 1", handover: FOLLOW });
  await record(page, "Jean Whitby").getByRole("link").click();
  await giveOutGuidance(page, FOLLOW);
  await page.getByRole("link", { name: "Open the sheet" }).click();
  await expect(page.getByRole("button", { name: "Print the sheet" })).toBeVisible();
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
  const sizes = [...pdf.matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)].map(([, w, h]) => [Number(w), Number(h)]);
  expect(sizes.map((size) => size.map(Math.round))).toEqual([[420, 595]]);
  await page.emulateMedia({ media: "print" });
  await expect(page.getByText("DO THIS, WHATEVER THE CARE APP SAYS", { exact: true })).toBeVisible();
  await expect(page.getByText("Trimethoprim").filter({ visible: true })).toHaveCount(1);
  await expect(page.getByRole("button", { name: "Print the sheet" })).toBeHidden();
});

/** Reports a mismatch as a support worker, and opens the report once it is sent. */
async function reportSent(worker: Page): Promise<void> {
  await signIn(worker, "support-worker");
  await reportMismatch(worker, { person: "Jean Whitby", device: "Level 5, level 1", handover: FOLLOW });
  await expect(record(worker, "Jean Whitby")).toContainText("Sent");
  await record(worker, "Jean Whitby").getByRole("link").click();
}

/** Corrects one's own report, which is open, to be about somebody else. */
async function correctPerson(page: Page, name: string): Promise<void> {
  await page.getByRole("link", { name: "Correct this record" }).click();
  await page.getByRole("button", { name: "Change: Person" }).click();
  await pick(page, name);
  await page.getByRole("textbox", { name: "Why do you correct it?" }).fill("The wrong name.");
  await page.getByRole("button", { name: "Save correction" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
}

test("a report that is corrected to be about somebody else takes its guidance along for nobody", async ({ server, open }) => {
  const worker = (await open("phone", server.origin)).page;
  await reportSent(worker);
  const lead = (await open("tablet", server.origin)).page;
  await signIn(lead, "team-leader");
  await lead.goto(new URL(worker.url()).pathname);
  await lead.getByRole("link", { name: "Give out paper guidance" }).click();
  const main = lead.getByRole("main");
  await expect(main.getByRole("heading", { name: "Jean Whitby" })).toBeVisible();
  const follow = lead.getByRole("textbox", { name: "What to follow" });
  const told = lead.getByRole("textbox", { name: "Whom have you told, and how?" });
  await follow.fill("Jean: nothing by mouth");
  await lead.getByRole("radio", { name: "In 4 hours" }).check();
  await told.fill("Marta by phone.");

  // The correction arrives while the form is open: its head follows, its words stay, and it is not given out.
  await correctPerson(worker, "Siân Pugh");
  const another = "This report is about Siân Pugh now. You began this for Jean Whitby. Start again.";
  await expect(lead.getByRole("alert")).toContainText(another);
  await expect(main.getByRole("heading", { name: "Siân Pugh" })).toBeVisible();
  await expect(main.getByRole("heading", { name: "Jean Whitby" })).toHaveCount(0);
  await lead.getByRole("button", { name: "Give it out" }).click();
  await expect(lead.getByRole("heading", { name: "One thing to fix" })).toBeVisible();
  await lead.getByRole("link", { name: another }).click();
  await expect(lead.getByRole("button", { name: "Start again, without what I wrote" })).toBeFocused();
  await expect(follow).toHaveValue("Jean: nothing by mouth");
  // So it is for the kept draft.
  await lead.reload();
  await expect(follow).toHaveValue("Jean: nothing by mouth");
  await expect(lead.getByRole("alert")).toContainText(another);
  await lead.getByRole("button", { name: "Start again, without what I wrote" }).click();
  await expect(lead.getByText(another)).toHaveCount(0);
  await expect(follow).toHaveValue("");
  await follow.fill(FOLLOW);
  await lead.getByRole("radio", { name: "In 4 hours" }).check();
  await told.fill("Marta by phone.");
  await lead.getByRole("button", { name: "Give it out" }).click();
  await expect(lead.getByText(`Until it is fixed: ${FOLLOW}`)).toBeVisible();

  // Corrected once more, what was given out is for somebody else: it is named, ended under that name, and given out anew.
  await correctPerson(worker, "Jean Whitby");
  await home(lead);
  await expect(lead.getByRole("region", { name: "Needs you now" })).toContainText("End the paper guidance for Siân Pugh");
  await lead.getByRole("link", { name: "Do the next step" }).click();
  await expect(main).toContainText("This guidance is for Siân Pugh. The report is about Jean Whitby now.");
  await expect(step(lead, "Paper guidance")).toHaveAttribute("aria-current", "step");
  await lead.getByRole("link", { name: "End the paper guidance for Siân Pugh" }).click();
  await expect(main.getByRole("heading", { name: "Siân Pugh" })).toBeVisible();
  await lead.getByRole("textbox", { name: "Why is it over?" }).fill("It was for somebody else. Follow the plan.");
  await lead.getByRole("button", { name: "End the guidance" }).click();
  await expect(lead.getByText("This guidance is for Siân Pugh")).toHaveCount(0);
  await expect(step(lead, "Paper guidance")).toContainText("None was given out yet");
  await giveOutGuidance(lead, FOLLOW);
  await expect(lead.getByText(`Until it is fixed: ${FOLLOW}`)).toBeVisible();
});

/** Reviews the mismatch whose form is open. */
async function review(page: Page, harm: string, decision: string, why: string): Promise<void> {
  await page.getByRole("radio", { name: harm }).check();
  await page.getByRole("radiogroup", { name: "Was care missed or late?" }).getByRole("radio", { name: "No" }).check();
  await page.getByRole("radio", { name: "No sign of it" }).check();
  await page.getByRole("radiogroup", { name: "Was the person told?" }).getByRole("radio", { name: "Yes" }).check();
  await page.getByRole("radio", { name: decision }).check();
  await page.getByRole("textbox", { name: "Why?" }).fill(why);
  await page.getByRole("button", { name: "Save review" }).click();
}

test("two reviews that knew nothing of each other both stand, until one of the two has read both", async ({ server, open }) => {
  const worker = (await open("phone", server.origin)).page;
  await reportSent(worker);
  const report = new URL(worker.url()).pathname;
  const manager = (await open("tablet", server.origin)).page;
  await signIn(manager, "registered-manager");
  const deputy = (await open("tablet", server.origin)).page;
  await signIn(deputy, "deputy-manager");
  for (const page of [manager, deputy]) {
    await shellIsKept(page);
    await page.goto(report);
    await page.getByRole("link", { name: "Review harm and decide" }).click();
  }
  await server.kill();
  await review(manager, "No harm", "Tell nobody outside", "Caught before she ate.");
  await review(deputy, "Upset or distress", "Tell them", "She coughed and was upset.");
  await server.start();
  for (const page of [manager, deputy]) await expect(connection(page)).toHaveText("All sent", { timeout: 60_000 });

  for (const page of [manager, deputy]) {
    await openFromHome(page, /Jean Whitby: the reviews disagree/);
    const main = page.getByRole("main");
    await expect(main).toContainText(/Harm: .*Helen Carrick says “No harm”/);
    await expect(main).toContainText(/Harm: .*Ifeoma Nwosu says “Upset or distress”/);
    await expect(page.getByRole("region", { name: /Review by Helen Carrick/ })).toContainText("Caught before she ate.");
    await expect(page.getByRole("region", { name: /Review by Ifeoma Nwosu/ })).toContainText("She coughed and was upset.");
    await expect(step(page, "Manager’s review")).toContainText("These reviews disagree");
  }
  await deputy.goto("/lists/tracker");
  await expect(deputy.getByRole("row").filter({ hasText: "Disagrees with Helen Carrick" })).toContainText("Tell them");
  await expect(deputy.getByRole("row").filter({ hasText: "Disagrees with Ifeoma Nwosu" })).toContainText("Tell nobody outside");

  await manager.getByRole("link", { name: "Review it again, as the reviews disagree" }).click();
  await expect(manager.getByText(/Reviewed by Ifeoma Nwosu, /)).toBeVisible();
  await review(manager, "Upset or distress", "Tell them", "Read both, and spoke with her.");
  await expect(manager.getByText("The reviews disagree")).toHaveCount(0);
  await expect(manager.getByRole("region", { name: "The manager’s review" })).toContainText("Read both, and spoke with her.");
  await expect(manager.getByText(/Earlier review by Ifeoma Nwosu, /)).toBeVisible();
  await home(deputy);
  await expect(deputy.getByText("Jean Whitby: the reviews disagree")).toHaveCount(0);
});
