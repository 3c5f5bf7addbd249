// A session that ends stops nobody: what is written is kept, the app says so, and it goes after signing in again.
import { expect, test } from "../support/fixtures.ts";
import { connection, PASSWORD, record, reportMismatch, signIn, tab } from "../support/tasks.ts";

const REPORT = { person: "Jean Whitby", device: "Level 5", handover: "Level 4" };

test("an ended session says what is kept, knows who must sign in again, and then everything goes", async ({ server, open }) => {
  const { page, context } = await open("phone", server.origin);
  await signIn(page, "support-worker");
  await context.clearCookies();
  await reportMismatch(page, REPORT);
  await expect(page.getByText("Your sign-in has ended.")).toBeVisible();
  await expect(record(page, "Jean Whitby")).toContainText("Saved on this phone");

  await tab(page, "My records");
  await expect(page.getByText("It goes by itself once you have signed in again.")).toBeVisible();
  await page.getByRole("link", { name: "Sign in again" }).click();
  await expect(page.getByText("1 record is kept on this phone.")).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Username" })).toHaveValue("support-worker");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Sign in again" })).toHaveCount(0);
  await tab(page, "My records");
  await expect(record(page, "Jean Whitby")).toContainText("Sent");
});

test("whoever signs out with something unsent is told on the sign-in page whose it is and when it goes", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  await signIn(page, "support-worker");
  await server.kill();
  await reportMismatch(page, REPORT);
  await tab(page, "More");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByText("1 record by Marta Kowalska is kept on this phone, not sent yet.")).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Username" })).toHaveValue("support-worker");

  await server.start();
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(record(page, "Jean Whitby")).toContainText("Sent");
  await expect(connection(page)).toHaveText("All sent");
});
