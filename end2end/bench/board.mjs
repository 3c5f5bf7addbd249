// The visibility board at its fullest: 200 changes by 60 devices with 12,000 answers in the log, on a tablet and on a phone
// whose main threads are four times slower. Opened, scrolled, and one answer more: no task of the main thread should be
// longer than 50 ms once the screen has been painted, and one answer draws one cell.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Chromium } from "./support/chromium.mjs";
import { log, openApp, sendEntries, signIn, state } from "./support/phone.mjs";
import { Holdfast } from "./support/servers.mjs";
import { FRAME, tasks } from "./support/trace.mjs";

const CHANGES = Number(process.env.HOLDFAST_BENCH_CHANGES ?? 200);
const DEVICES = Number(process.env.HOLDFAST_BENCH_DEVICES ?? 60);
const SLOWER = Number(process.env.HOLDFAST_BENCH_SLOWER ?? 4);
const SERVICE = "NHC";
const SIZES = { tablet: [820, 1180], phone: [390, 844] };

/** The demo's provider with as many phones at one service as are asked for. */
function provider() {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-provider-"));
  cpSync(resolve(import.meta.dirname, "../../demo"), folder, { recursive: true, filter: (path) => !path.endsWith(".rs") });
  const file = join(folder, "devices.csv");
  const text = readFileSync(file, "utf8").trim();
  const there = text.split("\n").filter((line) => line.startsWith(`${SERVICE}-`) && !line.includes(",laptop,")).length;
  const more = Array.from({ length: DEVICES - there }, (_, at) => `${SERVICE}-PH${100 + at},phone,Galaxy A15,${SERVICE},`);
  writeFileSync(file, `${[text, ...more].join("\n")}\n`);
  return { folder, usernames: ["care-plan-lead", "deputy-manager", "team-leader"] };
}

const said = (entry) => (typeof entry.body === "string" ? JSON.parse(entry.body) : entry.body);

async function phoneOf(chromium, origin, username) {
  const phone = await openApp(chromium, origin);
  await signIn(phone, username);
  await phone.close();
}

/** The changes, recorded by one person, and two people's answers; gives what one answer more is made of. */
async function fill(chromium, [lead, deputy]) {
  const entries = await log(chromium, lead);
  const bodies = entries.map((entry) => ({ service: entry.service, ...said(entry) }));
  const { service } = bodies.find((it) => it.kind === "device/1" && it.data.label.startsWith(`${SERVICE}-`));
  const here = bodies.filter((it) => it.service === service);
  const plans = here.filter((it) => it.kind === "plan/1").map((it) => it.data);
  const listed = here.filter((it) => it.kind === "device/1" && it.data.kind !== "laptop").map((it) => it.data);
  const devices = listed.map((it) => it.device);
  const changes = Array.from({ length: CHANGES }, (_, at) => {
    const plan = plans[at % plans.length];
    return {
      kind: "plan-update/1",
      about: plan.plan,
      data: {
        person: plan.person,
        plan: plan.plan,
        support_task: plan.support_task,
        before: plan.instruction,
        after: `${plan.instruction} Look again at ${at % 12} o\u2019clock.`,
        reason: "The speech therapist saw her.",
        effective_from: Date.now(),
        urgency: ["before_next_visit", "today", "routine"][at % 3],
        must_see: "everyone",
        supersedes: null,
      },
    };
  });
  const updates = (await sendEntries(chromium, lead, { bodies: changes, service })).map((it) => it.id);
  // One in twelve shows something else, one in forty could not open it, one in twenty is silent.
  const answer = (n) => (n % 12 === 5 ? "old" : n % 40 === 7 ? "cannot_open" : n % 90 === 11 ? "something_else" : "new");
  const of = (n, answer) => ({
    kind: "confirmation/1",
    about: updates[Math.floor(n / DEVICES)],
    data: { update: updates[Math.floor(n / DEVICES)], device: { labelled: devices[n % DEVICES] }, answer, method: "by_phone" },
  });
  const cells = Array.from({ length: CHANGES * DEVICES }, (_, n) => n).filter((n) => n % 20 !== 3);
  const first = cells.map((n) => of(n, answer(n)));
  await sendEntries(chromium, lead, { bodies: first, service });
  // Two for one device, so that there are as many answers as places.
  const second = cells.filter((n) => n % 19 === 2).slice(0, CHANGES * DEVICES - first.length);
  await sendEntries(chromium, deputy, { bodies: second.map((n) => of(n, n % 2 ? "new" : "old")), service });
  const labels = new Map(listed.map((it) => [it.label, it.device]));
  return { service, of: (update, label, answer) => ({ kind: "confirmation/1", about: update, data: { update, device: { labelled: labels.get(label) }, answer, method: "by_phone" } }), answers: first.length + second.length };
}

/** Scrolls as a thumb does. */
function swipe(page, [width, height], down, speed = 1_600) {
  return page.send("Input.synthesizeScrollGesture", { x: width / 2, y: height * 0.7, yDistance: -down, speed, gestureSourceType: "touch" });
}

// When a frame has been drawn after the page had nothing more to do. A browser with nothing to draw may leave the frame out.
const still = (page) =>
  page.run(async () => {
    await new Promise((idle) => requestIdleCallback(idle, { timeout: 30_000 }));
    await new Promise((drawn) => [requestAnimationFrame(drawn), setTimeout(drawn, 1_000)]);
    await new Promise((done) => setTimeout(done));
  });

async function measured(chromium, origin, size, oneMore) {
  const [width, height] = SIZES[size];
  const note = (what, { tasks }, from = 0) => {
    const late = tasks.filter((it) => it.start >= from && it.length > FRAME);
    const longest = Math.max(0, ...tasks.filter((it) => it.start >= from).map((it) => it.length));
    const most = late.sort((one, other) => other.length - one.length)[0]?.what ?? "";
    console.log(`${size}, ${what}: longest task ${longest.toFixed(0)} ms, ${late.length} over ${FRAME} ms ${most && `(${most})`}`);
  };
  const page = await openApp(chromium, origin);
  await page.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: size === "phone" });
  await page.send("Emulation.setTouchEmulationEnabled", { enabled: true });
  await page.front();
  await page.when(state("All sent"));
  // The whole log is here: nothing was asked for of late.
  await page.when(`performance.getEntriesByType("resource").findLast((it) => it.name.endsWith("/sync")).responseEnd < performance.now() - 5_000`, 120);
  const shown = size === "tablet" ? "table[role=grid] td[data-column]" : "#main section .ListRow";
  const board = `location.pathname === "/board" && document.querySelector(${JSON.stringify(shown)})?.offsetParent`;
  await page.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  await still(page);

  // From home, by the menu.
  const opened = await tasks(page, async () => {
    await page.run((shown) => {
      new MutationObserver((_, eyes) => {
        if (!document.querySelector(shown)) return;
        eyes.disconnect();
        performance.mark("drawn");
        requestAnimationFrame(() => setTimeout(() => performance.mark("painted")));
      }).observe(document.body, { childList: true, subtree: true });
      document.querySelector('a[href="/board"]').click();
    }, shown);
    await page.when(board);
    await still(page);
    await still(page);
  });
  note("opened by the menu, until it is painted", { tasks: opened.tasks.filter((it) => it.start <= opened.marks.get("painted")) });
  note("then", opened, opened.marks.get("painted"));

  note("scrolled", await tasks(page, async () => {
    for (let at = 0; at < 4; at++) await swipe(page, [width, height], height);
    for (let at = 0; at < 2; at++) await swipe(page, [width, height], -height);
    await still(page);
  }));

  // One answer of somebody else's, to a place that is in view.
  await page.run(() => {
    globalThis.drawn = new Set();
    const part = (node) => (node instanceof Element ? node : node.parentElement).closest("td, th, li, section, #main > *, .App > *") ?? document.body;
    new MutationObserver((all) => all.forEach((it) => drawn.add(part(it.target)))).observe(document.querySelector("#main"), {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    });
  });
  note("one answer more", await tasks(page, async () => {
    await oneMore(page);
    await page.front();
    await page.when("drawn.size > 0", 30);
    await still(page);
  }));
  const drawn = await page.run(() => [...drawn].map((it) => `${it.tagName.toLowerCase()} '${(it.ariaLabel ?? it.textContent).slice(0, 40)}'`));
  console.log(`${size}, one answer more drew ${drawn.join(", ")}`);

  // Begun on the board, with nothing in memory.
  const begun = await tasks(page, async () => {
    await page.send("Page.navigate", { url: `${origin}/board` });
    await page.when(board, 240);
    await still(page);
    await still(page);
  });
  note("the app begun on the board, from its first paint", begun, begun.marks.get("firstContentfulPaint"));
  await page.close();
}

const chromium = new Chromium();
const from = provider();
const server = await Holdfast.start(3, from);
const [lead, deputy, leader] = server.phones;
try {
  await phoneOf(chromium, lead, "care-plan-lead");
  await phoneOf(chromium, deputy, "deputy-manager");
  await phoneOf(chromium, leader, "team-leader");
  const { service, of, answers } = await fill(chromium, [lead, deputy]);
  console.log(`${CHANGES} changes by ${DEVICES} devices, ${answers} answers, the main thread ${SLOWER} times slower`);
  const oneMore = async (page) => {
    // A silent device of the first change that is in view.
    const [update, label, answer] = await page.run(() => {
      const inView = (it) => it.getBoundingClientRect().top > 200;
      const cell = [...document.querySelectorAll("td[data-column]")].find((it) => it.offsetParent && inView(it) && it.ariaLabel.includes("no answer"));
      if (cell) return [cell.parentElement.dataset.update, cell.ariaLabel.split(", ").at(-1), "cannot_open"];
      const row = [...document.querySelectorAll("#main [data-update] .ListRow")].find((it) => it.offsetParent && inView(it));
      return [row.closest("section").dataset.update, row.querySelector("b").textContent, row.textContent.includes("could not") ? "something_else" : "cannot_open"];
    });
    await sendEntries(chromium, deputy, { bodies: [of(update, label, answer)], service });
  };
  for (const size of Object.keys(SIZES)) await measured(chromium, leader, size, oneMore);
} finally {
  await chromium.close();
  await server.remove();
  rmSync(from.folder, { recursive: true, force: true });
}
