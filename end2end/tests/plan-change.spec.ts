// A changed instruction, from the care plan lead's desk to the board: each device is asked which text its care app
// shows, with no signal too, and no answer is taken for granted.
import { expect, test } from "../support/fixtures.ts";
import { confirmChange, connection, home, person, record, recordPlanChange, shellIsKept, signIn, tab } from "../support/tasks.ts";

const BEFORE = "Level 5 minced and moist, level 1 thickened fluids. Sit fully upright for 20 minutes after meals.";
const NOW = "Level 4 puree, level 2 thickened fluids. Sit fully upright for 30 minutes after meals.";
const CHANGE = {
  person: "Jean Whitby",
  task: "Eating and drinking",
  now: NOW,
  why: "Jean coughed on her lunch, and the speech therapist saw her at 15:00.",
};

test("a change is asked about on each phone, answered with no signal, and the board shows every answer", async ({ server, open }) => {
  const marta = await open("phone", server.origin);
  await signIn(marta.page, "support-worker", "NHC-PH6");
  await shellIsKept(marta.page);
  const maureen = await open("phone", server.origin);
  await signIn(maureen.page, "senior-staff", "NHC-PH4");
  await shellIsKept(maureen.page);

  const desk = await open("tablet", server.origin);
  await signIn(desk.page, "care-plan-lead");
  await recordPlanChange(desk.page, CHANGE);
  await expect(desk.page.getByRole("main")).toContainText("Sent");
  await expect(desk.page.locator("del")).toHaveText(["5 minced and moist", "1", "20"]);
  await expect(desk.page.locator("ins")).toHaveText(["4 puree", "2", "30"]);

  for (const { page } of [marta, maureen]) {
    await expect(page.getByRole("heading", { name: "Jean Whitby: eating and drinking changed" })).toBeVisible();
    await expect(page.getByText("1 change to confirm")).toBeVisible();
  }

  // No server is there. The new text shows first, whole; the two texts then stand side by side, unlabelled.
  await server.kill();
  await marta.page.getByRole("link", { name: "Check it now" }).click();
  await expect(marta.page.locator(".Card .Change").first()).toHaveText(NOW);
  await expect(marta.page.getByRole("list", { name: "Allergies and key risks" })).toContainText("Trimethoprim");
  const answers = marta.page.getByRole("radiogroup", { name: "Which of these does your care app show?" }).getByRole("radio");
  await expect(answers).toHaveCount(4);
  await expect(marta.page.getByRole("main").locator('[data-kind="main"]')).toHaveCount(0);
  await marta.page.getByRole("link", { name: "Back" }).click();
  await confirmChange(marta.page, BEFORE);
  await expect(marta.page.getByText("Your care app shows the old text. Follow the new one above.")).toBeVisible();
  await expect(marta.page.getByRole("main")).toContainText("Saved on this phone");

  // What is a mismatch is offered as one at once, with what is known filled in. What handover said is hers to say.
  await marta.page.getByRole("link", { name: "Report the mismatch" }).click();
  const handover = marta.page.getByRole("textbox", { name: "What handover says" });
  await expect(handover).toHaveValue("");
  await expect(marta.page.getByText(`What the plan on this phone says: ${NOW}`)).toBeVisible();
  await handover.fill("Puree, Sunita said");
  await marta.page.getByRole("button", { name: "Carry on" }).click();
  await marta.page.getByRole("radio", { name: "I followed handover" }).click();
  await expect(marta.page.getByRole("definition").filter({ hasText: BEFORE })).toBeVisible();
  await expect(marta.page.getByRole("definition").filter({ hasText: "Puree, Sunita said" })).toBeVisible();
  await marta.page.getByRole("button", { name: "Save report" }).click();
  await expect(record(marta.page, "Jean Whitby")).toContainText("Saved on this phone");
  // Back at the question, it offers no second report of the same.
  await marta.page.goBack();
  await expect(marta.page.getByRole("link", { name: "Read your report" })).toBeVisible();
  await expect(marta.page.getByRole("link", { name: "Report the mismatch" })).toHaveCount(0);
  // What she answered stands among what she wrote, and leads to the change.
  await marta.page.goto("/records");
  const answered = marta.page.getByRole("list", { name: "Plan changes and answers" }).getByRole("listitem");
  await expect(answered).toContainText("You answered: NHC-PH6 shows the old text");
  await expect(answered).toContainText("Saved on this phone");
  await record(marta.page, "Jean Whitby").getByRole("link").click();
  const main = marta.page.getByRole("main");
  await expect(main).toContainText("Eating and drinking · reported on NHC-PH6");
  await expect(main.getByRole("link", { name: "Read the change" })).toBeVisible();
  await home(marta.page);

  await confirmChange(maureen.page, NOW);
  await expect(maureen.page.getByText("Your care app shows the change. Thank you.")).toBeVisible();
  await expect(maureen.page.getByRole("main")).toContainText("Saved on this phone");
  // Opened again, it says what was answered, when and for which device; the question comes back only when asked for.
  await maureen.page.reload();
  await expect(maureen.page.getByRole("main")).toContainText(/You answered for NHC-PH4, \d\d:\d\d/);
  await expect(maureen.page.getByRole("radio")).toHaveCount(0);
  await maureen.page.getByRole("button", { name: "Answer again" }).click();
  await expect(maureen.page.getByRole("radio", { name: NOW, exact: true })).toBeVisible();
  // On home her answer stands with what she wrote.
  await maureen.page.getByRole("link", { name: "Go to home" }).click();
  await expect(maureen.page.getByText("None yet.")).toHaveCount(0);
  await maureen.page.getByRole("link", { name: "Your plan changes and answers" }).click();
  await expect(maureen.page.getByRole("list", { name: "Plan changes and answers" })).toContainText("You answered: NHC-PH4 shows the new text");

  await server.start();
  for (const { page } of [marta, maureen]) await expect(connection(page)).toHaveText("All sent", { timeout: 60_000 });
  await home(maureen.page);
  await expect(maureen.page.getByText("change to confirm")).toHaveCount(0);

  const leader = await open("tablet", server.origin);
  await signIn(leader.page, "team-leader");
  await leader.page.getByRole("link", { name: "See the visibility board" }).click();
  const cell = (name: string) => leader.page.getByRole("gridcell", { name });
  await expect(cell("≠, shows the old text, NHC-PH6")).toBeVisible();
  await expect(cell("✓, shows the new text, NHC-PH4")).toBeVisible();
  await expect(leader.page.getByRole("heading", { name: "1 answer to chase" })).toBeVisible();

  // The care app is put right, and she looks at the phone herself.
  await cell("≠, shows the old text, NHC-PH6").click();
  const sheet = leader.page.getByRole("dialog", { name: "NHC-PH6" });
  await expect(sheet).toContainText("shows the old text: Marta Kowalska, on the device");
  await sheet.getByRole("button", { name: "It shows the change" }).click();
  await expect(sheet.getByText("Pick how you checked.")).toBeVisible();
  await sheet.getByRole("radio", { name: "I saw the screen" }).click();
  await sheet.getByRole("button", { name: "It shows the change" }).click();
  await expect(cell("✓, shows the new text, NHC-PH6")).toBeVisible();
  await expect(leader.page.getByRole("heading", { name: "No answers to chase" })).toBeVisible();
});

test("a reminder shows on the phone, and a newer change takes the place of one", async ({ server, open }) => {
  const marta = await open("phone", server.origin);
  await signIn(marta.page, "support-worker", "NHC-PH6");
  const desk = await open("tablet", server.origin);
  await signIn(desk.page, "care-plan-lead");
  await recordPlanChange(desk.page, CHANGE);
  await confirmChange(marta.page, "I can’t open it");
  await expect(marta.page.getByText("You could not open it. Follow the text above.")).toBeVisible();
  await marta.page.getByRole("link", { name: "Go to home" }).click();
  await expect(marta.page.getByRole("link", { name: "Check it now" })).toHaveCount(0);

  await desk.page.getByRole("link", { name: "See the board" }).click();
  await desk.page.getByRole("gridcell", { name: "×, could not open it, NHC-PH6" }).click();
  await desk.page.getByRole("button", { name: "Remind Marta" }).click();
  await expect(desk.page.getByText(/^Marta Kowalska on NHC-PH6 was reminded, .* It shows there at its next contact\.$/)).toBeVisible();
  await expect(marta.page.getByText(/Tom Beresford reminded you/)).toBeVisible();
  // What to follow until it shows stays said.
  await expect(marta.page.getByText("Follow this: Level 4 puree")).toBeVisible();

  await desk.page.getByRole("link", { name: "Read the whole change" }).click();
  await desk.page.getByRole("link", { name: "Record a newer change" }).click();
  await expect(desk.page.getByRole("textbox", { name: "What it says now" })).toHaveValue(NOW);
  await desk.page.getByRole("textbox", { name: "What it says now" }).fill("Level 3 liquidised.");
  await desk.page.getByRole("textbox", { name: "Why it changed" }).fill("She was seen again.");
  await desk.page.getByRole("radio", { name: "Today" }).click();
  await desk.page.getByRole("button", { name: "Save the change" }).click();
  await desk.page.getByRole("link", { name: "Read the earlier change" }).click();
  await expect(desk.page.getByText("A newer change has taken its place.")).toBeVisible();

  await marta.page.getByRole("link", { name: "Check it now" }).click();
  await expect(marta.page.locator(".Card .Change").first()).toHaveText("Level 3 liquidised.");
  await expect(marta.page.getByRole("radio", { name: NOW, exact: true })).toBeVisible();

  await desk.page.getByRole("link", { name: "Read the newer change" }).click();
  await desk.page.getByRole("button", { name: "Withdraw it" }).click();
  const sheet = desk.page.getByRole("dialog", { name: "Withdraw this change?" });
  await sheet.getByRole("button", { name: "Withdraw it" }).click();
  await expect(sheet.getByText("Say why it no longer holds")).toBeVisible();
  await sheet.getByRole("textbox", { name: "Why does it no longer hold?" }).fill("Wrong person.");
  await sheet.getByRole("button", { name: "Withdraw it" }).click();
  await expect(desk.page.getByText("Withdrawn: Wrong person.")).toBeVisible();
  await expect(marta.page.getByRole("heading", { name: "This change no longer holds" })).toBeVisible();
  await expect(marta.page.getByRole("main")).toContainText(/Withdrawn by Tom Beresford, .*: Wrong person\. Follow this now: Level 4 puree, level 2/);

  // What it had replaced is followed again: on its page, and on the person's.
  await desk.page.getByRole("link", { name: "Read the earlier change" }).click();
  await expect(desk.page.getByText("The change in its place was withdrawn. Follow this one.")).toBeVisible();
  await marta.page.getByRole("link", { name: "Back" }).click();
  await person(marta.page, "Jean Whitby");
  await expect(marta.page.getByRole("article").filter({ hasText: "Eating and drinking changed" })).toContainText(NOW);
});

test("whoever confirmed a change is told that it was withdrawn, and asked about what holds now", async ({ server, open }) => {
  const marta = (await open("phone", server.origin)).page;
  await signIn(marta, "support-worker", "NHC-PH6");
  const desk = (await open("tablet", server.origin)).page;
  await signIn(desk, "care-plan-lead");
  await recordPlanChange(desk, CHANGE);
  await confirmChange(marta, NOW);
  await marta.getByRole("link", { name: "Go to home" }).click();
  await expect(desk.getByText("1 of")).toBeVisible();
  await desk.getByRole("button", { name: "Withdraw it" }).click();
  const sheet = desk.getByRole("dialog", { name: "Withdraw this change?" });
  await sheet.getByRole("textbox", { name: "Why does it no longer hold?" }).fill("It was for Joan.");
  await sheet.getByRole("button", { name: "Withdraw it" }).click();

  const told = marta.getByRole("heading", { name: "Jean Whitby: a change was withdrawn" });
  await expect(told).toBeVisible();
  const needs = marta.getByRole("region", { name: "Needs you now" });
  await expect(needs).toContainText(`Follow this now: ${BEFORE}`);
  await expect(needs).toContainText("Your care app may still show the words that no longer hold.");
  await needs.getByRole("button", { name: "I know this now" }).click();
  await expect(told).toHaveCount(0);

  // Her phone is left with it, until what holds now is asked of it.
  await expect(desk.getByRole("main")).toContainText("1 device last showed it: NHC-PH6");
  await desk.getByRole("link", { name: "Record what holds now" }).click();
  await expect(desk.getByRole("textbox", { name: "What it says now" })).toHaveValue(BEFORE);
  await desk.getByRole("textbox", { name: "Why it changed" }).fill("The change was for Joan.");
  await desk.getByRole("radio", { name: "Today" }).click();
  await desk.getByRole("button", { name: "Save the change" }).click();
  await confirmChange(marta, BEFORE);
  await expect(marta.getByText("Your care app shows the change. Thank you.")).toBeVisible();
  await desk.getByRole("link", { name: "Read the earlier change" }).click();
  await expect(desk.getByText("Withdrawn: It was for Joan.")).toBeVisible();
  await expect(desk.getByRole("main")).not.toContainText("last showed it");
});

test("questions about a change go to the team leader, and a second one warns the manager first", async ({ server, open }) => {
  const desk = await open("tablet", server.origin);
  await signIn(desk.page, "care-plan-lead");
  await recordPlanChange(desk.page, CHANGE);
  await expect(desk.page.getByRole("main")).toContainText("Sent");

  const manager = await open("tablet", server.origin);
  await signIn(manager.page, "registered-manager");
  const warning = manager.page.getByRole("heading", { name: "Early warning: repeated questions" });

  // Marta asks from the question what her phone shows.
  const marta = await open("phone", server.origin);
  await signIn(marta.page, "support-worker", "NHC-PH6");
  await marta.page.getByRole("link", { name: "Check it now" }).click();
  await marta.page.getByRole("button", { name: "Ask about this (Eating and drinking)" }).click();
  const sheet = marta.page.getByRole("dialog", { name: "Ask about this" });
  await expect(sheet).toContainText("Goes to Sunita Rao, your team leader.");
  await sheet.getByRole("button", { name: "Ask" }).click();
  await expect(sheet).toContainText("Write your question");
  await sheet.getByRole("textbox", { name: "What do you want to know?" }).fill("For her supper too?");
  await sheet.getByRole("button", { name: "Ask" }).click();
  // It is said where she is looking, and read out.
  const saved = marta.page.getByRole("status").filter({ hasText: "Your question is saved." });
  await expect(saved).toBeInViewport({ ratio: 1 });
  // Nothing lies over it.
  await saved.click({ trial: true });
  await expect(connection(marta.page)).toHaveText("All sent");

  const leader = await open("tablet", server.origin);
  await signIn(leader.page, "team-leader");
  await expect(leader.page.getByRole("region", { name: "Needs you now" })).toContainText(
    "Eating and drinking: “For her supper too?” · Marta Kowalska",
  );
  await expect(warning).toHaveCount(0);

  // The team leader answers; Marta is told, and reads it with no signal too.
  await leader.page.getByRole("region", { name: "Needs you now" }).getByRole("link", { name: /^Read it|Question: Jean Whitby/ }).first().click();
  await leader.page.getByRole("button", { name: "Answer this question" }).click();
  const answer = leader.page.getByRole("dialog", { name: "Answer this question" });
  await answer.getByRole("button", { name: "Answer", exact: true }).click();
  await expect(answer).toContainText("Write your answer");
  await answer.getByRole("textbox", { name: "Your answer" }).fill("Yes, for every meal.");
  await answer.getByRole("button", { name: "Answer", exact: true }).click();
  await expect(leader.page.getByRole("list", { name: "Answers" })).toContainText("Yes, for every meal.");
  await marta.page.getByRole("link", { name: "Back" }).click();
  await expect(marta.page.getByText("Sunita Rao answered your question")).toBeVisible();
  await expect(marta.page.getByText("You asked about eating and drinking: “For her supper too?”")).toBeVisible();
  await shellIsKept(marta.page);
  await server.kill();
  await expect(connection(marta.page)).toHaveText(/Offline|Not sent yet/);
  await marta.page.reload();
  await record(marta.page, "Question: Jean Whitby").getByRole("link").click();
  await expect(marta.page.getByRole("list", { name: "Answers" })).toContainText("Yes, for every meal.");
  await marta.page.getByRole("button", { name: "I know this now" }).click();
  await home(marta.page);
  await expect(marta.page.getByText("Sunita Rao answered your question")).toHaveCount(0);
  await server.start();

  // Maureen asks from the person's page.
  const maureen = await open("phone", server.origin);
  await signIn(maureen.page, "senior-staff", "NHC-PH4");
  await tab(maureen.page, "People");
  await maureen.page.getByRole("list", { name: "People" }).getByRole("link").filter({ hasText: "Jean Whitby" }).click();
  await maureen.page.getByRole("button", { name: "Ask about this (Eating and drinking)" }).click();
  await maureen.page.getByRole("textbox", { name: "What do you want to know?" }).fill("And her tea?");
  await maureen.page.getByRole("dialog").getByRole("button", { name: "Ask" }).click();
  await expect(maureen.page.getByText("Your question is saved.")).toBeVisible();

  // It is the manager's first thing, and goes once the question was read.
  await expect(warning).toBeVisible();
  await manager.page.getByRole("link", { name: "Look into it" }).click();
  await expect(manager.page.getByRole("main")).toContainText("And her tea?");
  await expect(manager.page.getByRole("main")).toContainText("You saw it");
  await home(manager.page);
  await expect(manager.page.getByRole("link", { name: "Report a mismatch" })).toBeVisible();
  await expect(warning).toHaveCount(0);
});
