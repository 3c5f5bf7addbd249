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
  // Every cell stands under its own device.
  const astray = await leader.page.getByRole("gridcell").evaluateAll((cells) => {
    const left = (it: Element | null | undefined) => Math.round(it?.getBoundingClientRect().left ?? -1);
    const head = (at: string | null) => document.querySelector(`[role=columnheader][aria-colindex="${at}"]`);
    return cells.filter((it) => left(it) !== left(head(it.getAttribute("aria-colindex")))).map((it) => it.ariaLabel);
  });
  expect(astray).toEqual([]);
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

test("R reminds from the board, which says so, and the sheet keeps its controls while it says what became of it", async ({ server, open }) => {
  const marta = await open("phone", server.origin);
  await signIn(marta.page, "support-worker", "NHC-PH6");
  const { page } = await open("tablet", server.origin);
  await signIn(page, "care-plan-lead");
  await recordPlanChange(page, CHANGE);
  await page.getByRole("link", { name: "See the board" }).click();
  const cell = page.getByRole("gridcell", { name: "NHC-PH6" });
  await cell.focus();
  await page.keyboard.press("r");
  await expect(page.getByText("Reminder saved for NHC-PH6.")).toBeInViewport();
  await expect(marta.page.getByText(/Tom Beresford reminded you/)).toBeVisible();
  await expect(cell).toBeFocused();

  await page.keyboard.press("Enter");
  const sheet = page.getByRole("dialog", { name: "NHC-PH6" });
  const method = sheet.getByRole("radio", { name: "I saw the screen" });
  await method.check();
  await method.evaluate((node) => Object.assign(window, { drawn: node }));
  await sheet.getByRole("button", { name: "Remind Marta" }).click();
  await expect(sheet.getByRole("status").filter({ hasText: "was reminded" })).toBeVisible();
  expect(await method.evaluate((node) => node === (window as unknown as { drawn: Element }).drawn)).toBe(true);

  // Each service has its own who chase: all of them at once are not handed over.
  await sheet.getByRole("button", { name: "Close" }).click();
  await expect(page.getByRole("button", { name: "Hand over" })).toBeVisible();
  await page.getByRole("button", { name: "All", exact: true }).click();
  await expect(page.getByText("To hand over, pick one service.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Hand over" })).toHaveCount(0);

  // Whoever does not chase is offered none of it.
  const other = await open("tablet", server.origin);
  await signIn(other.page, "medication-lead");
  await other.page.goto(`${server.origin}/board`);
  // The keys are named where there may be a keyboard, not under a finger.
  const keys = other.page.getByText("Arrow keys move, Enter opens.", { exact: true });
  await expect(keys).toBeAttached();
  await expect(keys).toBeHidden();
  await expect(other.page.getByText("hand over")).toHaveCount(0);
});

test("the stop of the Tab key is one, and goes with the focus over the board", async ({ server, open }) => {
  const { page } = await open("tablet", server.origin);
  await signIn(page, "care-plan-lead");
  await recordPlanChange(page, CHANGE);
  await page.getByRole("link", { name: "See the board" }).click();
  const stop = page.locator('td[tabindex="0"]');
  await expect(stop).toHaveCount(1);
  await stop.focus();
  await page.keyboard.press("End");
  const last = page.getByRole("gridcell").last();
  await expect(last).toBeFocused();
  await expect(last).toHaveAttribute("tabindex", "0");
  await expect(stop).toHaveCount(1);
  await page.keyboard.press("ArrowRight");
  await expect(last).toBeFocused();
  await page.keyboard.press("Home");
  await expect(page.getByRole("gridcell").first()).toBeFocused();
  await expect(stop).toHaveCount(1);
});

test("a phone reaches every device of every change, and the back key closes what lies over the board", async ({ server, open }) => {
  const desk = await open("tablet", server.origin);
  await signIn(desk.page, "care-plan-lead");
  await recordPlanChange(desk.page, CHANGE);

  const { page } = await open("phone", server.origin);
  await signIn(page, "team-leader");
  await page.getByRole("link", { name: "See the visibility board" }).click();
  await expect(page.getByRole("heading", { name: "Nothing to chase at Northgate Home Care" })).toBeVisible();
  await page.getByRole("button", { name: "Show all changes" }).click();
  const change = page.getByRole("region", { name: "Jean Whitby: eating and drinking" });
  await change.getByRole("button", { name: "Show all 6 devices" }).click();
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

test("what was handed over is said on the board of both, and the note that was begun is kept", async ({ server, open }) => {
  const marta = await open("phone", server.origin);
  await signIn(marta.page, "support-worker", "NHC-PH6");
  const { page } = await open("tablet", server.origin);
  await signIn(page, "care-plan-lead");
  await recordPlanChange(page, CHANGE);
  await confirmChange(marta.page, "I can’t open it");
  await page.getByRole("link", { name: "See the board" }).click();
  await expect(page.getByRole("rowheader")).toContainText(/just now|\d+m old/);
  await page.getByRole("button", { name: "Hand over" }).click();
  const sheet = page.getByRole("dialog", { name: "Hand over to the next shift" });
  const note = sheet.getByRole("textbox", { name: "Anything else to know" });
  await note.fill("Ring Ioana first.");
  await page.reload();
  await page.getByRole("button", { name: "Hand over" }).click();
  await expect(note).toHaveValue("Ring Ioana first.");
  await sheet.getByRole("radio", { name: "Sunita Rao" }).check();
  await sheet.getByRole("button", { name: "Hand over" }).click();
  await expect(page.getByText(/You handed over to Sunita Rao, (yesterday )?\d\d:\d\d/)).toBeVisible();
  await page.getByRole("button", { name: "Hand over" }).click();
  await expect(note).toHaveValue("");

  const leader = await open("tablet", server.origin);
  await signIn(leader.page, "team-leader");
  // It is the first thing that needs her.
  const first = leader.page.getByRole("region", { name: "Needs you now" }).getByRole("article");
  await expect(first).toContainText("1 answer to chase");
  await expect(first).toContainText(/Tom Beresford handed this over to you, .*: Ring Ioana first\./);
  await leader.page.getByRole("link", { name: "See the visibility board" }).click();
  await expect(leader.page.getByText(/Tom Beresford handed over to Sunita Rao, (yesterday )?\d\d:\d\d · Sent/)).toBeVisible();
});

test("somebody's own phone is a column of the board that says whose it is", async ({ server, open }) => {
  const marta = await open("phone", server.origin);
  await signIn(marta.page, "support-worker");
  const { page } = await open("tablet", server.origin);
  await signIn(page, "care-plan-lead");
  await recordPlanChange(page, CHANGE);
  await page.getByRole("link", { name: "See the board" }).click();
  await expect(page.getByRole("columnheader", { name: /Marta’s\s*own/ })).toBeVisible();
  await expect(page.getByRole("list", { name: "What the marks mean" })).toContainText("somebody’s own phone");
});
