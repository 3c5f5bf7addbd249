// Where the app's main thread spends its time, by Chromium's own profiler: `node profile.mjs push 10000`, or `pull`,
// `start`. A build by `HOLDFAST_NAMES=1 cargo xtask build --site` gives the functions their names.
import { Chromium } from "./chromium.mjs";
import { checkpointed, fillOutbox, fillServer, openApp, push, signIn, state, watch } from "./phone.mjs";
import { Holdfast } from "./servers.mjs";

const [what = "push", size = "10000"] = process.argv.slice(2);
const notes = Number(size);
const words = `See all ${notes}`;
const chromium = new Chromium();
const server = await Holdfast.start();

async function profiled(page, work) {
  await page.send("Profiler.enable");
  await page.send("Profiler.setSamplingInterval", { interval: 200 });
  await page.send("Profiler.start");
  const began = performance.now();
  await work();
  const took = performance.now() - began;
  const { profile } = await page.send("Profiler.stop");
  const step = new Map();
  profile.samples.forEach((id, at) => step.set(id, (step.get(id) ?? 0) + (profile.timeDeltas[at] ?? 0)));
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parent = new Map();
  for (const node of profile.nodes) for (const child of node.children ?? []) parent.set(child, node.id);
  const name = (node) => node.callFrame.functionName || `(${node.callFrame.url.split("/").pop()}:${node.callFrame.lineNumber})`;
  const self = new Map();
  const total = new Map();
  for (const [id, time] of step) {
    const seen = new Set();
    for (let at = id; at !== undefined; at = parent.get(at)) {
      const node = nodes.get(at);
      const its = name(node);
      if (at === id) self.set(its, (self.get(its) ?? 0) + time);
      if (!seen.has(its)) total.set(its, (total.get(its) ?? 0) + time);
      seen.add(its);
    }
  }
  const print = (title, all) => {
    console.log(`\n${title}`);
    for (const [its, time] of [...all].sort(([, one], [, other]) => other - one).slice(0, 45)) console.log(`${(time / 1000).toFixed(0).padStart(7)} ms  ${its.slice(0, 150)}`);
  };
  console.log(`${what} ${notes}: ${took.toFixed(0)} ms`);
  print("itself", self);
  print("with what it calls", total);
}

try {
  const phone = await openApp(chromium, server.origin);
  await signIn(phone);
  if (what === "push") {
    const vault = await fillOutbox(chromium, server.origin, notes);
    await profiled(phone, () => push(phone, vault, notes));
  } else {
    const other = await openApp(chromium, server.otherOrigin);
    await signIn(other);
    await other.run("navigator.serviceWorker.ready.then(() => true)");
    await other.close();
    await fillServer(chromium, server.origin, notes);
    const seen = `seen.get(${JSON.stringify(words)}) > 0`;
    const page = await chromium.open(`${server.otherOrigin}/healthz`);
    const open = async () => {
      await page.send("Page.enable");
      await page.send("Page.addScriptToEvaluateOnNewDocument", { source: watch([words]) });
      await page.send("Page.navigate", { url: `${server.otherOrigin}/` });
      await page.when(seen, 240);
    };
    if (what === "pull") {
      await profiled(page, open);
    } else {
      await open();
      await page.when(state("All sent"));
      await checkpointed(page);
      await server.stop();
      await profiled(page, async () => {
        await page.send("Page.navigate", { url: `${server.otherOrigin}/` });
        await page.when(seen, 240);
      });
      console.log(`painted after ${await page.run(`seen.get(${JSON.stringify(words)})`)} ms`);
    }
  }
} finally {
  await chromium.close();
  await server.remove();
}
