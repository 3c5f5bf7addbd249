// What a test is given: servers and devices of its own, put away when it ends.
import { test as base, expect } from "@playwright/test";
import { Device, type Kind } from "./device.ts";
import { FaultProxy } from "./fault-proxy.ts";
import { Server } from "./server.ts";

export type DeviceOptions = { device: Kind };

type Given = {
  /** A server with the demo provider. */
  server: Server;
  /** The demo's server behind a proxy that can misbehave; `server.origin` is the proxy's. */
  proxied: { server: Server; proxy: FaultProxy };
  /** Opens a device at an address, on a profile of its own. */
  open: (kind: Kind, origin: string, script?: () => void) => Promise<Device>;
};

export const test = base.extend<Given & DeviceOptions>({
  device: ["phone", { option: true }],
  server: async ({}, use) => {
    const server = await Server.demo();
    await use(server);
    await server.dispose();
  },
  proxied: async ({}, use) => {
    const proxy = await FaultProxy.open();
    const server = await Server.demo(proxy.origin);
    proxy.lead(server.port);
    await use({ server, proxy });
    await proxy.close();
    await server.dispose();
  },
  open: async ({}, use, info) => {
    const devices: Device[] = [];
    await use(async (kind, origin, script) => {
      const device = await Device.open(kind, origin, script);
      devices.push(device);
      return device;
    });
    for (const [at, device] of devices.entries()) {
      if (info.status !== info.expectedStatus) {
        const picture = await device.page.screenshot({ timeout: 5_000 }).catch(() => undefined);
        if (picture) await info.attach(`${device.kind} ${at + 1}`, { body: picture, contentType: "image/png" });
      }
      await device.dispose();
    }
    expect(devices.flatMap((device) => device.complaints)).toEqual([]);
  },
});

export { expect };
