// The main job: what is written with no signal is kept on the phone and reaches the team leader.
// No signal means that no server runs and the browser is a new process on its profile.
import { expect, test } from "../support/fixtures.ts";
import { connection, record, reportMismatch, shellIsKept, signIn, writeNote } from "../support/tasks.ts";

test("reports a mismatch and writes a note with no signal, and the team leader sees both", async ({ server, open }) => {
  // A phone whose live signal was cut by the outage looks by itself every 60 to 90 seconds.
  test.setTimeout(240_000);
  const phone = await open("phone", server.origin);
  await signIn(phone.page, "support-worker", "NHC-PH6");
  await shellIsKept(phone.page);

  await phone.close();
  await server.kill();
  await phone.reopen();
  await expect(connection(phone.page)).toHaveText("Offline");

  await reportMismatch(phone.page, {
    person: "Jean Whitby",
    device: "Level 5 minced and moist, level 1 thickened fluids.",
    handover: "Level 4 puree, level 2 fluids. Told by Sunita at 16:00.",
  });
  await writeNote(phone.page, { person: "Siân Pugh", care: ["Skin"], other: "Heels looked at, no redness.", told: "Sunita Rao" });
  const mismatch = record(phone.page, "Jean Whitby");
  const note = record(phone.page, "Siân Pugh");
  await expect(mismatch).toContainText("Saved on this phone");
  await expect(note).toContainText("Saved on this phone");

  await phone.kill();
  await phone.reopen();
  const again = { mismatch: record(phone.page, "Jean Whitby"), note: record(phone.page, "Siân Pugh") };
  await expect(again.mismatch).toContainText("Saved on this phone");
  await expect(again.note).toContainText("Saved on this phone");
  await phone.page.evaluate(() => Object.assign(window, { notReloaded: true }));

  await server.start();
  await server.kill();
  await server.start();
  await expect(again.mismatch).toContainText("Sent", { timeout: 60_000 });
  await expect(again.note).toContainText("Sent");
  await expect(connection(phone.page)).toHaveText("All sent");

  const tablet = await open("tablet", server.origin);
  await signIn(tablet.page, "team-leader", "My own phone");
  await tablet.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Inbox" }).click();
  const inbox = tablet.page.getByRole("main");
  await expect(inbox.getByRole("link").filter({ hasText: "Siân Pugh" })).toBeVisible();
  await inbox.getByRole("link").filter({ hasText: "Jean Whitby" }).click();
  await expect(inbox).toContainText("Level 4 puree, level 2 fluids. Told by Sunita at 16:00.");

  await expect(again.mismatch).toContainText("Seen by Sunita Rao", { timeout: 120_000 });
  await expect(again.note).not.toContainText("Seen by");
  expect(await phone.page.evaluate(() => "notReloaded" in window)).toBe(true);
});
