// What the screen says of the signal is what the phone knows of it, from the first moment on.
import { expect, test } from "../support/fixtures.ts";
import { connection, shellIsKept, signIn } from "../support/tasks.ts";

declare global {
  interface Window {
    said?: string[];
  }
}

/** Keeps every word that stood beside the signal since the page began. */
function listen(): void {
  const said: string[] = (window.said = []);
  new MutationObserver(() => {
    const now = document.querySelector("[role=status][aria-label=Connection]")?.textContent?.trim();
    if (now && said.at(-1) !== now) said.push(now);
  }).observe(document, { subtree: true, childList: true, characterData: true });
}

test("an app that opens says 'Connecting' until it knows, and 'Offline' only when nobody answers", async ({ server, open }) => {
  const { page } = await open("phone", server.origin, listen);
  await signIn(page, "support-worker");
  await shellIsKept(page);
  await page.reload();
  await expect(connection(page)).toHaveText("All sent");
  expect(await page.evaluate(() => window.said)).toEqual(["Connecting", "All sent"]);

  await server.kill();
  await page.reload();
  await expect(connection(page)).toHaveText("Offline");
  expect(await page.evaluate(() => window.said)).toEqual(["Connecting", "Offline"]);
});
