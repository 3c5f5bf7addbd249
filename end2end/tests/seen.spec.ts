// 'I have seen this' is at hand on a phone as soon as there is something to read, however long the record is.
import { expect, test } from "../support/fixtures.ts";
import { record, reportMismatch, signIn, tab } from "../support/tasks.ts";

test("a long record can be marked as seen without scrolling to its end", async ({ server, open }) => {
  const worker = await open("phone", server.origin);
  await signIn(worker.page, "support-worker");
  await reportMismatch(worker.page, { person: "Jean Whitby", device: "Level 5\n".repeat(60), handover: "Level 4" });
  await expect(record(worker.page, "Jean Whitby")).toContainText("Sent");

  // A page that is never in front for long: nothing counts as seen by itself.
  const { page } = await open("phone", server.origin, () => {
    Object.defineProperty(Document.prototype, "hasFocus", { value: () => false });
  });
  await signIn(page, "team-leader");
  await tab(page, "Inbox");
  await page.getByRole("main").getByRole("link").filter({ hasText: "Jean Whitby" }).click();
  const seen = page.getByRole("button", { name: "I have seen this" });
  await expect(page.getByText("Level 5").first()).toBeInViewport();
  await expect(seen).toBeInViewport({ ratio: 1 });
  const menu = page.getByRole("navigation", { name: "Main" });
  const [bar, tabs] = [await seen.boundingBox(), await menu.boundingBox()];
  expect((bar?.y ?? 0) + (bar?.height ?? 0)).toBeLessThanOrEqual(tabs?.y ?? 0);
  await page.getByRole("heading", { name: "What happened" }).scrollIntoViewIfNeeded();
  await seen.click();
  await expect(seen).toHaveCount(0);
  await expect(record(worker.page, "Jean Whitby")).toContainText("Seen by Sunita Rao");
});
