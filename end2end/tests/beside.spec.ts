// Where there is room a list stays beside what is opened from it; on a phone it is the one or the other. @tablet
import { expect, test } from "../support/fixtures.ts";
import { record, reportMismatch, signIn, tab } from "../support/tasks.ts";

test("people: the list stays with what was typed, the focus goes to the person, back goes where one was @tablet", async ({
  server,
  open,
  device,
}) => {
  const { page } = await open(device, server.origin);
  await signIn(page, "support-worker");
  await tab(page, "People");
  const list = page.getByRole("list", { name: "People" });
  await page.getByRole("searchbox", { name: "Find somebody" }).fill("round c");
  const rows = await list.getByRole("listitem").count();
  await list.getByRole("link").filter({ hasText: "Jean Whitby" }).click();
  await expect(page.getByRole("heading", { name: "Jean Whitby", level: 1 })).toBeVisible();
  await expect(page.locator("#detail")).toBeFocused();
  await expect(page.getByRole("heading", { name: "Jean Whitby", level: 1 })).toBeInViewport();
  if (device === "tablet") {
    await expect(list.getByRole("listitem")).toHaveCount(rows);
    await expect(list.getByRole("link").filter({ hasText: "Jean Whitby" })).toHaveAttribute("aria-current", "true");
    await list.getByRole("link").filter({ hasText: "Siân Pugh" }).click();
    await expect(page.getByRole("heading", { name: "Siân Pugh", level: 1 })).toBeVisible();
    await page.goBack();
    await expect(page.getByRole("heading", { name: "Jean Whitby", level: 1 })).toBeVisible();
  } else {
    await expect(list).toBeHidden();
  }
  await page.goBack();
  await expect(page.getByRole("heading", { name: "People", level: 1 })).toBeVisible();
  await expect(page.getByRole("searchbox", { name: "Find somebody" })).toHaveValue("round c");
  await expect(page.getByRole("main")).toBeFocused();
});

test("inbox: on a tablet the next record is a tap away, and back leads to the inbox @tablet", async ({ server, open, device }) => {
  const worker = await open("phone", server.origin);
  await signIn(worker.page, "support-worker");
  await reportMismatch(worker.page, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
  await reportMismatch(worker.page, { person: "Siân Pugh", device: "Frame", handover: "No frame" });
  await expect(record(worker.page, "Siân Pugh")).toContainText("Sent");

  const { page } = await open(device, server.origin);
  await signIn(page, "team-leader");
  await tab(page, "Inbox");
  const row = (person: string) => page.getByRole("main").getByRole("link").filter({ hasText: `Mismatch: ${person}` });
  await row("Jean Whitby").click();
  await expect(page.getByText("Level 4")).toBeVisible();
  if (device === "tablet") {
    await row("Siân Pugh").click();
    await expect(page.getByText("No frame")).toBeVisible();
    await expect(page.locator("#detail")).toBeFocused();
    await page.goBack();
    await expect(page.getByText("Level 4")).toBeVisible();
  } else {
    await expect(row("Siân Pugh")).toBeHidden();
  }
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Inbox", level: 1 })).toBeVisible();
});
