// What people do, in the words on the screen: every test finds things by role and accessible name.
import { expect, type Locator, type Page } from "@playwright/test";

export const PASSWORD = "holdfast-demo";

/** The usernames of the demo, one for each role, by what they mostly work with. */
export const ROLES = {
  phone: ["support-worker", "senior-staff", "shift-lead", "team-leader", "medication-lead", "care-plan-lead"],
  tablet: ["deputy-manager", "registered-manager", "administrator", "system-administrator", "provider-oversight"],
};

/** Signs in on a new phone and says which device it is. Ends at home. */
export async function signIn(page: Page, username: string, label = "My own phone"): Promise<void> {
  await page.goto("/");
  await page.getByRole("textbox", { name: "Username" }).fill(username);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("radio", { name: label }).check();
  await page.getByRole("button", { name: "Use this device" }).click();
  await expect(myRecords(page)).toBeAttached();
  await expect(connection(page)).toHaveText("All sent");
}

/** Resolves when the shell is on the device and answers for every page. */
export async function shellIsKept(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (navigator.serviceWorker.controller) return;
    await new Promise((taken) => navigator.serviceWorker.addEventListener("controllerchange", taken, { once: true }));
  });
}

export function connection(page: Page): Locator {
  return page.getByRole("status", { name: "Connection" });
}

export function myRecords(page: Page): Locator {
  return page.getByRole("list", { name: "My records" });
}

/** A record's row in 'My records', by what its title says. */
export function record(page: Page, title: RegExp | string): Locator {
  return myRecords(page).getByRole("listitem").filter({ hasText: title });
}

/** On a phone the form goes on a question at a time; from tablet up there is nothing to carry on to. */
async function carryOn(page: Page): Promise<void> {
  const button = page.getByRole("button", { name: "Carry on" });
  if (await onPhone(page)) await button.click();
}

async function onPhone(page: Page): Promise<boolean> {
  return (page.viewportSize()?.width ?? 0) < 768;
}

/** Picks a person by typing part of the name. */
export async function pick(page: Page, name: string): Promise<void> {
  await page.getByRole("combobox", { name: "Person" }).fill(name);
  await page.getByRole("option").filter({ hasText: name }).first().click();
}

export interface Mismatch {
  person: string;
  device: string;
  handover: string;
  did?: string;
}

/** Fills in the mismatch form from home up to its save button. */
export async function fillMismatch(page: Page, it: Mismatch): Promise<void> {
  await page.getByRole("link", { name: "Report a mismatch" }).click();
  await pick(page, it.person);
  await page.getByRole("textbox", { name: "What the device says" }).fill(it.device);
  await carryOn(page);
  await page.getByRole("textbox", { name: "What handover says" }).fill(it.handover);
  await carryOn(page);
  await page.getByRole("radio", { name: it.did ?? "I followed handover" }).click();
  if (await onPhone(page)) await expect(page.getByRole("heading", { name: "Check your report" })).toBeVisible();
}

export async function reportMismatch(page: Page, it: Mismatch): Promise<void> {
  await fillMismatch(page, it);
  await page.getByRole("button", { name: "Save report" }).click();
  await expect(record(page, it.person).first()).toBeVisible();
}

export interface Note {
  person: string;
  care: string[];
  other?: string;
  told?: string;
}

/** Fills in a temporary note from home up to its save button. */
export async function fillNote(page: Page, it: Note): Promise<void> {
  await page.getByRole("link", { name: "Write a temporary note" }).click();
  await pick(page, it.person);
  const care = page.getByRole("group", { name: "Care delivered" });
  for (const item of it.care) await care.getByRole("checkbox", { name: item }).check();
  if (it.other) await page.getByRole("textbox", { name: "Anything else" }).fill(it.other);
  await carryOn(page);
  await page.getByRole("radio", { name: it.told ? "Yes" : "No", exact: true }).click();
  if (it.told) await page.getByRole("textbox", { name: "Whom have you told?" }).fill(it.told);
}

export async function writeNote(page: Page, it: Note): Promise<void> {
  await fillNote(page, it);
  await page.getByRole("button", { name: "Save note" }).click();
  await expect(record(page, it.person).first()).toBeVisible();
}

/** The page of a person. */
export async function person(page: Page, name: string): Promise<void> {
  await tab(page, "People");
  await page.getByRole("list", { name: "People" }).getByRole("link").filter({ hasText: name }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
}

/** A change that every phone of the demo's home care service is asked about. */
export const PUREE: PlanChange = {
  person: "Jean Whitby",
  task: "Eating and drinking",
  now: "Level 4, pureed, and thickened drinks at level 2",
  why: "The therapist’s letter of this morning",
};

export interface PlanChange {
  person: string;
  task: string;
  now: string;
  why: string;
  urgency?: string;
}

/** Fills in the form of a plan change, begun from the person's page, up to its save button. */
export async function fillPlanChange(page: Page, it: PlanChange): Promise<void> {
  await person(page, it.person);
  await page.getByRole("link", { name: `Record a change of ${it.task}` }).click();
  await page.getByRole("textbox", { name: "What it says now" }).fill(it.now);
  await carryOn(page);
  await page.getByRole("textbox", { name: "Why it changed" }).fill(it.why);
  await carryOn(page);
  await page.getByRole("radio", { name: it.urgency ?? "Before the next visit" }).click();
  if (await onPhone(page)) await expect(page.getByRole("heading", { name: "Check the change" })).toBeVisible();
}

/** Ends on the page of the change. */
export async function recordPlanChange(page: Page, it: PlanChange): Promise<void> {
  await fillPlanChange(page, it);
  await page.getByRole("button", { name: "Save the change" }).click();
  await expect(page.getByRole("heading", { level: 1, name: `${it.person}: ${it.task.toLowerCase()}` })).toBeVisible();
}

/** Answers, from home, what this phone's care app shows of the change that comes first. */
export async function confirmChange(page: Page, shows: string): Promise<void> {
  await page.getByRole("link", { name: "Check it now" }).click();
  await page.getByRole("radio", { name: shows, exact: true }).click();
  await page.getByRole("button", { name: "Save answer" }).click();
}

/** Gives out paper guidance from the page of a mismatch: what handover said, for four hours. */
export async function giveOutGuidance(page: Page, follow: string): Promise<void> {
  await page.getByRole("link", { name: "Give out paper guidance" }).click();
  await page.getByRole("button", { name: new RegExp(follow) }).click();
  await page.getByRole("radio", { name: "In 4 hours" }).check();
  await page.getByRole("textbox", { name: "Whom have you told, and how?" }).fill("All by phone.");
  await page.getByRole("button", { name: "Give it out" }).click();
}

/** Writes the cause and fix from the page of a mismatch, with an action for the team leader within a month. */
export async function writeCause(page: Page): Promise<void> {
  const due = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  await page.getByRole("link", { name: "Write cause and fix" }).click();
  await page.getByRole("radio", { name: "The change had not reached the device" }).check();
  await page.getByRole("textbox", { name: "What did you find?" }).fill("The update stuck in the queue.");
  await page.getByRole("textbox", { name: "What did you do about it?" }).fill("Signed the phone out and in.");
  await page.getByRole("textbox", { name: "What will stop it coming again?" }).fill("Show the age of the queue.");
  await page.getByRole("radio", { name: "Sunita Rao" }).check();
  await page.getByLabel("By when?").fill(due);
  await page.getByRole("button", { name: "Save cause and fix" }).click();
}

/** Goes to a place of the menu. */
export async function tab(page: Page, name: string): Promise<void> {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).click();
}

export async function home(page: Page): Promise<void> {
  await tab(page, "Home");
}

/** Ends the page's process at once, as the phone's system does when memory is short. */
export async function crash(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent("crash");
  devtools.send("Page.crash").catch(() => {}); // nobody is left to answer
  await crashed;
}
