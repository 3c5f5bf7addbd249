// A list is left and come back to where it was read.
import { expect, test } from "../support/fixtures.ts";
import { signIn } from "../support/tasks.ts";

test("back from a person, the list stands where it was left, and a new page begins at its top", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  await signIn(page, "support-worker");
  const main = page.getByRole("navigation", { name: "Main" });
  await main.getByRole("link", { name: "People" }).click();
  const last = page.getByRole("main").getByRole("link").last();
  await last.scrollIntoViewIfNeeded();
  const at = () => page.evaluate(() => Math.round(scrollY));
  const left = await at();
  expect(left).toBeGreaterThan(100);
  await last.click();
  await expect(page.getByRole("heading", { name: "How to help" }).or(page.getByText("People and plans on this phone")).first()).toBeVisible();
  await expect.poll(at).toBe(0);
  await page.goBack();
  await expect(last).toBeInViewport();
  await expect.poll(at).toBe(left);
});
