// What the server could not file never counts as done: it says so, with the reason and what to do.
import { expect, test } from "../support/fixtures.ts";
import { Provider } from "../support/provider.ts";
import { Server } from "../support/server.ts";
import { connection, fillMismatch, home, myRecords, record, signIn } from "../support/tasks.ts";

test("a record that the server holds needs attention, and 'Correct and send again' is a new record", async ({ open }) => {
  const provider = new Provider();
  const server = await Server.of(provider.folder, ["support-worker"]);
  const roleAt = async (service: string) => {
    await server.kill();
    provider.change("staff.csv", (line) => line.replace(/^(support-worker,.*),\w+$/, `$1,${service}`));
    server.import(provider.folder);
    await server.start();
  };
  try {
    const { page } = await open("phone", server.origin);
    await signIn(page, "support-worker");
    await fillMismatch(page, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
    // The role goes while the form is open, and the phone hears of it before the record is made.
    const heard = page.waitForResponse(async (answer) => answer.url().endsWith("/api/v1/sync") && answer.ok());
    await roleAt("ELM");
    await heard;
    await expect(connection(page)).toHaveText(/All sent|Online/);
    await page.getByRole("button", { name: "Save report" }).click();
    const held = record(page, "Mismatch").filter({ hasText: "Needs attention" });
    await expect(held).toHaveCount(1);

    await held.getByRole("link").click();
    const main = page.getByRole("main");
    for (const part of ["What happened", "What is safe", "What to do", "Level 4"]) await expect(main).toContainText(part);
    await roleAt("NHC");
    await expect(main.getByRole("heading", { name: "Jean Whitby" }).first()).toBeVisible();
    await page.getByRole("link", { name: "Correct and send again" }).click();
    await page.getByRole("button", { name: "Save report" }).click();

    await expect(record(page, "Mismatch").filter({ hasText: "Sent" })).toHaveCount(1);
    await expect(connection(page)).toHaveText("All sent");
    await home(page);
    await expect(myRecords(page).getByRole("listitem")).toHaveCount(2);
  } finally {
    await server.dispose();
    provider.dispose();
  }
});
