// The browser is killed while records are saved, again and again. What the screen said was saved is there afterwards.
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { fillNote, shellIsKept, signIn } from "../support/tasks.ts";

/** How often it is killed; the long form is asked for by the environment. */
const KILLS = Number(process.env.HOLDFAST_BROWSER_KILLS ?? 5);

/** Gives up what a save that never was left in the form, so that each record is written once. */
async function dropDraft(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Write a temporary note" }).click();
  const again = page.getByRole("button", { name: "Start again" });
  await expect(again.or(page.getByRole("combobox", { name: "Person" })).first()).toBeVisible();
  if (await again.isVisible()) {
    await again.click();
    await page.getByRole("dialog").getByRole("button", { name: "Start again" }).click();
    await expect(page.getByRole("combobox", { name: "Person" })).toHaveValue("");
  }
  await page.goto("/");
}

const PEOPLE = ["Siân Pugh", "Jean Whitby"];

test("what the screen said was saved outlives a browser that is killed while saving", async ({ server, open }) => {
  test.setTimeout(60_000 + KILLS * 20_000);
  const phone = await open("phone", server.origin);
  await signIn(phone.page, "support-worker");
  await shellIsKept(phone.page);
  await phone.close();
  await server.kill();
  await phone.reopen();

  const said: string[] = [];
  const asked: string[] = [];
  for (let kill = 1; kill <= KILLS; kill++) {
    const words = `Note ${kill}, before the phone went off.`;
    await fillNote(phone.page, { person: PEOPLE[kill % PEOPLE.length]!, care: [], other: words });
    asked.push(words);
    const saved = phone.page.getByText("is saved on this phone.").waitFor().then(() => said.push(words));
    saved.catch(() => {}); // the browser may be gone before it could say so
    const pressed = phone.page.getByRole("button", { name: "Save note" }).click();
    pressed.catch(() => {});
    // Every other time as soon as the screen has said so; else at whatever moment of the save it is by then.
    if (kill % 2 === 0) await saved;
    else await phone.page.evaluate((turns) => new Promise<void>((end) => {
      const turn = (left: number) => (left > 0 ? setTimeout(turn, 0, left - 1) : end());
      turn(turns);
    }), (kill * 5) % 40).catch(() => {});
    await phone.kill();
    await phone.reopen();
    await dropDraft(phone.page);
  }
  expect(said.length, "the screen said it at least every other time").toBeGreaterThanOrEqual(Math.floor(KILLS / 2));

  await server.start();
  await phone.page.goto("/records");
  const mine = phone.page.getByRole("main").getByRole("listitem");
  const found: string[] = [];
  await expect(mine.first()).toBeVisible();
  await expect(mine.filter({ hasText: "Saved on this phone" })).toHaveCount(0, { timeout: 60_000 });
  const links = await mine.getByRole("link").evaluateAll((all) => all.map((link) => link.getAttribute("href")!));
  for (const link of links) {
    await phone.page.goto(link);
    const main = phone.page.getByRole("main");
    await expect(main.getByText(/^Note \d+, before/)).toBeVisible();
    found.push((await main.getByText(/^Note \d+, before/).first().textContent())!.trim());
  }
  for (const words of said) expect(found).toContain(words);
  expect(found.every((words) => asked.includes(words))).toBe(true);
  expect(new Set(found).size, "each once").toBe(found.length);
  console.log(`${KILLS} kills while saving: ${said.length} said to be saved, ${found.length} found, each once`);
});
