// Names come from the files to the screen as they were written, whatever the script, and nothing in them is obeyed.
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "../support/fixtures.ts";
import { Server } from "../support/server.ts";
import { record, reportMismatch, signIn } from "../support/tasks.ts";

const DEMO = resolve(import.meta.dirname, "../../demo");
const NAMES = [
  "Maeve O'Dowd-Ní Bhriain",
  "محمد عبد الله",
  "陈丽华",
  "<img src=x onerror=window.obeyed=1> & Co",
  '=HYPERLINK("http://localhost";"here")',
  "Mary\nAnn Lee",
];

test("names with apostrophes, diacritics, other scripts, markup, formulas and line breaks are shown as written", async ({ open }) => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-import-"));
  for (const name of readdirSync(DEMO)) copyFileSync(join(DEMO, name), join(folder, name));
  const people = readFileSync(join(folder, "people.csv"), "utf8").split("\r\n");
  let next = 0;
  const renamed = people.map((line) => {
    const cells = /^(NHC-\d+),[^,]+,[^,]*,(.*)$/.exec(line);
    const name = cells ? NAMES[next] : undefined;
    if (!cells || !name) return line;
    next += 1;
    return `${cells[1]},"${name.replaceAll('"', '""')}",,${cells[2]}`;
  });
  expect(next).toBe(NAMES.length);
  writeFileSync(join(folder, "people.csv"), renamed.join("\r\n"));

  const server = await Server.of(folder, ["support-worker"]);
  try {
    const phone = await open("phone", server.origin);
    await signIn(phone.page, "support-worker");
    await phone.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "People" }).click();
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
    rmSync(folder, { recursive: true, force: true });
  }
});
