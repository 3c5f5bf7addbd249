// What comes into a long list has its own style worked out, and no other row's with it: a rule that looks at what stands
// beside an element by nothing but its place wakes all of them, and a phone pays for it with every row.
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";

/** How many elements had their style worked out, at most at once, while `change` came to be shown. */
async function restyled(page: Page, change: () => Promise<void>): Promise<number> {
  const browser = await page.context().newCDPSession(page);
  const counts: number[] = [];
  browser.on("Tracing.dataCollected", ({ value }) => {
    for (const event of value as unknown as { name: string; args?: { elementCount?: number } }[]) {
      if (event.name === "UpdateLayoutTree") counts.push(event.args?.elementCount ?? 0);
    }
  });
  await browser.send("Tracing.start", { traceConfig: { includedCategories: ["devtools.timeline"] } });
  await change();
  await page.evaluate(() => new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown))));
  const whole = new Promise((told) => browser.once("Tracing.tracingComplete", told));
  await browser.send("Tracing.end");
  await whole;
  await browser.detach();
  return Math.max(...counts);
}

const ROWS = 40;

for (const [what, list, row] of [
  ["the board", "div.Board table tbody", ["tr", "th", "td", "td", "td"]],
  ["a list", "section.Section ul.List", ["li", "a", "span", "b", "small"]],
  ["a choice", "form div.Choice", ["label", "input", "span", "b", "small"]],
] as const) {
  test(`one row more in ${what} has no other looked at`, async ({ server, open }) => {
    const { page } = await open("tablet", server.origin);
    await page.goto("/");
    await expect(page.locator("#username")).toBeVisible();
    await page.evaluate(
      ({ list, row, rows }) => {
        let place: Element = document.body;
        place.replaceChildren();
        for (const part of ["div.App", "main.Page", ...list.split(" ")]) {
          const [name, kind] = part.split(".");
          place = place.appendChild(document.createElement(name));
          if (kind) place.className = kind;
        }
        const [first, ...parts] = row;
        for (let at = 0; at < rows; at++) {
          const it = place.appendChild(document.createElement(first));
          for (const part of parts) it.appendChild(document.createElement(part)).textContent = part;
        }
        place.id = "rows";
      },
      { list, row: [...row], rows: ROWS },
    );
    const more = () =>
      page.evaluate(() => {
        const rows = document.querySelector("#rows")!;
        rows.insertBefore(rows.children[5].cloneNode(true), rows.lastElementChild);
      });
    // The row, what is in it, and its neighbours.
    expect(await restyled(page, more)).toBeLessThan(4 * row.length);
  });
}
