// 'Which device is this?' lists the labels service by service.
import { expect, test } from "../support/fixtures.ts";
import { PASSWORD, signIn, tab } from "../support/tasks.ts";

test("whoever works at several services finds each label under its service", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  await page.goto("/");
  await page.getByRole("textbox", { name: "Username" }).fill("registered-manager");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  const list = page.getByRole("radiogroup", { name: "Which device is this?" });
  await expect(list.getByRole("heading", { level: 2 })).toHaveText([
    "Elm Bank",
    "Harbour View",
    "Mill Court",
    "Northgate Home Care",
    "Not of a service",
  ]);
  const inOrder = await list.evaluate((group) =>
    [...group.querySelectorAll("[data-group], label")].map((it) => it.textContent?.trim().replace(/\s+/g, " ") ?? ""),
  );
  const label = inOrder.findIndex((it) => it.startsWith("NHC-PH6"));
  expect(label).toBeGreaterThan(inOrder.indexOf("Northgate Home Care"));
  expect(label).toBeLessThan(inOrder.indexOf("Not of a service"));
});

test("whoever works at one service sees its labels without a heading", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  await signIn(page, "support-worker");
  await tab(page, "More");
  await page.getByRole("link", { name: "Change: This device" }).click();
  await expect(page.getByRole("radio", { name: "NHC-PH6" })).toBeVisible();
  await expect(page.getByRole("radiogroup").getByRole("heading", { level: 2 })).toHaveCount(0);
});

test("a long list of labels is shortened by what is typed", async ({ server, open }) => {
  const { page } = await open("phone", server.origin);
  await page.goto("/");
  await page.getByRole("textbox", { name: "Username" }).fill("administrator");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  const labels = page.getByRole("radiogroup", { name: "Which device is this?" }).getByRole("radio");
  await expect(labels).toHaveCount(26);
  const find = page.getByRole("searchbox", { name: "Find in this list" });
  await find.fill("nhc-ph");
  await expect(labels).toHaveCount(4);
  await page.getByRole("radio", { name: "NHC-PH6" }).check();
  // What is picked stays in view.
  await find.fill("moto g34");
  await expect(labels).toHaveCount(4);
  await find.fill("elm-tab");
  await expect(labels).toHaveCount(3);
  await page.getByRole("button", { name: "Use this device" }).click();
  await expect(page.getByRole("heading", { name: "Needs you now" }).or(page.getByRole("heading", { name: "Nothing needs you now" }))).toBeVisible();
});
