// The app beside PouchDB in one Chromium: save, push, pull, start and memory, round by round in turn. Times on a machine
// that does other things too are comparable within one run only, so what counts there is the ratio.
import { Chromium } from "./support/chromium.mjs";
import { median, quantile, spread, table } from "./support/figures.mjs";
import { checkpointed, fillOutbox, fillServer, openApp, pull, push, saves, signIn, startTime } from "./support/phone.mjs";
import { openPouch, puts, replicate } from "./support/pouchdb.mjs";
import { Holdfast, PouchServer } from "./support/servers.mjs";

const ROUNDS = Number(process.env.HOLDFAST_BENCH_ROUNDS ?? 7);
const SIZES = (process.env.HOLDFAST_BENCH_SIZES ?? "1000,10000").split(",").map(Number);
/** Not beside PouchDB: one server, and a phone a round. 0 for none. */
const MANY = Number(process.env.HOLDFAST_BENCH_MANY ?? 100_000);
const SAVES = Number(process.env.HOLDFAST_BENCH_SAVES ?? 100);
/** As a slow phone: its main thread so many times slower. */
const SLOWER = 4;

const began = Date.now();
const chromium = new Chromium();
const pouchServer = await PouchServer.start();
const figures = { save: { ours: [], form: [], pouch: [] } };
const words = (size) => `See all ${size}`;

async function starts(figure, origin, size) {
  figure.start.push(await startTime(chromium, origin, words(size)));
  figure.slowStart.push(await startTime(chromium, origin, words(size), SLOWER));
}

/** A phone that knows the server and has nothing of what comes. */
async function newPhone(origin) {
  const phone = await openApp(chromium, origin);
  await signIn(phone);
  await phone.run("navigator.serviceWorker.ready.then(() => true)");
  return phone;
}

async function ours(size, figure, withSaves) {
  const server = await Holdfast.start();
  try {
    const phone = await newPhone(server.origin);
    await (await newPhone(server.otherOrigin)).close();

    const vault = await fillOutbox(chromium, server.origin, size);
    figure.push.push((size * 1_000) / (await push(phone, vault, size)));
    const pulled = await pull(chromium, server.otherOrigin, words(size));
    figure.pull.push((size * 1_000) / pulled.taken);
    await checkpointed(pulled.page);
    await pulled.page.close();

    await server.stop();
    await starts(figure, server.otherOrigin, size);
    if (withSaves) {
      const taken = await saves(phone, SAVES);
      figures.save.ours.push(taken.map((it) => it.save));
      figures.save.form.push(taken.map((it) => it.form));
    }
    await phone.close();
  } finally {
    await server.remove();
  }
}

async function pouch(size, figure, withSaves) {
  const page = await openPouch(chromium, pouchServer.origin);
  const { push, pull } = await replicate(page, size);
  figure.pouchPush.push((size * 1_000) / push);
  figure.pouchPull.push((size * 1_000) / pull);
  if (withSaves) figures.save.pouch.push(await puts(page, SAVES));
  await page.close();
}

async function many(size, figure) {
  const server = await Holdfast.start(ROUNDS);
  try {
    await (await newPhone(server.origin)).close();
    for (const origin of server.phones) await (await newPhone(origin)).close();
    await fillServer(chromium, server.origin, size);
    for (const origin of server.phones) {
      const pulled = await pull(chromium, origin, words(size));
      figure.seconds.push(pulled.taken / 1_000);
      figure.pull.push((size * 1_000) / pulled.taken);
      await checkpointed(pulled.page);
      await pulled.page.close();
    }
    await server.stop();
    for (const origin of server.phones) {
      await starts(figure, origin, size);
      const page = await openApp(chromium, origin, [words(size)]);
      await page.when(`seen.get(${JSON.stringify(words(size))}) > 0`, 240);
      figure.memory.push(await page.memory());
      await page.close();
      console.error(`phone ${figure.memory.length} of ${ROUNDS} with ${size} after ${Math.round((Date.now() - began) / 1000)} s`);
    }
  } finally {
    await server.remove();
  }
}

function report() {
  const ratio = (ours, theirs) => median(ours) / median(theirs);
  const rows = [["figure", "aim", "ours", "PouchDB", "ratio", "met"]];
  const row = (name, aim, mine, theirs, value, met) => rows.push([name, aim, mine, theirs, value, met]);
  const met = (holds) => (holds ? "yes" : "NO");
  const each = (all, share) => all.map((round) => quantile(round, share));
  for (const [name, share] of [["p50", 0.5], ["p99", 0.99]]) {
    const [mine, form, theirs] = ["ours", "form", "pouch"].map((whose) => figures.save[whose]);
    const value = (whose) => quantile(whose.flat(), share);
    row(`save ${name}, ms`, "no worse", spread(each(mine, share), 2), spread(each(theirs, share), 2), (value(mine) / value(theirs)).toFixed(2), met(value(mine) <= value(theirs)));
    row(`  from the press of the button`, "", spread(each(form, share), 2), "", "", "");
  }
  const PULL = { 1000: 12, 10000: 25 };
  const START = { 1000: [250, 800], 10000: [250, 800], 100000: [350, 1_000] };
  const start = (size) => {
    const [aim, slow] = START[size] ?? [350, 1_000];
    const { start, slowStart } = figures[size];
    row(`start offline ${size}, ms`, `${aim}`, spread(start), "", "", met(median(start) <= aim));
    row(`  main thread ${SLOWER} times slower`, `${slow}`, spread(slowStart), "", "", met(median(slowStart) <= slow));
  };
  for (const size of SIZES.filter((size) => figures[size])) {
    const figure = figures[size];
    const [up, down] = [ratio(figure.push, figure.pouchPush), ratio(figure.pull, figure.pouchPull)];
    row(`push ${size}, records/s`, "6 times", spread(figure.push), spread(figure.pouchPush), up.toFixed(1), met(up >= 6));
    row(`pull ${size}, records/s`, `${PULL[size] ?? 25} times`, spread(figure.pull), spread(figure.pouchPull), down.toFixed(1), met(down >= (PULL[size] ?? 25)));
    start(size);
  }
  if (figures[MANY]) {
    const figure = figures[MANY];
    const last = figures[SIZES.at(-1)].pull;
    row(`pull ${MANY}, s`, "2", spread(figure.seconds, 1), "", "", met(median(figure.seconds) <= 2));
    row(`  its records/s to those of ${SIZES.at(-1)}`, "1", spread(figure.pull), "", ratio(figure.pull, last).toFixed(2), met(ratio(figure.pull, last) >= 1));
    start(MANY);
    row(`memory of the tab with ${MANY}, MB`, "100", spread(figure.memory), "", "", met(median(figure.memory) <= 100));
  }
  console.log(`(median, least and most of ${ROUNDS} rounds; a p99 is of ${SAVES} a round, its ratio of all rounds together; ${Math.round((Date.now() - began) / 1000)} s)\n`);
  table(rows);
}

/** A run that is ended early says what it has measured. */
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    report();
    process.exit(1);
  });
}

for (const [at, size] of SIZES.entries()) {
  const figure = (figures[size] = { push: [], pull: [], start: [], slowStart: [], pouchPush: [], pouchPull: [] });
  for (let round = 0; round < ROUNDS; round++) {
    // In turn, and in the other order every other round.
    const order = round % 2 ? [pouch, ours] : [ours, pouch];
    for (const measure of order) await measure(size, figure, at === 0);
    console.error(`round ${round + 1} of ${ROUNDS} with ${size} after ${Math.round((Date.now() - began) / 1000)} s`);
  }
}
if (MANY) {
  figures[MANY] = { pull: [], seconds: [], start: [], slowStart: [], memory: [] };
  await many(MANY, figures[MANY]);
}
pouchServer.stop();
await chromium.close();
report();
