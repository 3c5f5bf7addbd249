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

test("a correction that comes while the record lies open is seen once somebody is at it again", async ({ server, open }) => {
  const worker = await open("phone", server.origin);
  await signIn(worker.page, "support-worker");
  await reportMismatch(worker.page, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
  const { page } = await open("tablet", server.origin);
  await page.clock.install();
  await signIn(page, "team-leader");
  await tab(page, "Inbox");
  await page.getByRole("main").getByRole("link").filter({ hasText: "Jean Whitby" }).click();
  await expect(record(worker.page, "Jean Whitby")).toContainText("Seen by Sunita Rao");

  await record(worker.page, "Jean Whitby").getByRole("link").click();
  await worker.page.getByRole("link", { name: "Correct this record" }).click();
  await worker.page.getByRole("button", { name: "Change: What handover says" }).click();
  await worker.page.getByRole("textbox", { name: "What handover says" }).fill("Level 3");
  await worker.page.getByRole("button", { name: "Carry on" }).click();
  await worker.page.getByRole("textbox", { name: "Why do you correct it?" }).fill("Misheard.");
  await worker.page.getByRole("button", { name: "Save correction" }).click();
  const seen = page.getByRole("button", { name: "I have seen this" });
  await expect(seen).toBeVisible();
  await page.clock.fastForward(10_000);
  await expect(page.getByText("Level 3").first()).toBeVisible();
  await expect(seen).toBeVisible();
  await page.getByRole("heading", { name: "What happened" }).click();
  await page.clock.fastForward(3_000);
  await expect(seen).toHaveCount(0);
});
