// The tests in a real browser. Each starts its own server and its own browser processes (support/), so
// the projects differ in the device alone. A test that passes only the second time is a fault: no retries.
import { defineConfig } from "@playwright/test";
import type { DeviceOptions } from "./support/fixtures.ts";

export default defineConfig<DeviceOptions>({
  testDir: "tests",
  outputDir: "test-results",
  // The pictures that the style guide is held against: the same on every machine.
  snapshotPathTemplate: "styleguide/{arg}{ext}",
  workers: 2,
  retries: 0,
  fullyParallel: true,
  forbidOnly: true,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  use: { actionTimeout: 20_000, navigationTimeout: 30_000 },
  projects: [
    { name: "phone", use: { device: "phone" } },
    { name: "tablet", use: { device: "tablet" }, grep: /@tablet/ },
  ],
});
