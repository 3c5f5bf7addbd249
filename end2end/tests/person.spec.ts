// The page of a person: what was reported, whom to ring, what was written last, and the note about them.
import { expect, test } from "../support/fixtures.ts";
import { record, reportMismatch, signIn, tab } from "../support/tasks.ts";

test("a reported mismatch stands on the person's page, and a note begun there is about them", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  await signIn(page, "support-worker");
  await reportMismatch(page, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
  await tab(page, "People");
  await page.getByRole("list", { name: "People" }).getByRole("link").filter({ hasText: "Jean Whitby" }).click();
  await expect(page.getByText(/A mismatch was reported/)).toBeVisible();
  await expect(page.getByRole("list", { name: "Last records" }).getByRole("listitem")).toContainText("Mismatch: Jean Whitby");
  await expect(page.getByRole("link", { name: /^Ring .*, on call/ })).toBeVisible();
  await page.getByRole("link", { name: "Write a note" }).click();
  await expect(page.getByRole("heading", { name: "Care delivered" })).toBeVisible();
  await expect(page.getByRole("main").getByText("Jean Whitby").filter({ visible: true }).first()).toBeVisible();
  await page.getByRole("group", { name: "Care delivered" }).getByRole("checkbox").first().check();
  await page.getByRole("button", { name: "Carry on" }).click();
  await page.getByRole("radio", { name: "No", exact: true }).click();
  await page.getByRole("button", { name: "Save note" }).click();
  await expect(record(page, "Note: Jean Whitby")).toBeVisible();
});

test("a time that has not come, and somebody else who is not named, are asked for before the sheet closes", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  await signIn(page, "support-worker");
  await page.goto("/note/new");
  await page.getByRole("option").first().click();
  await page.getByRole("group", { name: "Care delivered" }).getByRole("checkbox").first().check();
  await page.getByRole("button", { name: "Carry on" }).click();
  await page.getByRole("radio", { name: "No", exact: true }).click();
  await page.getByRole("button", { name: "Change: Who gave the care" }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByRole("checkbox", { name: "I am writing this for someone else" }).check();
  await sheet.getByRole("radio", { name: "Earlier today" }).click();
  await sheet.getByLabel("Time").fill("23:59");
  await sheet.getByRole("button", { name: "Done" }).click();
  await expect(sheet.getByText("This time has not come yet.")).toBeVisible();
  await expect(sheet.getByText("Pick who gave the care")).toBeVisible();
  await sheet.getByRole("radio", { name: "Now" }).click();
  await sheet.getByRole("checkbox", { name: "I am writing this for someone else" }).uncheck();
  await sheet.getByRole("button", { name: "Done" }).click();
  await expect(sheet).toHaveCount(0);
});

test("a form of another role says so instead of opening", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  await signIn(page, "provider-oversight");
  await page.goto("/mismatch/new");
  await expect(page.getByRole("heading", { name: "This form is not for your role" })).toBeVisible();
});
