// PouchDB's own server in a process of its own: express-pouchdb over LevelDB, and a page with PouchDB in it.
import { createRequire } from "node:module";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const express = require("express");
const PouchDB = require("pouchdb");
const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-pouchdb-"));
const script = readFileSync(require.resolve("pouchdb/dist/pouchdb.min.js"));

const app = express();
app.get("/page", (_, answer) => answer.type("html").send('<!doctype html><title>PouchDB</title><script src="/pouchdb.js"></script>'));
app.get("/pouchdb.js", (_, answer) => answer.type("js").send(script));
const there = PouchDB.defaults({ prefix: `${folder}/` });
app.use("/db", require("express-pouchdb")(there, {
  mode: "minimumForPouchDB",
  configPath: join(folder, "config.json"),
  logPath: join(folder, "log.txt"),
}));
const server = app.listen(0, "127.0.0.1", () => process.send(server.address().port));
process.on("disconnect", () => {
  rmSync(folder, { recursive: true, force: true });
  process.exit();
});
