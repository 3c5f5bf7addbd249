// A provider's CSV files: the demo's, with changes of a test's own.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const DEMO = resolve(import.meta.dirname, "../../demo");

export class Provider {
  readonly folder = mkdtempSync(join(tmpdir(), "holdfast-import-"));

  constructor() {
    cpSync(DEMO, this.folder, { recursive: true });
  }

  /** Writes one file anew, line by line. */
  change(file: string, line: (line: string) => string): void {
    const path = join(this.folder, file);
    writeFileSync(path, readFileSync(path, "utf8").split("\r\n").map(line).join("\r\n"));
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
