// Every screen that the app's list of places names, as every role: no violation of WCAG 2.2 or of best practice, nothing
// cut, nothing on top of another, targets of 44 px; in light and dark, at four widths, in forced colours, with text at
// twice its size, and in a language with longer words. @tablet
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { flaws, inAnotherLanguage, violations } from "../support/look.ts";
import { PUREE, ROLES, connection, giveOutGuidance, record, recordPlanChange, reportMismatch, signIn } from "../support/tasks.ts";

test.describe.configure({ timeout: 900_000 });

/** The paths of `app/src/places.rs`, as patterns: `/records/*`. */
function places(): string[] {
  const source = readFileSync(new URL("../../app/src/places.rs", import.meta.url), "utf8");
  const body = source.slice(source.indexOf("pub fn path(self)"), source.indexOf("/// What the bar"));
  return [...body.matchAll(/"(\/[^"]*)"/g)].map((it) => (it[1] ?? "").replace(/\{[^}]*\}/g, "*"));
}

const PLACES = places();

/** The paths that the router knows, as the same patterns: those of `app/src/app.rs`. */
function routes(): string[] {
  const source = readFileSync(new URL("../../app/src/app.rs", import.meta.url), "utf8");
  return [...source.matchAll(/path!\("(\/[^"]*)"\)/g)].flatMap((it) => {
    const path = (it[1] ?? "").replace(/:\w+(?!\w*\?)/g, "*");
    // A part that may be left out is two places.
    const optional = path.replace(/\/:\w+\?$/, "");
    return optional === path ? [path] : [optional, `${optional}/*`];
  });
}

function place(path: string): string | undefined {
  const parts = (it: string) => it.split(/[?#]/)[0]?.split("/").filter(Boolean) ?? [];
  const fits = (pattern: string[], it: string[]) =>
    pattern.length === it.length && pattern.every((part, at) => part === "*" || part === it[at]);
  // A word of its own before what any id would fit.
  const exact = PLACES.find((it) => !it.includes("*") && fits(parts(it), parts(path)));
  return exact ?? PLACES.find((it) => fits(parts(it), parts(path)));
}

const NOT_LED_TO = {
  phone: ["/records/*/again"],
  tablet: ["/inbox", "/records/*/correct", "/records/*/again", "/changes/*/confirm"],
};
const WIDTHS = { phone: [320, 390], tablet: [820, 1280] };

async function stands(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 }).first()).toBeVisible();
  await expect(page.locator(".Skeleton")).toHaveCount(0);
  await page.evaluate(() => document.fonts.ready);
}

/** The paths that this screen leads to. */
async function leads(page: Page): Promise<string[]> {
  return page.locator("a[href^='/']").evaluateAll((links) => links.map((it) => it.getAttribute("href") ?? ""));
}

test("every screen, as every role @tablet", async ({ server, open, device }) => {
  expect(PLACES.length).toBeGreaterThan(20);
  expect(routes().toSorted(), "the router and the list of places know the same").toEqual(PLACES.toSorted());
  const lead = await open("tablet", server.origin);
  await signIn(lead.page, "team-leader");
  await reportMismatch(lead.page, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
  await record(lead.page, "Jean Whitby").getByRole("link").click();
  await giveOutGuidance(lead.page, "Level 4");
  await expect(connection(lead.page)).toHaveText("All sent");
  const planner = await open("tablet", server.origin);
  await signIn(planner.page, "care-plan-lead");
  await recordPlanChange(planner.page, PUREE);
  await expect(connection(planner.page)).toHaveText("All sent");
  await lead.context.close();
  await planner.context.close();

  const visited = new Set<string>();
  const wrong: string[] = [];
  for (const [turn, role] of ROLES[device].entries()) {
    const { page, context } = await open(device, server.origin);
    await signIn(page, role);
    const found = ["/"];
    const done = new Set<string>();
    for (const path of found) {
      const at = place(path);
      if (!at || done.has(at)) continue;
      done.add(at);
      visited.add(at);
      const way = (turn + done.size) % 4;
      const width = WIDTHS[device][way % 2] ?? 390;
      const colorScheme = way < 2 ? "light" : "dark";
      await page.setViewportSize({ width, height: page.viewportSize()?.height ?? 844 });
      await page.emulateMedia({ colorScheme });
      await page.goto(path);
      await stands(page);
      found.push(...(await leads(page)));
      const which = `${role}, ${path.replace(/[0-9a-f-]{36}/, "…")}, ${width} px, ${colorScheme}`;
      const note = (how: string, found: string[]) => wrong.push(...found.map((it) => `${which}${how}: ${it}`));
      note("", (await violations(page, "best-practice")).map((it) => `${it.rule}: ${it.where.join(", ")}`));
      note("", await flaws(page));
      if (way === 0) {
        await page.emulateMedia({ forcedColors: "active" });
        note(", forced colours", await flaws(page));
        await page.emulateMedia({ forcedColors: "none" });
      } else if (way === 1) {
        await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
        note(", text at 200%", await flaws(page));
      } else {
        await inAnotherLanguage(page);
        note(", another language", await flaws(page));
      }
    }
    await context.close();
  }
  // A place that is added is led to, or is named here: what these roles are shown no way to. 'Again' needs a refusal.
  expect(PLACES.filter((it) => !visited.has(it))).toEqual(NOT_LED_TO[device]);
  expect(wrong, "what is wrong on which screen").toEqual([]);
});
