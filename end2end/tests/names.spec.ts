// Names come from the files to the screen as they were written, whatever the script, and nothing in them is obeyed.
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
