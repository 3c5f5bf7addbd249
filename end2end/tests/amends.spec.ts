// A record that was sent is corrected by another entry; both versions stay readable, for everybody who reads it.
import { expect, test } from "../support/fixtures.ts";
import { connection, home, record, reportMismatch, signIn } from "../support/tasks.ts";

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
