// Putting Holdfast on the home screen is offered when there is something to keep: by the browser's own prompt, or by hand on iOS.
import { expect, test } from "../support/fixtures.ts";
import { reportMismatch, signIn, tab } from "../support/tasks.ts";

/** A browser that offers to install, and notes that it was told to ask; what this one offers itself is kept out. */
function offers(): void {
  addEventListener("beforeinstallprompt", (event) => event.isTrusted && event.stopImmediatePropagation());
  addEventListener("load", () => {
    const prompt = async () => {
      document.documentElement.dataset.prompted = "";
      return { outcome: "accepted" };
    };
    dispatchEvent(Object.assign(new Event("beforeinstallprompt", { cancelable: true }), { prompt }));
  });
}

test("after the first record the app offers its place on the home screen, and asks the browser when told to", async ({ server, open }) => {
  const { page } = await open("phone", server.origin, offers);
  await signIn(page, "support-worker");
  const add = page.getByRole("button", { name: "Add to home screen" });
  await expect(add).toHaveCount(0);
  await reportMismatch(page, { person: "Jean Whitby", device: "Level 5", handover: "Level 4" });
  await page.getByRole("button", { name: "Not now" }).click();
  await expect(add).toHaveCount(0);
  await tab(page, "More");
  await add.click();
  await expect(page.locator("html")).toHaveAttribute("data-prompted", "");
  await expect(add).toHaveCount(0);
});

/** Safari on iOS, which offers nothing and says whether it runs from the home screen. */
function isIos(): void {
  addEventListener("beforeinstallprompt", (event) => event.stopImmediatePropagation());
  Object.defineProperty(Navigator.prototype, "standalone", { value: false });
}

test("on iOS it says how to do it by hand", async ({ server, open }) => {
  const { page } = await open("phone", server.origin, isIos);
  await signIn(page, "support-worker");
  await tab(page, "More");
  await expect(page.getByRole("main").getByText("Tap Share at the bottom of Safari.")).toBeVisible();
});
