// The visibility board under the hand: what is drawn when an answer comes, what a phone reaches, and the back key.
import { expect, test } from "../support/fixtures.ts";
import { confirmChange, recordPlanChange, signIn } from "../support/tasks.ts";

const CHANGE = {
  person: "Jean Whitby",
  task: "Eating and drinking",
  now: "Level 4 puree, level 2 thickened fluids.",
  why: "She coughed on her lunch.",
};

test("one answer draws one cell of the board anew", async ({ server, open }) => {
  const marta = await open("phone", server.origin);
  await signIn(marta.page, "support-worker", "NHC-PH6");
  const desk = await open("tablet", server.origin);
  await signIn(desk.page, "care-plan-lead");
  await recordPlanChange(desk.page, CHANGE);
  await recordPlanChange(desk.page, { ...CHANGE, person: "Siân Pugh", task: "Medicines", now: "Ask her first." });

  const leader = await open("tablet", server.origin);
  await signIn(leader.page, "team-leader");
  await leader.page.getByRole("link", { name: "See the visibility board" }).click();
  await expect(leader.page.getByRole("rowheader")).toHaveCount(2);
  const cells = leader.page.getByRole("gridcell", { name: "NHC-PH6" });
  await expect(cells).toHaveCount(2);
  await leader.page.getByRole("grid").evaluate((grid) => {
    const drawn = new Set<string>();
    Object.assign(window, { drawn });
    const part = (node: Node) => (node instanceof Element ? node : node.parentElement)?.closest("td, th, tr, tbody, thead, table");
    new MutationObserver((all) => {
      for (const { target } of all) drawn.add(`${part(target)?.nodeName} ${part(target)?.ariaLabel ?? ""}`.trim());
    }).observe(grid, { subtree: true, childList: true, characterData: true, attributes: true });
  });
  await confirmChange(marta.page, "I can’t open it");
  const answered = leader.page.getByRole("gridcell", { name: "×, could not open it, NHC-PH6" });
  await expect(answered).toHaveCount(1);
  const drawn = await leader.page.evaluate(() => [...(window as unknown as { drawn: Set<string> }).drawn]);
  expect(drawn.filter((it) => it.startsWith("TD"))).toEqual(["TD ×, could not open it, NHC-PH6"]);
});

test("a phone reaches every device of every change, and the back key closes what lies over the board", async ({ server, open }) => {
  const desk = await open("tablet", server.origin);
  await signIn(desk.page, "care-plan-lead");
  await recordPlanChange(desk.page, CHANGE);

  const { page } = await open("phone", server.origin);
  await signIn(page, "team-leader");
  await page.getByRole("link", { name: "See the visibility board" }).click();
  await expect(page.getByRole("heading", { name: "Nothing to chase at Northgate Home Care" })).toBeVisible();
  await page.getByRole("button", { name: "To chase" }).click();
  const change = page.getByRole("region", { name: "Jean Whitby: eating and drinking" });
  await change.getByRole("button", { name: "Show the other 6 devices" }).click();
  await expect(change.getByRole("listitem")).toHaveCount(6);
  await change.getByRole("button", { name: "NHC-PH6" }).click();
  const sheet = page.getByRole("dialog", { name: "NHC-PH6" });
  await expect(sheet).toBeVisible();
  await page.goBack();
  await expect(sheet).toHaveCount(0);
  await expect(change).toBeVisible();

  // Closed by its own button, it leaves nothing behind for the back key.
  await change.getByRole("button", { name: "NHC-PH6" }).click();
  await sheet.getByRole("button", { name: "Close" }).click();
  await expect(sheet).toHaveCount(0);
  await page.goBack();
  await expect(page.getByRole("link", { name: "See the visibility board" })).toBeVisible();
});
