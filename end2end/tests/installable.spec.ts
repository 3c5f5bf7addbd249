// Chromium itself says whether the app can be installed.
import { expect, test } from "../support/fixtures.ts";
import { shellIsKept, signIn } from "../support/tasks.ts";

test("the browser finds nothing that keeps the app from being installed", async ({ server, open }) => {
  const phone = await open("phone", server.origin);
  await phone.page.goto("/");
  await shellIsKept(phone.page);
  const devtools = await phone.context.newCDPSession(phone.page);
  const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
  expect(installabilityErrors).toEqual([]);
  const { errors, url } = await devtools.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  const manifest = await (await phone.page.request.get(url)).json();
  expect(manifest).toMatchObject({ id: "/", name: "Holdfast" });
  const purposes = manifest.icons.map((icon: { purpose: string }) => icon.purpose);
  expect(purposes).toEqual(expect.arrayContaining(["any", "maskable"]));
});

test("a shortcut of the installed app opens its form", async ({ server, open }) => {
  const phone = await open("phone", server.origin);
  await phone.page.goto("/");
  const manifest = await (await phone.page.request.get("/manifest.webmanifest")).json();

  await signIn(phone.page, "support-worker");
  expect(manifest.shortcuts).toHaveLength(2);
  for (const shortcut of manifest.shortcuts as { name: string; url: string }[]) {
    await phone.page.goto(shortcut.url);
    await expect(phone.page.getByRole("combobox", { name: "Person" })).toBeVisible();
    await expect(phone.page).toHaveTitle(new RegExp(shortcut.name.split(" ").at(-1) ?? "", "i"));
  }
});
