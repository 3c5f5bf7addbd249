// A phone or a tablet: a Chromium with a profile on disk. It can be killed as a dead battery does and
// opened again as a new process on the same profile.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "@playwright/test";

export type Kind = "phone" | "tablet";

const SCREENS = {
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true },
  tablet: { viewport: { width: 820, height: 1180 }, hasTouch: true },
} as const;

export class Device {
  readonly profile = mkdtempSync(join(tmpdir(), "holdfast-profile-"));
  context!: BrowserContext;
  page!: Page;
  /** What the page said it could not cope with; a test fails on it unless it empties this. */
  readonly complaints: string[] = [];

  private constructor(
    readonly kind: Kind,
    readonly origin: string,
    private readonly script?: () => void,
  ) {}

  /** Opens a browser on a new profile. `script` runs in every page before the app. */
  static async open(kind: Kind, origin: string, script?: () => void): Promise<Device> {
    const device = new Device(kind, origin, script);
    await device.start();
    return device;
  }

  /** A new browser process on the same profile, at the app's first page unless `path` says else. */
  async reopen(path = "/"): Promise<void> {
    await this.start();
    await this.page.goto(path);
  }

  private async start(): Promise<void> {
    this.context = await chromium.launchPersistentContext(this.profile, {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      ...SCREENS[this.kind],
      baseURL: this.origin,
      locale: "en-GB",
      timezoneId: "Europe/London",
      reducedMotion: "reduce",
    });
    if (this.script) await this.context.addInitScript(this.script);
    // What the policy holds back is not missing by an error: the page looks otherwise than it was written.
    this.context.on("console", (said) => {
      // The digest is that of an empty style, which changes nothing.
      if (/Content Security Policy(?!.*sha256-47DEQpj8HBSa)/.test(said.text())) this.complaints.push(said.text());
    });
    this.context.on("weberror", (error) => this.complaints.push(String(error.error())));
    this.page = this.context.pages()[0] ?? (await this.context.newPage());
  }

  /** Kills every process of this browser (SIGKILL). What it had not put on disk is gone. */
  async kill(): Promise<void> {
    const closed = new Promise<void>((gone) => this.context.once("close", () => gone()));
    for (const process_ of this.processes()) {
      try {
        process.kill(process_, "SIGKILL");
      } catch {
        // it ended with its parent
      }
    }
    await closed;
    for (const name of ["SingletonLock", "SingletonSocket", "SingletonCookie"]) {
      rmSync(join(this.profile, name), { force: true });
    }
  }

  /** Closes the browser as a person does: it puts its cookies on disk, which Chromium else does within 30 s. */
  async close(): Promise<void> {
    await this.context.close();
  }

  private processes(): number[] {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .filter((name) => {
        try {
          return readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0").includes(`--user-data-dir=${this.profile}`);
        } catch {
          return false;
        }
      })
      .map(Number);
  }

  async dispose(): Promise<void> {
    await this.context.close().catch(() => {});
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
