// Every screen of the path, as a phone, a tablet and a desk show it, light and dark; with one sheet of all for each.
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { FOLDER, SIZES, sheets } from "../support/pictures.ts";
import { fillMismatch, fillPlanChange, home, record, reportMismatch, signIn, writeNote } from "../support/tasks.ts";

const JEAN = {
  person: "Jean Whitby",
  device: "Co-careldopa 25/100, one tablet at 14:00",
  handover: "Two tablets at 14:00 since the review on Monday",
};
const CHANGE = {
  person: "Jean Whitby",
  task: "Eating and drinking",
  now: "Level 4 puree, level 2 thickened fluids. Sit fully upright for 30 minutes after meals.",
  why: "Jean coughed on her lunch, and the speech therapist saw her at 15:00.",
};

for (const [size, viewport] of Object.entries(SIZES)) {
  test(size, async ({ server, open }) => {
    const taken: string[] = [];
    const take = async (page: Page, name: string) => {
      await expect(page.getByRole("status", { name: "Connection" }).or(page.getByRole("heading").first()).first()).toBeVisible();
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        const path = join(FOLDER, size, `${String(taken.length >> 1).padStart(2, "0")}-${name}-${colorScheme}.png`);
        await page.screenshot({ path });
        taken.push(path);
      }
    };
    const menu = (page: Page, name: string) =>
      page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).click();
    const kind = size === "phone" ? "phone" : "tablet";

    const { page } = await open(kind, server.origin);
    await page.setViewportSize(viewport);
    await page.goto("/");
    await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
    await take(page, "sign-in");
    await signIn(page, "support-worker");
    await take(page, "home-empty");
    await page.getByRole("link", { name: "Report a mismatch" }).click();
    await expect(page.getByRole("combobox", { name: "Person" })).toBeVisible();
    await take(page, "mismatch-person");
    await home(page).catch(() => page.goBack());
    await page.goto("/");
    await fillMismatch(page, JEAN);
    await take(page, "mismatch-check");
    await page.getByRole("button", { name: "Save report" }).click();
    await expect(record(page, JEAN.person).first()).toBeVisible();
    await writeNote(page, { person: "Siân Pugh", care: ["Skin"], other: "Heels looked at, no redness.", told: "Sunita Rao" });
    await take(page, "home");
    await record(page, "Mismatch").first().getByRole("link").click();
    await expect(page.getByText(JEAN.handover)).toBeVisible();
    await take(page, "record");
    await menu(page, "My records");
    await take(page, "records");
    await menu(page, "People");
    await take(page, "people");
    await page.getByRole("main").getByRole("link").filter({ hasText: "Whitby" }).first().click();
    await take(page, "person");
    await menu(page, "More");
    await take(page, "more");

    const lead = await open(kind, server.origin);
    await lead.page.setViewportSize(viewport);
    await signIn(lead.page, "team-leader");
    await expect(lead.page.getByText(JEAN.person).first()).toBeVisible();
    await take(lead.page, "leader-home");
    await menu(lead.page, "Inbox");
    await take(lead.page, "inbox");

    const desk = await open(kind, server.origin);
    await desk.page.setViewportSize(viewport);
    await signIn(desk.page, "care-plan-lead", "MIL-TAB2");
    await fillPlanChange(desk.page, CHANGE);
    await take(desk.page, "plan-change");
    await desk.page.getByRole("button", { name: "Save the change" }).click();
    await expect(desk.page.getByRole("heading", { name: "Answers" })).toBeVisible();
    await take(desk.page, "change");
    await menu(page, "Home");
    await expect(page.getByRole("link", { name: "Check it now" })).toBeVisible();
    await take(page, "home-change");
    await page.getByRole("link", { name: "Check it now" }).click();
    await expect(page.getByRole("button", { name: "Save answer" })).toBeVisible();
    await take(page, "confirm");
    await page.getByRole("radio", { name: /^Level 5/ }).click();
    await page.getByRole("button", { name: "Save answer" }).click();
    await expect(page.getByRole("link", { name: "Report the mismatch" })).toBeVisible();
    await take(page, "confirm-old");
    await menu(lead.page, "Home");
    await lead.page.getByRole("link", { name: "See the visibility board" }).click();
    await expect(lead.page.getByRole("heading", { name: "1 answer to chase" })).toBeVisible();
    await take(lead.page, "board");
    const wrong = lead.page.getByRole(viewport.width < 768 ? "button" : "gridcell", { name: /Marta Kowalska’s own phone/ });
    await wrong.click();
    await expect(lead.page.getByRole("dialog")).toBeVisible();
    await take(lead.page, "board-cell");

    await sheets(page, size, taken);
  });
}
