// What a person meets first: signing in and home as Lighthouse sees them on its mobile preset, and how long a key press
// in each form takes to show, with the main thread four times slower. `ROUNDS` signs in so often (5).
import { startFlow } from "lighthouse";
import puppeteer from "puppeteer-core";
import { Holdfast } from "./support/servers.mjs";
import { median } from "./support/figures.mjs";

const ROUNDS = Math.max(1, Number(process.env.ROUNDS ?? 5));
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const WORDS = "Ate half of breakfast and drank one beaker of tea, then asked twice for the window to be closed. ";

function launch() {
  return puppeteer.launch({
    executablePath: CHROMIUM,
    headless: true,
    args: ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
  });
}

async function signIn(page, origin, username) {
  await page.goto(`${origin}/`);
  await page.locator("#username").fill(username);
  await page.locator("#password").fill("holdfast-demo");
  await page.locator("form button[type=submit]").click();
  await page.locator("::-p-aria([name='My own phone'][role='radio'])").click();
  await page.locator("::-p-aria([name='Use this device'][role='button'])").click();
  await page.waitForSelector("#my-records");
}

const score = (result, name) => Math.round((result.categories[name]?.score ?? 0) * 100);
const number = (result, name) => result.audits[name]?.numericValue ?? Number.NaN;

async function lighthouse(server) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const browser = await launch();
    const page = await browser.newPage();
    const flow = await startFlow(page, { name: "face" });
    await flow.navigate(`${server.origin}/`, { name: "sign in" });
    await signIn(page, server.origin, "support-worker");
    await flow.snapshot({ name: "home" });
    const [first, home] = (await flow.createFlowResult()).steps.map((step) => step.lhr);
    rounds.push({
      accessibility: score(first, "accessibility"),
      "best practices": score(first, "best-practices"),
      performance: score(first, "performance"),
      "largest contentful paint, ms": number(first, "largest-contentful-paint"),
      "layout shift": number(first, "cumulative-layout-shift"),
      "total blocking time, ms": number(first, "total-blocking-time"),
      "home: accessibility": score(home, "accessibility"),
      "home: best practices": score(home, "best-practices"),
    });
    if (round === 0) {
      for (const [where, result] of [["sign in", first], ["home", home]]) {
        const failed = Object.values(result.audits).filter((it) => it.score !== null && it.score < 0.9 && it.scoreDisplayMode !== "informative");
        console.log(`${where}: ${failed.map((it) => `${it.id} ${it.displayValue ?? ""}`.trim()).join("; ") || "nothing below 0.9"}`);
      }
    }
    await browser.close();
  }
  for (const name of Object.keys(rounds[0])) {
    const all = rounds.map((round) => round[name]).sort((a, b) => a - b);
    const shown = (value) => (Number.isInteger(value) ? value : value.toFixed(3));
    console.log(`${name.padEnd(32)} ${shown(median(all))}  (${shown(all[0])} to ${shown(all.at(-1))}, ${ROUNDS} rounds)`);
  }
}

/**
 * Key presses in the text fields of one screen to the end of the frame that follows, in ms. Each key waits until the one
 * before has been shown, as a hand does: pressed at the speed of a program they would wait for one another.
 */
async function typed(page, label) {
  await page.waitForSelector("form, textarea");
  // What an answer asks for further is typed into as well.
  for (const answer of await page.$$("fieldset label:first-of-type input:not(:checked)")) await answer.evaluate((it) => it.click());
  await page.evaluate(() => {
    window.slow = [];
    // The browser's own event timing waits for what the screen shows anew, also where a key changes nothing in view.
    addEventListener("keydown", (key) => requestAnimationFrame(() => {
      const painted = new MessageChannel();
      painted.port1.onmessage = () => {
        window.slow.push(performance.now() - key.timeStamp);
        window.shown?.();
      };
      painted.port2.postMessage(null);
    }), true);
  });
  let pressed = 0;
  for (const field of await page.$$("textarea, input[role=combobox]")) {
    if (!(await field.isVisible())) continue;
    await field.focus();
    for (const key of WORDS) {
      await page.keyboard.press(key);
      pressed += 1;
      await page.evaluate((pressed) => window.slow.length >= pressed || new Promise((shown) => (window.shown = shown)), pressed);
    }
  }
  const slow = await page.evaluate(() => window.slow.sort((a, b) => b - a));
  const shown = (at) => `${(slow[at] ?? Number.NaN).toFixed(0)} ms`;
  console.log(`${label.padEnd(32)} ${pressed} keys: ${shown(Math.floor(pressed * 0.02))} at the 98th percentile, ${shown(0)} at most`);
}

/** Reports a mismatch from the tablet's one page; gives the path of its record. */
async function mismatch(page, origin) {
  await page.goto(`${origin}/mismatch/new`);
  await page.locator("::-p-aria([name='Person'][role='combobox'])").fill("Jean Whitby");
  await page.locator("[role=option]").click();
  for (const [name, words] of [["What the device says", "Level 5"], ["What handover says", "Level 4"]]) {
    await page.locator(`::-p-aria([name='${name}'][role='textbox'])`).fill(words);
  }
  await page.locator("::-p-aria([name='I followed handover'][role='radio'])").click();
  await page.locator("::-p-aria([name='Save report'][role='button'])").click();
  const link = await page.waitForSelector("#my-records a[href^='/records/']");
  return link.evaluate((it) => it.getAttribute("href"));
}

/** Each form by somebody whose it is; a tablet has its questions on one page. */
async function keys(server) {
  const browser = await launch();
  const as = async (username) => {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    await page.setViewport({ width: 820, height: 1180, hasTouch: true });
    await signIn(page, server.origin, username);
    return page;
  };
  const measured = async (page, label, path) => {
    await page.emulateCPUThrottling(4);
    await page.goto(`${server.origin}${path}`);
    await typed(page, label);
    await page.emulateCPUThrottling(1);
  };
  const lead = await as("care-plan-lead");
  await measured(lead, "mismatch report", "/mismatch/new");
  await measured(lead, "temporary note", "/note/new");
  await measured(lead, "plan change", "/changes/new");
  const worker = await as("support-worker");
  const record = await mismatch(worker, server.origin);
  await measured(worker, "correction", `${record}/correct`);
  for (const [username, label, step] of [
    ["team-leader", "paper guidance", "guidance"],
    ["registered-manager", "review", "review"],
    ["system-administrator", "cause and fix", "cause"],
  ]) {
    const page = await as(username);
    await page.waitForSelector(`a[href^='${record}']`);
    await measured(page, label, `${record}/step/${step}`);
  }
  await browser.close();
}

const server = await Holdfast.start();
try {
  console.log(`Lighthouse, its mobile preset`);
  await lighthouse(server);
  console.log(`\nFrom a key press to the next paint, 4 times slower`);
  await keys(server);
} finally {
  await server.remove();
}
