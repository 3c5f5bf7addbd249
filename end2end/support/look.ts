// What a screen looks like, as far as a test can tell: nothing cut, nothing on top of another, nothing too small for a thumb.
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** What axe-core finds on the screen as it stands: breaches of WCAG 2.2 AA, and of other rules where they are named. */
export async function violations(page: Page, ...more: string[]): Promise<{ rule: string; where: string[] }[]> {
  const found = await new AxeBuilder({ page }).withTags([...WCAG, ...more]).analyze();
  return found.violations.map((it) => ({ rule: it.id, where: it.nodes.map((node) => node.target.join(" ")) }));
}

/** Turns every text into a longer one with accents, as another language would. Call it on a screen that stands still. */
export async function inAnotherLanguage(page: Page): Promise<void> {
  await page.evaluate(() => {
    const accents: Record<string, string> = { a: "á", e: "ê", i: "ï", o: "ö", u: "û", c: "ç", n: "ñ", A: "Å", E: "É" };
    const longer = (text: string) => {
      const told = text.replace(/[aeioucnAE]/g, (it) => accents[it] ?? it);
      const words = told.trim().split(/\s+/).filter(Boolean);
      // A third longer, as German and Welsh are; a word or two for short ones.
      const more = words.slice(0, Math.ceil(words.length / 3)).join(" ");
      return text.trim() ? `${told} ${more}` : text;
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts: Text[] = [];
    while (walker.nextNode()) texts.push(walker.currentNode as Text);
    for (const text of texts) {
      if (!text.parentElement?.closest("script, style, time, [dir=auto], bdi")) text.data = longer(text.data);
    }
  });
}

/** What is wrong with the screen as it stands, in words. */
export async function flaws(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const name = (it: Element) => {
      const text = (it.getAttribute("aria-label") ?? it.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, 40);
      return `${it.tagName.toLowerCase()}${it.className ? `.${String(it.className).split(" ")[0]}` : ""} '${text}'`;
    };
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) {
      const wide = [...document.querySelectorAll("body *")].find((it) => it.getBoundingClientRect().right > root.clientWidth + 1);
      found.push(`the page is ${root.scrollWidth - root.clientWidth} px too wide${wide ? `, by ${name(wide)}` : ""}`);
    }
    const seen = (it: Element) => it.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true });
    // Cut: a text that its own box hides a part of.
    for (const it of document.querySelectorAll<HTMLElement>("body *")) {
      const holdsText = [...it.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
      if (!holdsText || !seen(it) || it.closest("svg")) continue;
      const style = getComputedStyle(it);
      const box = it.getBoundingClientRect();
      if (box.width <= 1 || box.height <= 1) continue;
      // The board's headings are shortened, and say so by three dots: each leads to the page or sheet with all of it.
      if (style.textOverflow === "ellipsis" && it.closest("[role=grid]")) continue;
      const hides = (value: string) => value === "hidden" || value === "clip";
      if (hides(style.overflowX) && it.scrollWidth > it.clientWidth + 1) found.push(`cut at its side: ${name(it)}`);
      if (hides(style.overflowY) && it.scrollHeight > it.clientHeight + 2) found.push(`cut below: ${name(it)}`);
    }
    // Controls: large enough, and none on top of another.
    const controls = [...document.querySelectorAll<HTMLElement>("main a, main button, main input, main textarea, main summary, nav a")]
      .filter(seen)
      .map((it) => (it.matches("input[type=radio], input[type=checkbox]") ? (it.closest("label") ?? it) : it))
      // A link may reach over all of what it stands in.
      .map((it) => {
        const after = getComputedStyle(it, "::after");
        const reaches = after.content !== "none" && after.position === "absolute" && after.inset === "0px";
        return { it, box: ((reaches && it.offsetParent) || it).getBoundingClientRect() };
      })
      .filter(({ box }) => box.width > 1 && box.height > 1);
    for (const { it, box } of controls) {
      const inText = getComputedStyle(it).display === "inline" && it.closest("p, dd, li, small");
      if (!inText && (box.height < 43.5 || box.width < 43.5)) found.push(`${Math.round(box.width)} x ${Math.round(box.height)} px is small for a thumb: ${name(it)}`);
    }
    const stays = (it: Element | null): boolean =>
      !!it && (["sticky", "fixed"].includes(getComputedStyle(it).position) || stays(it.parentElement));
    for (const [at, one] of controls.entries()) {
      for (const other of controls.slice(at + 1)) {
        if (one.it.contains(other.it) || other.it.contains(one.it)) continue;
        // What stays in its place while the page moves lies on what is under it, until one scrolls on.
        if (stays(one.it) !== stays(other.it)) continue;
        const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        if (across > 3 && down > 3) found.push(`${name(one.it)} lies on ${name(other.it)}`);
      }
    }
    return [...new Set(found)].slice(0, 12);
  });
}
