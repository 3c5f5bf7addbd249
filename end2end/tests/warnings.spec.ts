// An early warning that was escalated further: whoever has it is told that it is settled, and is pressed no more.
import { expect, test } from "../support/fixtures.ts";
import { confirmChange, recordPlanChange, signIn } from "../support/tasks.ts";

const BEFORE = "Level 5 minced and moist, level 1 thickened fluids. Sit fully upright for 20 minutes after meals.";
const NOW = "Level 4 puree, level 2 thickened fluids.";

test("an escalated warning that has ended says that it is settled, on home, on the board and on the change", async ({ server, open }) => {
  const marta = (await open("phone", server.origin)).page;
  await signIn(marta, "support-worker", "NHC-PH6");
  const maureen = (await open("phone", server.origin)).page;
  await signIn(maureen, "senior-staff", "NHC-PH4");
  const desk = (await open("tablet", server.origin)).page;
  await signIn(desk, "care-plan-lead");
  await recordPlanChange(desk, { person: "Jean Whitby", task: "Eating and drinking", now: NOW, why: "She coughed." });
  const change = new URL(desk.url()).pathname;
  await confirmChange(marta, NOW);
  await confirmChange(maureen, BEFORE);

  const manager = (await open("tablet", server.origin)).page;
  await signIn(manager, "registered-manager");
  await manager.goto(change);
  const warnings = manager.getByRole("region", { name: "Early warnings" });
  await expect(warnings).toContainText("inconsistent delivery");
  await warnings.getByRole("button", { name: "Escalate further" }).click();
  const sheet = manager.getByRole("dialog", { name: "Escalate further" });
  await sheet.getByRole("radio", { name: "Margaret Lyle" }).check();
  await sheet.getByRole("button", { name: "Escalate it" }).click();
  await expect(warnings).toContainText(/Helen Carrick escalated it to Margaret Lyle, \d\d:\d\d/);

  const oversight = (await open("tablet", server.origin)).page;
  await signIn(oversight, "provider-oversight");
  const needs = oversight.getByRole("region", { name: "Needs you now" });
  await expect(needs).toContainText("Escalated to you: inconsistent delivery");

  // The device is put right.
  await maureen.getByRole("button", { name: "Answer again" }).click();
  await maureen.getByRole("radio", { name: NOW, exact: true }).click();
  await maureen.getByRole("button", { name: "Save answer" }).click();
  await expect(needs).toContainText("No longer escalated to you: inconsistent delivery");
  const settled = /Settled (yesterday )?\d\d:\d\d: what the devices show no longer differs/;
  await expect(needs).toContainText(settled);
  await expect(warnings).toContainText(settled);
  await expect(warnings.getByRole("button")).toHaveCount(0);
  await manager.goto("/board");
  await expect(warnings).toContainText(settled);
  await needs.getByRole("link", { name: "Read it" }).click();
  await expect(oversight.getByRole("region", { name: "Early warnings" })).toContainText(settled);
  await oversight.getByRole("button", { name: "I know this now" }).click();
  await expect(oversight.getByText("No longer escalated to you")).toHaveCount(0);
});
