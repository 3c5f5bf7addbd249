// With text at twice its size on a phone nothing runs off the side of the page.
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { record, reportMismatch, signIn } from "../support/tasks.ts";

/** How many pixels the page can be scrolled sideways, with text at twice its size by its own style and by the browser's setting. */
async function sideways(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  const over = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
  const byStyle = await over();
  await page.evaluate(() => (document.documentElement.style.fontSize = ""));
  await devtools.send("Page.setFontSizes", { fontSizes: { standard: 32, fixed: 26 } });
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe("32px");
  const bySetting = await over();
  await devtools.send("Page.setFontSizes", { fontSizes: { standard: 16, fixed: 13 } });
  await devtools.detach();
  return Math.max(byStyle, bySetting);
}

test("no page scrolls sideways with text at 200%", async ({ server, open }) => {
  const worker = await open("phone", server.origin);
  await signIn(worker.page, "support-worker");
  await reportMismatch(worker.page, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
  await expect(record(worker.page, "Jean Whitby")).toContainText("Sent");
  await worker.page.goto("/note/new");
  await worker.page.getByRole("textbox", { name: "Anything else" }).or(worker.page.getByRole("combobox", { name: "Person" })).first().waitFor();
  expect.soft(await sideways(worker.page), "note").toBeLessThanOrEqual(0);
  const leader = await open("phone", server.origin);
  await signIn(leader.page, "team-leader");
  for (const [page, paths] of [
    [worker.page, ["/", "/records", "/people", "/more", "/offline", "/mismatch/new", "/device"]],
    [leader.page, ["/", "/inbox", "/all-records", "/records"]],
  ] as const) {
    for (const path of paths) {
      await page.goto(path);
      await expect(page.getByRole("heading").first()).toBeVisible();
      expect.soft(await sideways(page), path).toBeLessThanOrEqual(0);
    }
  }
  await leader.page.goto("/inbox");
  await leader.page.getByRole("main").getByRole("link").filter({ hasText: "Jean Whitby" }).click();
  await expect(leader.page.getByText("Level 4")).toBeVisible();
  expect.soft(await sideways(leader.page), "a record").toBeLessThanOrEqual(0);
});
