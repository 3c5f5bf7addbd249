// The app beside PouchDB in one Chromium: save, push, pull and start, round by round in turn. Times on a machine that
// does other things too are comparable within one run only, so what counts is the ratio.
import { Chromium } from "./support/chromium.mjs";
import { median, quantile, spread, table } from "./support/figures.mjs";
import { fillOutbox, openApp, pull, push, saves, signIn, startTime, state } from "./support/phone.mjs";
import { openPouch, puts, replicate } from "./support/pouchdb.mjs";
import { Holdfast, PouchServer } from "./support/servers.mjs";

/** Rounds of each size, and when no further round of a size begins. */
const ROUNDS = Number(process.env.HOLDFAST_BENCH_ROUNDS ?? 7);
const SIZES = (process.env.HOLDFAST_BENCH_SIZES ?? "1000,10000").split(",").map(Number);
const SECONDS = Number(process.env.HOLDFAST_BENCH_SECONDS ?? 420);
const SAVES = 100;

const began = Date.now();
const chromium = new Chromium();
const pouchServer = await PouchServer.start();
const figures = { save: { ours: [], pouch: [] } };

async function ours(size, figure, withSaves) {
  const server = await Holdfast.start();
  try {
    const phone = await openApp(chromium, server.origin);
    await signIn(phone);
    const other = await openApp(chromium, server.otherOrigin);
    await signIn(other);
    await other.run("navigator.serviceWorker.ready.then(() => true)");
    await other.close();

    const vault = await fillOutbox(chromium, server.origin, size);
    figure.push.push((size * 1_000) / (await push(phone, vault, size)));
    const words = `See all ${size}`;
    const pulled = await pull(chromium, server.otherOrigin, words);
    figure.pull.push((size * 1_000) / pulled.taken);
    await pulled.page.close();

    await server.stop();
    figure.start.push(await startTime(chromium, server.otherOrigin, words));
    if (withSaves) figures.save.ours.push(await saves(phone, SAVES));
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

for (const [at, size] of SIZES.entries()) {
  const figure = (figures[size] = { push: [], pull: [], start: [], pouchPush: [], pouchPull: [] });
  const share = began + (SECONDS * 1_000 * (at + 1)) / SIZES.length;
  for (let round = 0; round < ROUNDS && (round < 3 || Date.now() < share); round++) {
    // In turn, and in the other order every other round.
    const order = round % 2 ? [pouch, ours] : [ours, pouch];
    for (const measure of order) await measure(size, figure, at === 0);
  }
}
pouchServer.stop();
await chromium.close();

const ratio = (ours, theirs) => median(ours) / median(theirs);
const rows = [["figure", "aim", "ours", "PouchDB", "ratio", "met"]];
const row = (name, aim, mine, theirs, value, met) => rows.push([name, aim, mine, theirs, value, met ? "yes" : "NO"]);
const each = (all, share) => all.map((round) => quantile(round, share));
for (const [name, share] of [["p50", 0.5], ["p99", 0.99]]) {
  const [mine, theirs] = [quantile(figures.save.ours.flat(), share), quantile(figures.save.pouch.flat(), share)];
  row(`save ${name}, ms`, "no worse", spread(each(figures.save.ours, share), 2), spread(each(figures.save.pouch, share), 2), (mine / theirs).toFixed(2), mine <= theirs);
}
const PULL = { 1000: 12, 10000: 25 };
const START = { 1000: 250, 10000: 250, 100000: 350 };
for (const size of SIZES) {
  const figure = figures[size];
  const [up, down] = [ratio(figure.push, figure.pouchPush), ratio(figure.pull, figure.pouchPull)];
  row(`push ${size}, records/s`, "6 times", spread(figure.push), spread(figure.pouchPush), up.toFixed(1), up >= 6);
  row(`pull ${size}, records/s`, `${PULL[size] ?? 25} times`, spread(figure.pull), spread(figure.pouchPull), down.toFixed(1), down >= (PULL[size] ?? 25));
  const start = START[size] ?? 350;
  row(`start offline ${size}, ms`, `${start} ms`, spread(figure.start), "", "", median(figure.start) <= start);
}
console.log(`(median, least and most of the rounds; a p99 is of ${SAVES} a round, its ratio of all rounds together; ${Math.round((Date.now() - began) / 1000)} s)\n`);
table(rows);
