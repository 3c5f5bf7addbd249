// What the server could not file never counts as done: it says so, with the reason and what to do.
import { expect, test } from "../support/fixtures.ts";
import { connection, home, myRecords, record, reportMismatch, signIn } from "../support/tasks.ts";

const REASON = "At that time you held no role that writes this at this service.";

test("a refused record needs attention, and 'Correct and send again' is a new record", async ({ proxied: { server, proxy }, open }) => {
  const phone = await open("phone", server.origin);
  await signIn(phone.page, "support-worker");
  proxy.set({ kind: "refuse", code: "not-permitted", reason: REASON }, (body) => JSON.parse(body).entries.length > 0);
  await reportMismatch(phone.page, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
  await expect(record(phone.page, "Jean Whitby")).toContainText("Needs attention");
  proxy.set(undefined);

  await record(phone.page, "Jean Whitby").getByRole("link").click();
  const main = phone.page.getByRole("main");
  for (const part of ["What happened", "What is safe", "What to do"]) await expect(main).toContainText(part);
  await phone.page.getByRole("link", { name: "Correct and send again" }).click();
  await phone.page.getByRole("button", { name: "Save report" }).click();

  await expect(record(phone.page, "Jean Whitby").filter({ hasText: "Sent" })).toHaveCount(1);
  await expect(connection(phone.page)).toHaveText("All sent");
  await home(phone.page);
  await expect(myRecords(phone.page).getByRole("listitem")).toHaveCount(2);
});
