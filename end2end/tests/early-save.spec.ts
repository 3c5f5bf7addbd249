// A record that is saved while the app still reads what waits to be sent is sent like any other.
import { expect, test } from "../support/fixtures.ts";
import { connection, record, signIn, writeNote } from "../support/tasks.ts";

/** Runs before the app: while `holdStart`, the read of the cursor, which ends the reading at a start, is not answered. */
function holdTheStart() {
  const held: (() => void)[] = [];
  const state = Object.assign(globalThis, {
    holdStart: sessionStorage.getItem("hold") === "yes",
    letGo() {
      state.holdStart = false;
      for (const answer of held.splice(0)) answer();
    },
  });
  const get = IDBObjectStore.prototype.get;
  IDBObjectStore.prototype.get = function (key) {
    const request = get.call(this, key);
    if (!state.holdStart || this.name !== "state" || (key as string[])[1] !== "cursor") return request;
    let heard: IDBRequest["onsuccess"] = null;
    Object.defineProperty(request, "onsuccess", { set: (then) => (heard = then) });
    request.addEventListener("success", (event) => held.push(() => heard?.call(request, event)));
    return request;
  };
}

test("a record saved before the app has begun to send is sent", async ({ server, open }) => {
  const { page } = await open("phone", server.origin, holdTheStart);
  await signIn(page, "support-worker");
  await page.evaluate(() => sessionStorage.setItem("hold", "yes"));
  await page.reload();
  await writeNote(page, { person: "Siân Pugh", care: ["Skin"], other: "Heels looked at, no redness." });
  await expect(record(page, "Siân Pugh")).toContainText("Saved on this phone");
  await page.evaluate("letGo()");
  await expect(record(page, "Siân Pugh")).toContainText("Sent");
  await expect(connection(page)).toHaveText("All sent");
});
