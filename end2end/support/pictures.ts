// Pictures of screens for people to look at, outside of what is kept.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Page } from "@playwright/test";

export const FOLDER = resolve(import.meta.dirname, "../../target/pictures");

export const SIZES = {
  small: { width: 320, height: 640 },
  phone: { width: 390, height: 844 },
  tablet: { width: 820, height: 1180 },
  desk: { width: 1280, height: 800 },
} as const;

/** Puts pictures on two sheets, one of the light and one of the dark, under this name. */
export async function sheets(page: Page, name: string, taken: string[]): Promise<void> {
  const sheet = await page.context().newPage();
  for (const scheme of ["light", "dark"]) {
    const pictures = taken
      .filter((path) => path.includes(`-${scheme}.png`))
      .map((path) => `<img width="300" src="data:image/png;base64,${readFileSync(path).toString("base64")}">`);
    await sheet.setViewportSize({ width: 1560, height: 900 });
    await sheet.setContent(`<body style="margin:8px;background:#888">${pictures.join(" ")}</body>`);
    await sheet.screenshot({ path: join(FOLDER, `${name}-${scheme}.png`), fullPage: true });
  }
}
