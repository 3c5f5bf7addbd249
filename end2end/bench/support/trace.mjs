// How long the page's main thread was busy at a time, as the browser's own tracing has it.

const CATEGORIES = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline", "loading", "blink.user_timing", "rail"];

/** Longer than this and a frame is late to the eye, in milliseconds. */
export const FRAME = 50;

/**
 * Time is the thread's own (with that which slows it down), so that what else the machine does counts for nothing.
 *
 * Traces the page while `work` goes on. Gives the main thread's tasks (`start` and `length` in milliseconds, with what in
 * them took longest), and the marks that `work` set by `performance.mark`, by name, with `firstContentfulPaint` where a page began.
 */
export async function tasks(page, work) {
  const name = `traced-${Date.now()}`;
  await page.run((name) => void performance.mark(name), name).catch(() => {});
  const events = await page.chromium.traced(CATEGORIES, async () => {
    await page.run((name) => void performance.mark(name), name);
    await work();
  });
  const mine = events.find((it) => it.name === name);
  const here = events.filter((it) => it.pid === mine.pid && it.tid === mine.tid);
  const marked = here.filter((it) => it.cat?.includes("blink.user_timing") || it.name === "firstContentfulPaint");
  const marks = new Map(marked.map((it) => [it.name, it.ts / 1_000]));
  const whole = here.filter((it) => it.ph === "X" && it.dur !== undefined);
  const parts = whole.filter((it) => !/RunTask|ThreadController/.test(it.name));
  // Each is noted twice, by the page's scheduler and by the thread that runs it.
  const told = whole.some((it) => it.name === "RunTask") ? "RunTask" : "ThreadControllerImpl::RunTask";
  const tasks = whole
    .filter((it) => it.name === told)
    .map((it) => ({ start: it.ts / 1_000, length: (it.tdur ?? it.dur) / 1_000, end: (it.ts + it.dur) / 1_000 }));
  for (const task of tasks.filter((it) => it.length > FRAME)) {
    const sums = new Map();
    for (const it of parts) {
      if (it.ts / 1_000 < task.start || it.ts / 1_000 > task.end) continue;
      sums.set(it.name, (sums.get(it.name) ?? 0) + (it.tdur ?? it.dur) / 1_000);
    }
    const most = [...sums].sort(([, one], [, other]) => other - one).slice(0, 4);
    task.what = most.map(([its, time]) => `${its} ${time.toFixed(0)}`).join(", ");
  }
  return { tasks, marks };
}
