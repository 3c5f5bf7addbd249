// One syncer a phone, whatever the number of tabs; when its tab dies another takes over.
import { expect, test } from "../support/fixtures.ts";
import { crash, record, reportMismatch, shellIsKept, signIn } from "../support/tasks.ts";

test("a second tab sends what both wrote when the first one dies", async ({ server, open }) => {
  const phone = await open("phone", server.origin);
  await signIn(phone.page, "support-worker");
  await shellIsKept(phone.page);
  const second = await phone.context.newPage();
  await second.goto("/");
  await expect(second.getByRole("link", { name: "Report a mismatch" })).toBeVisible();

  await server.kill();
  await reportMismatch(phone.page, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
  await reportMismatch(second, { person: "Siân Pugh", device: "Frame", handover: "No frame" });
  await expect(record(second, "Jean Whitby")).toContainText("Saved on this phone");
  await expect(record(second, "Siân Pugh")).toContainText("Saved on this phone");

  await crash(phone.page);
  await server.start();
  await expect(record(second, "Jean Whitby")).toContainText("Sent", { timeout: 60_000 });
  await expect(record(second, "Siân Pugh")).toContainText("Sent");
});

test("two tabs send each record once and both say so", async ({ proxied: { server, proxy }, open }) => {
  const phone = await open("phone", server.origin);
  await signIn(phone.page, "support-worker");
  const second = await phone.context.newPage();
  await second.goto("/");
  await expect(second.getByRole("link", { name: "Report a mismatch" })).toBeVisible();
  await reportMismatch(second, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
  for (const page of [phone.page, second]) {
    await expect(record(page, "Jean Whitby")).toContainText("Sent");
  }
  const sent = proxy.passed.flatMap((body) => JSON.parse(body).entries as { id: string; body: string }[]);
  const reports = sent.filter((entry) => entry.body.includes('"mismatch/1"'));
  expect(reports).toHaveLength(1);
});

test("a tab that dies before it hears the answer: the other one asks again, and the server has the record once", async ({
  proxied: { server, proxy },
  open,
}) => {
  const phone = await open("phone", server.origin);
  await signIn(phone.page, "support-worker");
  const second = await phone.context.newPage();
  await second.goto("/");
  await expect(second.getByRole("link", { name: "Report a mismatch" })).toBeVisible();

  proxy.set({ kind: "answer lost" }, (body) => body.includes("mismatch/1"));
  await reportMismatch(second, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
  await expect.poll(() => proxy.met, "the first tab has sent it").toBeGreaterThan(0);
  await crash(phone.page);
  proxy.set(undefined);
  await expect(record(second, "Jean Whitby")).toContainText("Sent", { timeout: 60_000 });

  const tablet = await open("tablet", server.origin);
  await signIn(tablet.page, "team-leader");
  await tablet.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Inbox" }).click();
  await expect(tablet.page.getByRole("main").getByRole("link").filter({ hasText: "Jean Whitby" })).toHaveCount(1);
});
