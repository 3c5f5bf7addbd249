// How few taps the main jobs take on a phone, from home, and what the keyboard alone does there.
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { record, recordPlanChange, signIn } from "../support/tasks.ts";

/** Counts what a thumb does; typing goes to whatever has the focus, without a tap of its own. */
function thumb(page: Page) {
  let taps = 0;
  return {
    tap: async (what: Locator) => {
      await what.tap();
      taps += 1;
    },
    /** Types where the focus stands once the question is in front. */
    type: async (box: string, words: string) => {
      await expect(page.getByRole("textbox", { name: box })).toBeFocused();
      await page.keyboard.type(words);
    },
    taps: () => taps,
  };
}

test("a mismatch takes six taps and two typed answers", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  await signIn(page, "support-worker");
  const hand = thumb(page);
  await hand.tap(page.getByRole("link", { name: "Report a mismatch" }));
  await hand.tap(page.getByRole("option").filter({ hasText: "Jean Whitby" }));
  await hand.type("What the device says", "Level 5 minced and moist");
  await hand.tap(page.getByRole("button", { name: "Carry on" }));
  await hand.type("What handover says", "Level 4 puree");
  await hand.tap(page.getByRole("button", { name: "Carry on" }));
  await hand.tap(page.getByRole("radio", { name: "I followed handover" }));
  await hand.tap(page.getByRole("button", { name: "Save report" }));
  await expect(record(page, "Jean Whitby")).toBeVisible();
  expect(hand.taps()).toBe(6);
});

test("a temporary note takes eight taps and nothing typed", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  await signIn(page, "support-worker");
  const hand = thumb(page);
  await hand.tap(page.getByRole("link", { name: "Write a temporary note" }));
  await hand.tap(page.getByRole("option").filter({ hasText: "Siân Pugh" }));
  const care = page.getByRole("group", { name: "Care delivered" }).getByRole("checkbox");
  for (const item of ["Meal prepared", "Ate most of it", "Drink given"]) await hand.tap(care.and(page.getByLabel(item)));
  await hand.tap(page.getByRole("button", { name: "Carry on" }));
  await hand.tap(page.getByRole("radio", { name: "No", exact: true }));
  await hand.tap(page.getByRole("button", { name: "Save note" }));
  await expect(record(page, "Siân Pugh")).toBeVisible();
  expect(hand.taps()).toBe(8);
});

test("a plan change is confirmed in three taps and nothing typed", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  await signIn(page, "support-worker", "NHC-PH6");
  const desk = await open("tablet", server.origin);
  await signIn(desk.page, "care-plan-lead");
  const now = "Look at heels, hips and elbows on every visit.";
  await recordPlanChange(desk.page, { person: "Siân Pugh", task: "Skin", now, why: "Red skin on her elbow." });
  const hand = thumb(page);
  await hand.tap(page.getByRole("link", { name: "Check it now" }));
  await hand.tap(page.getByRole("radio", { name: now, exact: true }));
  await hand.tap(page.getByRole("button", { name: "Save answer" }));
  await expect(page.getByText("Your care app shows the change. Thank you.")).toBeVisible();
  expect(hand.taps()).toBe(3);
});

test("arrow keys choose and do not go on; what was chosen goes on with 'Carry on'", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  await signIn(page, "support-worker");
  await page.getByRole("link", { name: "Report a mismatch" }).press("Enter");
  await page.getByRole("combobox", { name: "Person" }).press("ArrowDown");
  await page.keyboard.press("Enter");
  for (const box of ["What the device says", "What handover says"]) {
    await expect(page.getByRole("textbox", { name: box })).toBeFocused();
    await page.keyboard.type("nothing");
    await page.getByRole("button", { name: "Carry on" }).press("Enter");
  }
  // The focus follows the question, and would take the key with it.
  await expect(page.getByRole("heading", { name: "What did you do?" })).toBeFocused();
  await page.getByRole("radio", { name: "I followed handover" }).press("ArrowDown");
  await expect(page.getByRole("radio", { name: "I followed the device" })).toBeChecked();
  await expect(page.getByRole("heading", { name: "What did you do?" })).toBeVisible();
  await page.getByRole("button", { name: "Carry on" }).press("Enter");
  await expect(page.getByRole("heading", { name: "Check your report" })).toBeFocused();
});
