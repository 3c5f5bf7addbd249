// The phone's back key goes one question back, and leaves the form only from the first.
import { expect, test } from "../support/fixtures.ts";
import { fillMismatch, myRecords, record, recordPlanChange, reportMismatch, signIn, tab } from "../support/tasks.ts";

test("the back key goes through the questions and then out of the form, and what was typed is kept", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  await signIn(page, "support-worker");
  await fillMismatch(page, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
  for (const question of ["What did you do?", "What handover says", "What the device says", "Person"]) {
    await page.goBack();
    await expect(page.getByRole("heading", { name: question })).toBeVisible();
  }
  await page.goBack();
  await expect(myRecords(page)).toBeAttached();
  await page.getByRole("link", { name: "Report a mismatch" }).click();
  await expect(page.getByText("We kept what you wrote about Jean Whitby.")).toBeVisible();
  await expect(page.getByText("Level 4")).toBeVisible();
});

test("the arrow of the screen and the back key go through the same questions", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  await signIn(page, "support-worker");
  await fillMismatch(page, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
  await page.getByRole("link", { name: "Back" }).click();
  await expect(page.getByRole("heading", { name: "What did you do?" })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("heading", { name: "What handover says" })).toBeVisible();
  await page.getByRole("button", { name: "Carry on" }).click();
  await page.getByRole("button", { name: "Carry on" }).click();
  await page.getByRole("button", { name: "Save report" }).click();
  await expect(record(page, "Jean Whitby")).toBeVisible();
});

test("after a save the back key leads home and not into an empty form", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  await signIn(page, "support-worker");
  await reportMismatch(page, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
  await expect(page.getByText("is saved")).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("link", { name: "Report a mismatch" })).toBeVisible();
  await expect(record(page, "Jean Whitby")).toBeVisible();
  await expect(page.getByRole("combobox", { name: "Person" })).toHaveCount(0);
});

test("after a plan change is recorded the back key leads to the person and not into an empty form", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  await signIn(page, "care-plan-lead");
  await recordPlanChange(page, {
    person: "Jean Whitby",
    task: "Eating and drinking",
    now: "Level 4 puree.",
    why: "Jean coughed on her lunch.",
  });
  await page.goBack();
  await expect(page.getByRole("link", { name: "Record a change of Eating and drinking" })).toBeVisible();
  await expect(page.getByRole("textbox", { name: "What it says now" })).toHaveCount(0);
});

test("after a correction the back key leads to where the record was opened from", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  await signIn(page, "support-worker");
  await reportMismatch(page, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
  await expect(record(page, "Jean Whitby")).toContainText("Sent");
  await tab(page, "My records");
  await record(page, "Jean Whitby").getByRole("link").click();
  await page.getByRole("link", { name: "Correct this record" }).click();
  await page.getByRole("button", { name: "Change: What handover says" }).click();
  await page.getByRole("textbox", { name: "What handover says" }).fill("Level 3");
  await page.getByRole("button", { name: "Carry on" }).click();
  await page.getByRole("textbox", { name: "Why do you correct it?" }).fill("I misheard");
  await page.getByRole("button", { name: "Save correction" }).click();
  await expect(page.getByRole("heading", { name: "As it reads now" })).toBeVisible();
  await page.goBack();
  await page.goBack();
  await expect(page.getByRole("heading", { name: "My records", level: 1 })).toBeVisible();
});
