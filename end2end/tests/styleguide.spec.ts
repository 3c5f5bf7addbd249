// The style guide looks as it did, on phone and tablet, in light and dark; axe-core finds nothing wrong with it, and
// nothing in it is cut. What it should look like lies in end2end/styleguide; a wanted change is taken over with
//   npx playwright test styleguide --update-snapshots
// The pictures are held against those of another Chromium on another machine. The letters are our own font, drawn without
// hinting, so that lines break alike wherever they are drawn.
import { type Browser, chromium, type Page } from "@playwright/test";
import { expect, test as base } from "../support/fixtures.ts";
import { flaws, violations } from "../support/look.ts";

const SIZES = { phone: { width: 390, height: 844 }, tablet: { width: 820, height: 1180 } };
/** How much of a part's picture may differ: another vendor's Chromium, a version older, differed by 2 hundredths at the
 * edges of letters, and by nothing where there are none. What moves or grows anything is always noticed; what is
 * smaller than that, such as another soft fill behind one answer, is not. */
const alike = (part: string) =>
  ({ threshold: 0.1, maxDiffPixelRatio: part === "icons" ? 0.003 : 0.03, scale: "device" }) as const;
/** Sizes with themes pairwise: a theme changes colours alone, and a size changes all but colours. */
const THEME = { phone: "light", tablet: "dark" } as const;

type Theme = "light" | "dark";
type Given = { guide: (theme: Theme) => Promise<Page> };

const test = base.extend<Given>({
  guide: async ({ server, device }, use) => {
    const browser: Browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--font-render-hinting=none", "--disable-lcd-text", "--force-color-profile=srgb"],
    });
    await use(async (theme) => {
      const context = await browser.newContext({
        baseURL: server.origin,
        viewport: SIZES[device],
        // Half a dot for each of the screen's: the pictures are a quarter as large.
        deviceScaleFactor: 0.5,
        colorScheme: theme,
        reducedMotion: "reduce",
        locale: "en-GB",
        timezoneId: "Europe/London",
        serviceWorkers: "block",
      });
      const page = await context.newPage();
      await page.goto("/styleguide");
      await expect(page.getByRole("heading", { name: "Style guide" })).toBeVisible();
      await page.evaluate(() => document.fonts.ready);
      return page;
    });
    await browser.close();
  },
});

/** The ids of its parts, as they stand on the page. */
async function parts(page: Page): Promise<string[]> {
  return page.locator("main > section").evaluateAll((all) => all.map((it) => it.id));
}

/** Shows one part alone, so that where it begins, to the part of a dot, is no matter of those before it. */
async function alone(page: Page, part: string): Promise<void> {
  await page.locator("main > section").evaluateAll((all, part) => {
    for (const it of all as HTMLElement[]) it.style.display = it.id === part ? "" : "none";
  }, part);
}

/** Everything that shows only once something is done. */
async function showAll(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Show what to put right" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "2 things to fix" })).toBeVisible();
}

test("every part looks as it did @tablet", async ({ guide, device }) => {
  const page = await guide(THEME[device]);
  await showAll(page);
  const all = await parts(page);
  expect(all.length).toBeGreaterThan(12);
  for (const part of all) {
    await alone(page, part);
    await expect
      .soft(page.locator(`#${part}`), part)
      // The browser draws the field of a day or a time as it likes; where it stands is ours.
      .toHaveScreenshot(`${part}-${device}.png`, { ...alike(part), mask: [page.locator("input[type=date], input[type=time]")] });
  }
  await alone(page, "sheets");
  await page.getByRole("button", { name: "Open a sheet" }).click();
  await expect(page.getByRole("dialog")).toHaveScreenshot(`sheet-${device}.png`, alike("sheet"));
});

test("a change that one can see is noticed @tablet", async ({ guide, device }) => {
  const page = await guide(THEME[device]);
  const looks = async (part: string, change: (it: HTMLElement) => void) => {
    await alone(page, part);
    await page.locator(`#${part}`).evaluate(change);
    await expect(page.locator(`#${part}`)).not.toHaveScreenshot(`${part}-${device}.png`, alike(part));
  };
  const grey = (it: HTMLElement) => {
    const all = it.querySelectorAll<HTMLElement>("[data-kind=main], .AppBar");
    for (const one of all) one.style.setProperty("background", "gray");
  };
  await looks("buttons", grey);
  await looks("bars", grey);
  await looks("icons", (it) => {
    for (const icon of it.querySelectorAll<SVGElement>("svg:nth-child(-n+4)")) icon.style.setProperty("visibility", "hidden");
  });
  await looks("texts", (it) => it.querySelector("textarea")?.style.setProperty("margin-block-start", "4px"));
});

test("nothing in it is wrong for anybody @tablet", async ({ guide }) => {
  for (const theme of ["light", "dark"] as const) {
    const page = await guide(theme);
    await showAll(page);
    expect.soft(await violations(page), theme).toEqual([]);
    expect.soft(await flaws(page), theme).toEqual([]);
    await page.emulateMedia({ forcedColors: "active" });
    expect.soft(await flaws(page), `${theme}, forced colours`).toEqual([]);
  }
});
