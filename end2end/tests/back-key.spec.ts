// The phone's back key goes one question back, and leaves the form only from the first.
import { expect, test } from "../support/fixtures.ts";
import { fillMismatch, myRecords, record, signIn } from "../support/tasks.ts";

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
  await expect(page.getByText("We kept what you wrote.")).toBeVisible();
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
