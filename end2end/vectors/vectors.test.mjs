// The second implementation of the formats: Node's WebCrypto recomputes every vector of domain/vectors from its inputs.
import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";

const { subtle } = webcrypto;
const read = (name) => JSON.parse(readFileSync(new URL(`../../domain/vectors/${name}.json`, import.meta.url), "utf8"));
const bytes = (text) => Buffer.from(text, "base64url");
const text = (content) => Buffer.from(content).toString("base64url");
const tag = (string) => Buffer.from(string, "ascii");
const uuid = (id) => Buffer.from(id.replaceAll("-", ""), "hex");
const i64 = (value) => { const out = Buffer.alloc(8); out.writeBigInt64BE(BigInt(value)); return out; };
const u16 = (value) => { const out = Buffer.alloc(2); out.writeUInt16BE(value); return out; };
const u32 = (value) => { const out = Buffer.alloc(4); out.writeUInt32BE(value); return out; };
const NEVER = -(2n ** 63n);
const hex = (digits) => Buffer.from(digits, "hex");
const flip = (buffer, bit) => { const out = Buffer.from(buffer); out[bit >> 3] ^= 1 << (bit & 7); return out; };

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
const sign = async (seed, message) => Buffer.from(await subtle.sign("Ed25519", await signer(seed), message));
/** The signature holds, and with any bit of it or of the message flipped it does not. */
const holdsAlone = async (publicKey, message, signature, step = 1) => {
  assert.ok(await verify(publicKey, message, signature));
  for (let bit = 0; bit < message.length * 8; bit += step) {
    assert.equal(await verify(publicKey, flip(message, bit), signature), false, `bit ${bit} of the message`);
  }
  for (let bit = 0; bit < signature.length * 8; bit += step) {
    assert.equal(await verify(publicKey, message, flip(signature, bit)), false, `bit ${bit} of the signature`);
  }
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
    assert.equal(text(await sign(bytes(seed), message)), entry.sig);
    await holdsAlone(publicKey, message, bytes(entry.sig), 5);
    for (let bit = 0; bit < 128; bit++) {
      const salt = flip(bytes(entry.salt), bit);
      assert.notEqual(text(await sha256(tag("holdfast/body/1"), salt, Buffer.from(entry.body))), entry.commit);
    }
    for (let bit = 0; bit < entry.length * 8; bit++) {
      const body = flip(Buffer.from(entry.body), bit);
      assert.notEqual(text(await sha256(tag("holdfast/body/1"), bytes(entry.salt), body)), entry.commit);
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
    const before = link;
    link = await sha256(tag("holdfast/link/1"), before, packed, bytes(digest));
    assert.equal(text(link), expected);
    const changed = Buffer.concat([before, packed, bytes(digest)]);
    for (let bit = 0; bit < changed.length * 8; bit++) {
      assert.notEqual(text(await sha256(tag("holdfast/link/1"), flip(changed, bit))), expected, `bit ${bit}`);
    }
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
  const rootSign = await derive(root, "root-sign", 0);
  const unsigned = Buffer.concat([
    tag("HFC1"), uuid(vector.provider), uuid(vector.user), uuid(vector.device), bytes(vector.public), i64(vector.time),
    (await sha256(bytes(rootPublic))).subarray(0, 8),
  ]);
  const signature = await sign(rootSign, Buffer.concat([tag("holdfast/cert/1"), unsigned]));
  const certificate = Buffer.concat([unsigned, signature]);
  assert.equal(certificate.length, 164);
  assert.equal(text(certificate), vector.certificate);
  await holdsAlone(rootPublic, Buffer.concat([tag("holdfast/cert/1"), unsigned]), signature, 3);
  const beacon = await hmac(await derive(root, "beacon", 0), Buffer.concat([tag("holdfast/beacon/1"), uuid(vector.device), i64(vector.beacon.time)]));
  assert.equal(text(beacon.subarray(0, 16)), vector.beacon.mac);
  const token = await hmac(await derive(root, "token", 0), Buffer.concat([tag("holdfast/token/1"), uuid(vector.device)]));
  assert.equal(`${vector.device}.${text(token.subarray(0, 16))}`, vector.token);
  const message = Buffer.concat([tag("holdfast/enrol/1"), await sha256(Buffer.from(vector.origin)), await sha256(Buffer.from(vector.username)), uuid(vector.device), bytes(vector.public)]);
  await holdsAlone(vector.public, message, bytes(vector.proof), 3);
  for (const other of ["https://holdfast.example.org/", "http://holdfast.example.org"]) {
    const elsewhere = Buffer.concat([message.subarray(0, 16), await sha256(Buffer.from(other)), message.subarray(48)]);
    assert.equal(await verify(vector.public, elsewhere, bytes(vector.proof)), false, other);
  }
});

test("receipt, keys and wipe", async () => {
  const vector = read("receipt");
  const root = bytes(vector.root);
  const [rootSign, receiptSeed] = [await derive(root, "root-sign", 0), await derive(root, "receipt", 0)];
  const [rootPublic, receiptPublic] = [await publicOf(rootSign), await publicOf(receiptSeed)];
  assert.equal(rootPublic, vector.root_public);
  assert.equal(receiptPublic, vector.receipt_public);
  const unsigned = Buffer.concat([
    tag("HFV1"), uuid(vector.log), i64(vector.time), (await sha256(bytes(receiptPublic))).subarray(0, 8), u16(vector.items.length),
    ...vector.items.flatMap(({ digest, blob, code, seq }) => [bytes(digest), bytes(blob), Buffer.from([code]), i64(seq)]),
  ]);
  const signature = await sign(receiptSeed, Buffer.concat([tag("holdfast/receipt/1"), unsigned]));
  assert.equal(text(Buffer.concat([unsigned, signature])), vector.receipt);
  await holdsAlone(receiptPublic, Buffer.concat([tag("holdfast/receipt/1"), unsigned]), signature, 5);
  const { outbox, receipt: key, not_before, sig } = vector.keys;
  assert.equal(outbox, read("root").outbox[0].public);
  assert.equal(key, receiptPublic);
  const keys = Buffer.concat([tag("holdfast/keys/1"), bytes(outbox), bytes(key), i64(not_before)]);
  assert.equal(text(await sign(rootSign, keys)), sig);
  await holdsAlone(rootPublic, keys, bytes(sig), 3);
  const wipe = Buffer.concat([tag("holdfast/wipe/1"), uuid(vector.device), i64(vector.wipe.time)]);
  assert.equal(text(await sign(rootSign, wipe)), vector.wipe.sig);
  await holdsAlone(rootPublic, wipe, bytes(vector.wipe.sig), 3);
});

test("the cursor", () => {
  const { cursor: { log, user, scope, services }, text: encoded } = read("cursor");
  const ordered = services.map(({ service, seq, link, back }) => ({ service, seq, link, back }));
  assert.equal(text(JSON.stringify([1, { log, user, scope, services: ordered }])), encoded);
});

test("the scope digest", async () => {
  for (const { scope, table_version, digest } of read("scope")) {
    const sorted = scope.map(({ service, roles }) => [uuid(service), [...roles].sort()]).sort(([a], [b]) => Buffer.compare(a, b));
    const parts = sorted.flatMap(([service, roles]) => [service, Buffer.from([roles.length]), ...roles.map((role) => tag(`${role}\0`))]);
    assert.equal(text(await sha256(tag("holdfast/scope/1"), u32(table_version), ...parts)), digest);
  }
});

test("ids of what is imported and of entries", async () => {
  const { provider, service, user, subjects, entries } = read("ids");
  const hyphenated = (id) => id.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  const stamped = (id, version) => { id[6] = (id[6] & 0x0f) | (version << 4); id[8] = (id[8] & 0x3f) | 0x80; return hyphenated(id); };
  const named = async (kind, key) => {
    const name = Buffer.concat([uuid(provider), Buffer.from(`${kind}\0${key}`)]);
    return stamped(Buffer.from(await subtle.digest("SHA-1", name)).subarray(0, 16), 5);
  };
  assert.equal(await named("service", service.key), service.id);
  assert.equal(await named("user", user.key), user.id);
  for (const { kind, key, id } of subjects) assert.equal(await named(kind, key), id);
  for (const { now, random, id } of entries) assert.equal(stamped(Buffer.concat([i64(now).subarray(2), bytes(random)]), 7), id);
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
  for (let bit = 0; bit < (sealed.length - 12) * 8; bit++) {
    await assert.rejects(open(flip(sealed.subarray(12), bit)), `bit ${bit}`);
  }
});

test("Ed25519 and AES-256-GCM as published", async () => {
  const { ed25519, aes_256_gcm } = read("published");
  assert.ok(ed25519.length === 4 && aes_256_gcm.length === 2);
  for (const { source, seed, public: publicKey, message, signature } of ed25519) {
    assert.equal(await publicOf(hex(seed)), text(hex(publicKey)), source);
    assert.equal((await sign(hex(seed), hex(message))).toString("hex"), signature, source);
    await holdsAlone(text(hex(publicKey)), hex(message), hex(signature), 7);
  }
  for (const { source, key, nonce, additional_data, plain, sealed } of aes_256_gcm) {
    const imported = await subtle.importKey("raw", hex(key), "AES-GCM", false, ["encrypt"]);
    const made = await subtle.encrypt({ name: "AES-GCM", iv: hex(nonce), additionalData: hex(additional_data) }, imported, hex(plain));
    assert.equal(Buffer.from(made).toString("hex"), sealed, source);
  }
});
