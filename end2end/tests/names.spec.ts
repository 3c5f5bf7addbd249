// Names come from the files to the screen as they were written, whatever the script, and nothing in them is obeyed.
import type { Locator } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { Provider } from "../support/provider.ts";
import { Server } from "../support/server.ts";
import { record, reportMismatch, signIn, tab } from "../support/tasks.ts";

const NAMES = [
  "Maeve O'Dowd-Ní Bhriain",
  "محمد عبد الله",
  "陈丽华",
  "<img src=x onerror=window.obeyed=1> & Co",
  '=HYPERLINK("http://localhost";"here")',
  "Mary\nAnn Lee",
];

test("names with apostrophes, diacritics, other scripts, markup, formulas and line breaks are shown as written", async ({ open }) => {
  const provider = new Provider();
  let next = 0;
  provider.change("people.csv", (line) => {
    const cells = /^(NHC-\d+),[^,]+,[^,]*,(.*)$/.exec(line);
    const name = cells ? NAMES[next] : undefined;
    if (!cells || !name) return line;
    next += 1;
    return `${cells[1]},"${name.replaceAll('"', '""')}",,${cells[2]}`;
  });
  expect(next).toBe(NAMES.length);

  const server = await Server.of(provider.folder, ["support-worker"]);
  try {
    const phone = await open("phone", server.origin);
    await signIn(phone.page, "support-worker");
    await tab(phone.page, "People");
    for (const name of NAMES) {
      await expect(phone.page.getByRole("main").getByText(name, { exact: true }).first()).toBeVisible();
    }
    await phone.page.goto("/");
    for (const name of [NAMES[1], NAMES[3]] as string[]) {
      await reportMismatch(phone.page, { person: name, device: "Level 5", handover: "Level 4" });
      await expect(record(phone.page, name)).toContainText("Sent");
    }
    expect(await phone.page.evaluate(() => "obeyed" in window)).toBe(false);
  } finally {
    await server.dispose();
    provider.dispose();
  }
});

/** What a text reads line by line from left to right, letter by letter as it is painted, without its spaces. */
async function asPainted(line: Locator): Promise<string> {
  return line.evaluate((element) => {
    const letters: { letter: string; x: number; y: number }[] = [];
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      for (let at = 0; at < (text.textContent ?? "").length; at += 1) {
        const range = document.createRange();
        range.setStart(text, at);
        range.setEnd(text, at + 1);
        const box = range.getBoundingClientRect();
        const letter = range.toString().trim();
        if (letter && box.width > 0) letters.push({ letter, x: box.x, y: Math.round(box.y / 8) });
      }
    }
    return letters
      .sort((one, other) => one.y - other.y || one.x - other.x)
      .map((it) => it.letter)
      .join("");
  });
}

test("a name that turns the direction of text turns nothing around it", async ({ open }) => {
  const provider = new Provider();
  provider.change("people.csv", (line) => line.replace("Jean Whitby", "Jean\u202e Whitby\u2069\u202e"));
  const server = await Server.of(provider.folder, ["support-worker"]);
  try {
    const { page } = await open("tablet", server.origin);
    await signIn(page, "support-worker");
    await tab(page, "People");
    await page.getByRole("list", { name: "People" }).getByRole("link").filter({ hasText: "Jean Whitby" }).click();
    const main = page.getByRole("main");
    expect(await asPainted(main.getByText("Born 15 October 1958"))).toContain("Born15October1958·RoundC,call1");
    await page.goto("/");
    await reportMismatch(page, { person: "Jean Whitby", device: "Level \u202e5", handover: "Level 4" });
    // The row is drawn anew while the record is sent.
    await expect.poll(() => asPainted(record(page, "Jean Whitby").getByText("Mismatch"))).toBe("Mismatch:JeanWhitby");
    await record(page, "Jean Whitby").getByRole("link").click();
    await expect.poll(() => asPainted(main.getByText("Level 4"))).toBe("Level4");
    // What was typed is kept as it was typed.
    await expect(main.getByText("Level \u202e5")).toBeVisible();
  } finally {
    await server.dispose();
    provider.dispose();
  }
});
