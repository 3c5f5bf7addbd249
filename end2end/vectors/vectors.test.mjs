// The second implementation of the formats: Node's WebCrypto recomputes every vector of domain/vectors from its inputs.
import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";

const { subtle } = webcrypto;
const read = (name) => JSON.parse(readFileSync(new URL(`../../domain/vectors/${name}.json`, import.meta.url), "utf8"));
const bytes = (text) => Buffer.from(text, "base64url");
const text = (buffer) => Buffer.from(buffer).toString("base64url");
const tag = (string) => Buffer.from(string, "ascii");
const uuid = (id) => Buffer.from(id.replaceAll("-", ""), "hex");
const i64 = (value) => { const out = Buffer.alloc(8); out.writeBigInt64BE(BigInt(value)); return out; };
const u16 = (value) => { const out = Buffer.alloc(2); out.writeUInt16BE(value); return out; };
const u32 = (value) => { const out = Buffer.alloc(4); out.writeUInt32BE(value); return out; };
const NEVER = -(2n ** 63n);

const sha256 = async (...parts) => Buffer.from(await subtle.digest("SHA-256", Buffer.concat(parts)));
const verify = async (publicKey, message, signature) => {
  const key = await subtle.importKey("raw", bytes(publicKey), "Ed25519", false, ["verify"]);
  return subtle.verify("Ed25519", key, signature, message);
};
const signer = (seed) => subtle.importKey("pkcs8", Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]), "Ed25519", true, ["sign"]);
const publicOf = async (seed) => (await subtle.exportKey("jwk", await signer(seed))).x;
const hkdf = async (secret, salt, info, length = 32) => {
  const key = await subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  return Buffer.from(await subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, key, length * 8));
};
const hmac = async (secret, message) => {
  const key = await subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return Buffer.from(await subtle.sign("HMAC", key, message));
};
const derive = (root, label, i) => hkdf(root, tag("holdfast"), Buffer.concat([tag(label), u32(i)]));

const head = (provider, entry) => Buffer.concat([
  tag("HFE1"), uuid(provider), uuid(entry.service), uuid(entry.id), uuid(entry.author), uuid(entry.device), bytes(entry.key),
  i64(entry.n), i64(entry.made), i64(entry.skew ?? NEVER), i64(entry.beacon.time), bytes(entry.beacon.mac), u32(entry.length), bytes(entry.commit),
]);
const digestOf = (provider, entry) => sha256(tag("holdfast/digest/1"), head(provider, entry), bytes(entry.sig));

test("head, commitment, digest and signature", async () => {
  const { seed, provider, entries } = read("entry");
  assert.ok(entries.length >= 2);
  for (const { public: publicKey, head: expected, digest, entry } of entries) {
    const made = head(provider, entry);
    assert.equal(made.length, 184);
    assert.equal(text(made), expected);
    assert.equal(await publicOf(bytes(seed)), publicKey);
    assert.equal(text((await sha256(bytes(publicKey))).subarray(0, 16)), entry.key);
    assert.equal(Buffer.byteLength(entry.body), entry.length);
    assert.equal(text(await sha256(tag("holdfast/body/1"), bytes(entry.salt), Buffer.from(entry.body))), entry.commit);
    assert.equal(text(await digestOf(provider, entry)), digest);
    const message = Buffer.concat([tag("holdfast/entry/1"), made]);
    assert.equal(text(await subtle.sign("Ed25519", await signer(bytes(seed)), message)), entry.sig);
    assert.ok(await verify(publicKey, message, bytes(entry.sig)));
    for (let bit = 0; bit < made.length * 8; bit += 7) {
      const flipped = Buffer.from(message);
      flipped[16 + (bit >> 3)] ^= 1 << (bit & 7);
      assert.equal(await verify(publicKey, flipped, bytes(entry.sig)), false, `bit ${bit}`);
    }
  }
});

test("a chain of three, whole after an erasure", async () => {
  const { provider, service, log, start, steps } = read("chain");
  let link = await sha256(tag("holdfast/chain/1"), uuid(provider), uuid(service), uuid(log));
  assert.equal(text(link), start);
  for (const { header, entry, digest, link: expected } of steps) {
    assert.equal(text(await digestOf(provider, entry)), digest);
    const carrier = header.carrier ? uuid(header.carrier) : Buffer.alloc(16);
    const packed = Buffer.concat([i64(header.seq), i64(header.received), i64(header.first_received), carrier, u16(header.flags)]);
    link = await sha256(tag("holdfast/link/1"), link, packed, bytes(digest));
    assert.equal(text(link), expected);
  }
  assert.equal(steps.filter(({ entry }) => entry.body === null && entry.salt === null).length, 1);
});

test("what is derived from the root secret", async () => {
  const vector = read("root");
  const root = bytes(vector.root);
  for (const [label, i, expected] of [
    ["root-sign", 0, vector.root_sign], ["author", 0, vector.author], ["receipt", 0, vector.receipt[0]], ["receipt", 1, vector.receipt[1]],
  ]) {
    const seed = await derive(root, label, i);
    assert.equal(text(seed), expected.seed);
    assert.equal(await publicOf(seed), expected.public);
  }
  for (const [i, expected] of vector.outbox.entries()) {
    const ikm = await derive(root, "outbox", i);
    assert.equal(text(ikm), expected.ikm);
    // RFC 9180, 7.1.3: DeriveKeyPair; WebCrypto's HKDF is extract and expand in one, with an empty salt.
    const suite = Buffer.concat([tag("KEM"), u16(0x20)]);
    const secret = await hkdf(Buffer.concat([tag("HPKE-v1"), suite, tag("dkp_prk"), ikm]), Buffer.alloc(0),
      Buffer.concat([u16(32), tag("HPKE-v1"), suite, tag("sk")]));
    const key = await subtle.importKey("pkcs8", Buffer.concat([Buffer.from("302e020100300506032b656e04220420", "hex"), secret]), "X25519", true, ["deriveBits"]);
    assert.equal((await subtle.exportKey("jwk", key)).x, expected.public);
  }
});

test("certificate, beacon, token and proof of enrolment", async () => {
  const vector = read("enrolment");
  const root = bytes(vector.root);
  const rootPublic = await publicOf(await derive(root, "root-sign", 0));
  const certificate = bytes(vector.certificate);
  assert.equal(certificate.length, 164);
  assert.equal(certificate.subarray(0, 4).toString(), "HFC1");
  assert.deepEqual(certificate.subarray(36, 52), uuid(vector.device));
  assert.equal(text(certificate.subarray(52, 84)), vector.public);
  assert.deepEqual(certificate.subarray(92, 100), (await sha256(bytes(rootPublic))).subarray(0, 8));
  assert.ok(await verify(rootPublic, Buffer.concat([tag("holdfast/cert/1"), certificate.subarray(0, 100)]), certificate.subarray(100)));
  const beacon = await hmac(await derive(root, "beacon", 0), Buffer.concat([tag("holdfast/beacon/1"), uuid(vector.device), i64(vector.beacon.time)]));
  assert.equal(text(beacon.subarray(0, 16)), vector.beacon.mac);
  const token = await hmac(await derive(root, "token", 0), Buffer.concat([tag("holdfast/token/1"), uuid(vector.device)]));
  assert.equal(`${vector.device}.${text(token.subarray(0, 16))}`, vector.token);
  const message = Buffer.concat([tag("holdfast/enrol/1"), await sha256(Buffer.from(vector.origin)), await sha256(Buffer.from(vector.username)), uuid(vector.device), bytes(vector.public)]);
  assert.ok(await verify(vector.public, message, bytes(vector.proof)));
});

test("receipt, keys and wipe", async () => {
  const vector = read("receipt");
  const receipt = bytes(vector.receipt);
  const count = receipt.readUInt16BE(36);
  assert.equal(receipt.subarray(0, 4).toString(), "HFV1");
  assert.equal(receipt.length, 38 + 73 * count + 64);
  assert.deepEqual(receipt.subarray(4, 20), uuid(vector.log));
  assert.deepEqual(receipt.subarray(20, 28), i64(vector.time));
  assert.deepEqual(receipt.subarray(28, 36), (await sha256(bytes(vector.receipt_public))).subarray(0, 8));
  assert.deepEqual([0, 1, 2].map((i) => receipt[38 + 73 * i + 64]), [1, 3, 5]);
  assert.ok(await verify(vector.receipt_public, Buffer.concat([tag("holdfast/receipt/1"), receipt.subarray(0, -64)]), receipt.subarray(-64)));
  const { outbox, receipt: key, not_before, sig } = vector.keys;
  assert.ok(await verify(vector.root_public, Buffer.concat([tag("holdfast/keys/1"), bytes(outbox), bytes(key), i64(not_before)]), bytes(sig)));
  const wipe = Buffer.concat([tag("holdfast/wipe/1"), uuid(vector.device), i64(vector.wipe.time)]);
  assert.ok(await verify(vector.root_public, wipe, bytes(vector.wipe.sig)));
});

test("the cursor", () => {
  const { cursor, text: encoded } = read("cursor");
  assert.deepEqual(JSON.parse(bytes(encoded).toString()), [1, cursor]);
});

test("a sealed row", async () => {
  const vector = read("sealing");
  const subkey = await hkdf(bytes(vector.data_key), Buffer.alloc(0), tag(`holdfast/vault/1/${vector.purpose}`));
  const key = await subtle.importKey("raw", subkey, "AES-GCM", false, ["decrypt"]);
  const parts = vector.row_key.map(bytes).flatMap((part) => [u16(part.length), part]);
  const additionalData = Buffer.concat([tag(vector.store), uuid(vector.vault), ...parts, Buffer.from([vector.schema])]);
  const sealed = bytes(vector.sealed);
  const open = (data) => subtle.decrypt({ name: "AES-GCM", iv: sealed.subarray(0, 12), additionalData }, key, data);
  assert.equal(Buffer.from(await open(sealed.subarray(12))).toString(), vector.plain);
  const flipped = Buffer.from(sealed.subarray(12));
  flipped[3] ^= 1;
  await assert.rejects(open(flipped));
});
