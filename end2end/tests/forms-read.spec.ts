// How each form reads to somebody who listens to it: its questions in their order, by the names and roles that a screen
// reader says.
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { record, reportMismatch, signIn } from "../support/tasks.ts";

/** The lines of the screen's accessibility tree that somebody answers, hears as a question, or presses. */
async function reads(page: Page): Promise<string[]> {
  const tree = await page.getByRole("main").ariaSnapshot();
  return tree
    .split("\n")
    .map((line) => line.trim().replace(/^- /, "").replace(/^'(.*)'/, "$1"))
    .filter((line) => /^(heading|combobox|textbox|radiogroup|group|radio|checkbox|button|spinbutton)\b/.test(line))
    .map((line) => line.replace(/("[^"]*").*$/, "$1").replace(/:$/, ""));
}

async function reading(page: Page, form: string, expected: string[]): Promise<void> {
  await expect(page.getByRole("heading", { level: 1, name: form })).toBeVisible();
  await expect.poll(() => reads(page), form).toEqual([`heading "${form}"`, ...expected]);
}

const CIRCUMSTANCES = ['button "Change: When"', 'button "Change: Who gave the care"'];

test("each form reads as it is asked", async ({ server, open }) => {
  const { page } = await open("tablet", server.origin);
  await signIn(page, "team-leader");
  await page.goto("/mismatch/new");
  await reading(page, "Report a mismatch", [
    'heading "Person"',
    'combobox "Person"',
    'heading "What the device says"',
    'textbox "What the device says"',
    'heading "What handover says"',
    'textbox "What handover says"',
    'radiogroup "What did you do?"',
    'heading "What did you do?"',
    'radio "I followed handover"',
    'radio "I followed the device"',
    'radio "I did neither and asked for help"',
    'radio "I have not done this care yet"',
    ...CIRCUMSTANCES,
    'button "Save report"',
  ]);
  await page.goto("/note/new");
  await reading(page, "Temporary note", [
    'heading "Person"',
    'combobox "Person"',
    'group "Care delivered"',
    'heading "Care delivered"',
    'checkbox "Washed"',
    'checkbox "Dressed or undressed"',
    'checkbox "Mouth care"',
    'textbox "Anything else"',
    'radiogroup "Anything to escalate?"',
    'heading "Anything to escalate?"',
    'radio "Yes"',
    'radio "No"',
    ...CIRCUMSTANCES,
    'button "Save note"',
  ]);

  await page.goto("/");
  await reportMismatch(page, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
  await record(page, "Jean Whitby").getByRole("link").click();
  await page.getByRole("link", { name: "Give out paper guidance" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Give out paper guidance" })).toBeVisible();
  await expect
    .poll(async () => (await reads(page)).filter((line) => /^(heading|textbox|radiogroup|group)/.test(line)))
    .toEqual([
      'heading "Give out paper guidance"',
      'heading "Jean Whitby"',
      "group: What was reported",
      'heading "What to follow"',
      'textbox "What to follow"',
      'group "Words to use"',
      'heading "Why"',
      'textbox "Why"',
      'textbox "If it goes wrong"',
      'radiogroup "When will you look at it again?"',
      'heading "When will you look at it again?"',
      'group "Whom does it affect?"',
      'heading "Whom does it affect?"',
      'textbox "Whom have you told, and how?"',
    ]);

  const desk = await open("tablet", server.origin);
  await signIn(desk.page, "care-plan-lead");
  await desk.page.goto("/changes/new");
  await reading(desk.page, "Record a plan change", [
    'heading "Person"',
    'combobox "Person"',
    'radiogroup "Which instruction changes?"',
    'heading "Which instruction changes?"',
    'heading "What it says now"',
    'textbox "What it says now"',
    'heading "Why it changed"',
    'textbox "Why it changed"',
    'radiogroup "By when must devices show it?"',
    'heading "By when must devices show it?"',
    'radio "Before the next visit or shift"',
    'radio "Today"',
    'radio "Routine"',
    'textbox "From which day?"',
    'radiogroup "Which devices must show it?"',
    'radio "All phones and tablets of the service"',
    'radio "Only those of some roles"',
    'radio "Only some devices"',
    'button "Save the change"',
  ]);
});
