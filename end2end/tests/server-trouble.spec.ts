// A server or a network that misbehaves loses nothing, says nothing untrue, and is got over without
// anybody writing or tapping again.
import type { Fault } from "../support/fault-proxy.ts";
import { expect, test } from "../support/fixtures.ts";
import { connection, record, reportMismatch, signIn } from "../support/tasks.ts";

const REPORT = { person: "Jean Whitby", device: "Level 5", handover: "Level 4" };

const FAULTS: [name: string, fault: Fault][] = [
  ["answers 500", { kind: "status", status: 500 }],
  ["answers 429 with Retry-After", { kind: "status", status: 429, headers: { "retry-after": "2" } }],
  ["answers 413", { kind: "status", status: 413 }],
  ["is a captive portal", { kind: "captive portal" }],
  ["answers with too few verdicts", { kind: "too few verdicts" }],
  ["takes the request and its answer is lost", { kind: "answer lost" }],
];

for (const [name, fault] of FAULTS) {
  test(`keeps a record and sends it later when the server ${name}`, async ({ proxied: { server, proxy }, open }) => {
    const phone = await open("phone", server.origin);
    await signIn(phone.page, "support-worker");
    proxy.set(fault, (body) => JSON.parse(body).entries.length > 0);

    await reportMismatch(phone.page, REPORT);
    const row = record(phone.page, "Jean Whitby");
    await expect.poll(() => proxy.met).toBeGreaterThan(0);
    await expect(row).not.toContainText("Sent");
    await expect(connection(phone.page)).not.toHaveText("All sent");

    proxy.set(undefined);
    await expect(row).toContainText("Sent", { timeout: 60_000 });
    await expect(connection(phone.page)).toHaveText("All sent");
    await expect(record(phone.page, "Jean Whitby")).toHaveCount(1);
  });
}

test("keeps a record and sends it later when the server hangs for a minute", async ({ proxied: { server, proxy }, open }) => {
  test.setTimeout(180_000);
  const phone = await open("phone", server.origin);
  await signIn(phone.page, "support-worker");
  proxy.set({ kind: "hang", seconds: 60 }, (body) => JSON.parse(body).entries.length > 0);

  await reportMismatch(phone.page, REPORT);
  const row = record(phone.page, "Jean Whitby");
  await expect.poll(() => proxy.met).toBe(1);
  await expect(row).toContainText("Saved on this phone");
  await expect(connection(phone.page)).not.toHaveText("All sent");
  // The phone gives up on an answer by itself and asks again.
  await expect.poll(() => proxy.met, { timeout: 60_000 }).toBe(2);
  await expect(row).toContainText("Saved on this phone");

  proxy.set(undefined);
  await expect(row).toContainText("Sent", { timeout: 90_000 });
});

test("sends the others when one record cannot be taken", async ({ proxied: { server, proxy }, open }) => {
  test.setTimeout(180_000);
  const phone = await open("phone", server.origin);
  await signIn(phone.page, "support-worker");
  const poison = (body: string) => body.includes("This one is poison");
  proxy.set({ kind: "status", status: 500 }, poison);

  await reportMismatch(phone.page, { ...REPORT, handover: "This one is poison" });
  await reportMismatch(phone.page, { ...REPORT, person: "Siân Pugh" });
  await reportMismatch(phone.page, { ...REPORT, person: "Harold Quinn" });
  await expect(record(phone.page, "Siân Pugh")).toContainText("Sent", { timeout: 90_000 });
  await expect(record(phone.page, "Harold Quinn")).toContainText("Sent", { timeout: 90_000 });
  await expect(record(phone.page, "Jean Whitby")).toContainText("Needs attention");
  await expect(connection(phone.page)).not.toHaveText("All sent");

  proxy.set(undefined);
  await expect(record(phone.page, "Jean Whitby")).toContainText("Sent", { timeout: 90_000 });
});
