// Home as each role finds it, when a mismatch, a note and a plan change wait; with one sheet of all for each size.
import { join } from "node:path";
import { expect, test } from "../support/fixtures.ts";
import { FOLDER, SIZES, sheets } from "../support/pictures.ts";
import { PUREE, ROLES, connection, recordPlanChange, reportMismatch, signIn, writeNote } from "../support/tasks.ts";

for (const [size, viewport] of Object.entries(SIZES)) {
  test(`homes ${size}`, async ({ server, open }) => {
    const kind = viewport.width < 500 ? "phone" : "tablet";
    const worker = await open(kind, server.origin);
    await signIn(worker.page, "support-worker");
    await reportMismatch(worker.page, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
    await writeNote(worker.page, { person: "Siân Pugh", care: ["Skin"], other: "Heels looked at.", told: "Sunita Rao" });
    await expect(connection(worker.page)).toHaveText("All sent");
    await worker.context.close();
    const planner = await open(kind, server.origin);
    await signIn(planner.page, "care-plan-lead");
    await recordPlanChange(planner.page, PUREE);
    await expect(connection(planner.page)).toHaveText("All sent");

    const taken: string[] = [];
    for (const [at, role] of [...ROLES.phone, ...ROLES.tablet].entries()) {
      const { page, context } = await open(kind, server.origin);
      await page.setViewportSize(viewport);
      await signIn(page, role);
      await expect(connection(page)).toHaveText("All sent");
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        const path = join(FOLDER, size, `home-${String(at).padStart(2, "0")}-${role}-${colorScheme}.png`);
        await page.screenshot({ path });
        taken.push(path);
      }
      await context.close();
    }
    await sheets(planner.page, `homes-${size}`, taken);
  });
}
