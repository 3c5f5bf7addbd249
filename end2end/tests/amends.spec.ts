// A record that was sent is corrected by another entry; both versions stay readable, for everybody who reads it.
import { expect, test } from "../support/fixtures.ts";
import { connection, home, pick, record, reportMismatch, signIn, tab } from "../support/tasks.ts";

test("corrects a record that was sent, and both versions stay readable", async ({ server, open }) => {
  const phone = await open("phone", server.origin);
  await signIn(phone.page, "support-worker");
  await reportMismatch(phone.page, { person: "Jean Whitby", device: "Level 5", handover: "Level 3 liquidised" });
  await expect(record(phone.page, "Jean Whitby")).toContainText("Sent");
  await record(phone.page, "Jean Whitby").getByRole("link").click();
  await phone.page.getByRole("link", { name: "Correct this record" }).click();

  const main = phone.page.getByRole("main");
  await phone.page.getByRole("button", { name: "Change: What handover says" }).click();
  await phone.page.getByRole("textbox", { name: "What handover says" }).fill("Level 4 puree");
  await phone.page.getByRole("button", { name: "Carry on" }).click();
  await phone.page.getByRole("textbox", { name: "Why do you correct it?" }).fill("I misheard the level");
  await phone.page.getByRole("button", { name: "Save correction" }).click();
  await expect(connection(phone.page)).toHaveText("All sent");

  await home(phone.page);
  await record(phone.page, "Jean Whitby").getByRole("link").click();
  for (const text of ["Level 4 puree", "Level 3 liquidised", "I misheard the level"]) {
    await expect(main).toContainText(text);
  }

  const tablet = await open("tablet", server.origin);
  await signIn(tablet.page, "team-leader");
  await tablet.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Inbox" }).click();
  await tablet.page.getByRole("main").getByRole("link").filter({ hasText: "Jean Whitby" }).click();
  for (const text of ["Level 4 puree", "Level 3 liquidised", "I misheard the level"]) {
    await expect(tablet.page.getByRole("main")).toContainText(text);
  }
});

test("a correction of what the team leader has seen comes to her again, names both people, and keeps its lines", async ({ server, open }) => {
  const worker = await open("phone", server.origin);
  await signIn(worker.page, "support-worker");
  await reportMismatch(worker.page, { person: "Jean Whitby", device: "Level 5\nupright", handover: "Level 4" });
  const leader = await open("tablet", server.origin);
  await signIn(leader.page, "team-leader");
  await tab(leader.page, "Inbox");
  await leader.page.getByRole("list", { name: "To read" }).getByRole("link").click();
  await leader.page.getByRole("button", { name: "I have seen this" }).click();
  await expect(record(worker.page, "Jean Whitby")).toContainText("Seen by Sunita Rao");

  await record(worker.page, "Jean Whitby").getByRole("link").click();
  await expect(worker.page.getByText("Level 5")).toHaveCSS("white-space", "pre-line");
  await worker.page.getByRole("link", { name: "Correct this record" }).click();
  await worker.page.getByRole("button", { name: "Change: Person" }).click();
  await pick(worker.page, "Siân Pugh");
  await worker.page.getByRole("textbox", { name: "Why do you correct it?" }).fill("Wrong person");
  await worker.page.getByRole("button", { name: "Save correction" }).click();
  await expect(worker.page.getByText("before it was corrected").filter({ visible: true }).first()).toBeVisible();

  await tab(leader.page, "Inbox");
  const again = leader.page.getByRole("list", { name: "To read" }).getByRole("listitem");
  await expect(again).toContainText("Corrected since you saw it");
  await again.getByRole("link").click();
  const main = leader.page.getByRole("main");
  for (const name of ["Jean Whitby, Round C, call 1", "Siân Pugh, Round C, call 10"]) await expect(main.getByText(name).filter({ visible: true }).first()).toBeVisible();
  await leader.page.getByRole("button", { name: "I have seen this" }).click();
  await tab(worker.page, "My records");
  await expect(worker.page.getByRole("listitem").filter({ hasText: "Siân Pugh" })).toContainText("Corrected · Seen by Sunita Rao");
});

test("a correction that changes nothing is not saved", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  await signIn(page, "support-worker");
  await reportMismatch(page, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
  await record(page, "Jean Whitby").getByRole("link").click();
  await page.getByRole("link", { name: "Correct this record" }).click();
  await page.getByRole("textbox", { name: "Why do you correct it?" }).fill("typo");
  await page.getByRole("button", { name: "Save correction" }).click();
  const nothing = page.getByText("You changed nothing yet.");
  await expect(page.getByRole("alert").filter({ has: nothing }).first()).toBeVisible();
  // The message goes once something else is changed that puts it right.
  await page.getByRole("button", { name: "Change: What handover says" }).click();
  await page.getByRole("textbox", { name: "What handover says" }).fill("Level 3");
  await expect(nothing).toHaveCount(0);
});
