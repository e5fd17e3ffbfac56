// The sealed form in the browser: the same as package seal of the program, by WebCrypto alone. HPKE is RFC 9180 in base
// mode with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM, one message for each encapsulation.

const subtle = globalThis.crypto?.subtle;
const utf8 = new TextEncoder();
const empty = new Uint8Array(0);
const P256 = { name: "ECDH", namedCurve: "P-256" };

export const iterations = 600_000;
export const leastPassphrase = 12;
export const sheetHolder = "sheet";
const sizes = [4 << 10, 16 << 10, 64 << 10, 128 << 10, 512 << 10, 2 << 20, 4 << 20]; // from the fifth on for attachments alone
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

export const able = Boolean(subtle);

export function toBase64(bytes) {
  let s = "";
  for (let i = 0; i < bytes.length; i += 0x8000) s += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(s);
}

export const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
export const toHex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
export const random = (n) => crypto.getRandomValues(new Uint8Array(n));

function joined(...parts) {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

const sha256 = async (bytes) => new Uint8Array(await subtle.digest("SHA-256", bytes));

export const fingerprint = async (publicKey) => toHex(await sha256(publicKey));

async function hmac(key, data) {
  // An empty key is a block of zeros; WebCrypto takes none of length 0.
  const k = await subtle.importKey("raw", key.length ? key : new Uint8Array(32), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await subtle.sign("HMAC", k, data));
}

const extract = (salt, ikm) => hmac(salt, ikm);

// expand gives up to 32 bytes: one block is all that HPKE asks for with these algorithms, but for the key of 32.
async function expand(prk, info, length) {
  const block = await hmac(prk, joined(info, Uint8Array.of(1)));
  return block.subarray(0, length);
}

const i2osp = (n) => Uint8Array.of(n >> 8, n & 255);

const labeledExtract = (suite, salt, label, ikm) => extract(salt, joined(utf8.encode("HPKE-v1"), suite, utf8.encode(label), ikm));
const labeledExpand = (suite, prk, label, info, length) => expand(prk, joined(i2osp(length), utf8.encode("HPKE-v1"), suite, utf8.encode(label), info), length);

const kem = joined(utf8.encode("KEM"), i2osp(0x0010));

async function sharedSecret(privateKey, publicRaw, context) {
  const dh = new Uint8Array(await subtle.deriveBits({ name: "ECDH", public: await subtle.importKey("raw", publicRaw, P256, true, []) }, privateKey, 256));
  const prk = await labeledExtract(kem, empty, "eae_prk", dh);
  return labeledExpand(kem, prk, "shared_secret", context, 32);
}

// schedule gives key and nonce of the first message. keySize is 32; RFC 9180 has tables for 16 only.
async function schedule(secret, info, keySize) {
  const suite = joined(utf8.encode("HPKE"), i2osp(0x0010), i2osp(0x0001), i2osp(keySize === 32 ? 0x0002 : 0x0001));
  const context = joined(Uint8Array.of(0), await labeledExtract(suite, empty, "psk_id_hash", empty), await labeledExtract(suite, empty, "info_hash", info));
  const prk = await labeledExtract(suite, secret, "secret", empty);
  return { key: await labeledExpand(suite, prk, "key", context, keySize), nonce: await labeledExpand(suite, prk, "base_nonce", context, 12) };
}

async function gcm(how, key, nonce, aad, data) {
  const k = await subtle.importKey("raw", key, "AES-GCM", false, [how]);
  return new Uint8Array(await subtle[how]({ name: "AES-GCM", iv: nonce, additionalData: aad }, k, data));
}

// hpkeSeal gives the encapsulated key and the ciphertext in one. ephemeral and keySize are for the tables of RFC 9180.
export async function hpkeSeal(publicRaw, info, plain, aad = empty, ephemeral = null, keySize = 32) {
  const pair = ephemeral ?? await subtle.generateKey(P256, true, ["deriveBits"]);
  const enc = new Uint8Array(await subtle.exportKey("raw", pair.publicKey));
  const s = await schedule(await sharedSecret(pair.privateKey, publicRaw, joined(enc, publicRaw)), info, keySize);
  return joined(enc, await gcm("encrypt", s.key, s.nonce, aad, plain));
}

export async function hpkeOpen(privateKey, publicRaw, info, sealed, aad = empty, keySize = 32) {
  const enc = sealed.subarray(0, 65);
  const s = await schedule(await sharedSecret(privateKey, enc, joined(enc, publicRaw)), info, keySize);
  return gcm("decrypt", s.key, s.nonce, aad, sealed.subarray(65));
}

// contextBytes writes a context so that no two read alike: see Context in package seal.
export function contextBytes(purpose, c) {
  const parts = [utf8.encode("gevor sealed 1\n")];
  for (const f of [purpose, c.Handover, c.Consent, c.Sender, c.Receiver, c.SenderKey, c.ReceiverKey, c.Part]) {
    const raw = utf8.encode(f);
    parts.push(i2osp(raw.length), raw);
  }
  return joined(...parts);
}

const contentKey = async (c, secret, share) => expand(await extract(share, secret), contextBytes("content key", c), 32);

// padded is the size that a content of so many bytes takes; undefined where it is too long.
export const padded = (length) => sizes.find((s) => length + 4 <= s);

function pad(content) {
  const size = padded(content.length);
  if (!size) throw new RangeError("too long");
  const out = new Uint8Array(size);
  new DataView(out.buffer).setUint32(0, content.length);
  out.set(content, 4);
  return out;
}

function unpad(padded) {
  const n = new DataView(padded.buffer, padded.byteOffset).getUint32(0);
  if (n > padded.length - 4) throw new RangeError("length");
  return padded.subarray(4, 4 + n);
}

// sealFor closes a content for the holders of some raw public keys, none where the reader has the secret already.
export async function sealFor(c, raws, share, content, secret = random(32)) {
  const named = [c.SenderKey, c.ReceiverKey].filter(Boolean);
  const ids = await Promise.all(raws.map(fingerprint));
  if (ids.join() !== named.join() || share.length !== 32 || secret.length !== 32) throw new Error("keys");
  const to = [];
  for (const [i, raw] of raws.entries()) {
    to.push({ key: ids[i], box: toBase64(await hpkeSeal(raw, contextBytes(`to ${ids[i]}`, c), secret)) });
  }
  const nonce = random(12);
  const sealed = await gcm("encrypt", await contentKey(c, secret, share), nonce, contextBytes("content", c), pad(content));
  return JSON.stringify({ v: 1, to, content: toBase64(joined(nonce, sealed)) });
}

// seal closes a content for both organisations of a context; keys are their raw public keys.
export const seal = (c, senderRaw, receiverRaw, share, content) => sealFor(c, [senderRaw, receiverRaw], share, content);

// openWith gives the content of a box to whoever has its secret; it throws where anything differs.
export async function openWith(text, c, secret, share) {
  const content = fromBase64(JSON.parse(text).content);
  return unpad(await gcm("decrypt", await contentKey(c, secret, share), content.subarray(0, 12), contextBytes("content", c), content.subarray(12)));
}

// open gives the content of a box to the holder of a key {id, privateKey, publicRaw}; it throws where anything differs.
export async function open(text, c, key, share) {
  const box = JSON.parse(text);
  const mine = box.v === 1 && box.to.find((t) => t.key === key.id);
  if (!mine || (key.id !== c.SenderKey && key.id !== c.ReceiverKey)) throw new Error("key");
  return openWith(text, c, await hpkeOpen(key.privateKey, key.publicRaw, contextBytes(`to ${key.id}`, c), fromBase64(mine.box)), share);
}

export const tidy = (passphrase) => passphrase.normalize("NFC").trim().split(/\s+/u).join(" ");

async function passKey(passphrase, salt, rounds) {
  const base = await subtle.importKey("raw", utf8.encode(tidy(passphrase)), "PBKDF2", false, ["deriveBits"]);
  return new Uint8Array(await subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds }, base, 256));
}

const bound = (id, holder) => utf8.encode(`gevor key 1\n${id}\n${holder}`);

// wrap closes a private key in PKCS #8 under a passphrase for one holder.
export async function wrap(pkcs8, id, passphrase, holder) {
  const salt = random(16);
  const nonce = random(12);
  const box = await gcm("encrypt", await passKey(passphrase, salt, iterations), nonce, bound(id, holder), pkcs8);
  return JSON.stringify({ v: 1, iterations, salt: toBase64(salt), nonce: toBase64(nonce), box: toBase64(box) });
}

export async function unwrap(text, id, passphrase, holder) {
  const w = JSON.parse(text);
  if (w.v !== 1 || w.iterations < iterations) throw new Error("wrap");
  return gcm("decrypt", await passKey(passphrase, fromBase64(w.salt), w.iterations), fromBase64(w.nonce), bound(id, holder), fromBase64(w.box));
}

// keyOf reads a private key; what does not belong to the fingerprint is none.
export async function keyOf(pkcs8, id) {
  const readable = await subtle.importKey("pkcs8", pkcs8, P256, true, ["deriveBits"]);
  const { x, y } = await subtle.exportKey("jwk", readable);
  const coordinate = (s) => fromBase64(s.replaceAll("-", "+").replaceAll("_", "/"));
  const publicRaw = joined(Uint8Array.of(4), coordinate(x), coordinate(y));
  if (await fingerprint(publicRaw) !== id) throw new Error("key");
  return { id, publicRaw, privateKey: await subtle.importKey("pkcs8", pkcs8, P256, false, ["deriveBits"]) };
}

// makeKey makes a key of an organisation.
export async function makeKey() {
  const pair = await subtle.generateKey(P256, true, ["deriveBits"]);
  const publicRaw = new Uint8Array(await subtle.exportKey("raw", pair.publicKey));
  return { id: await fingerprint(publicRaw), publicRaw, pkcs8: new Uint8Array(await subtle.exportKey("pkcs8", pair.privateKey)) };
}

// newSheet makes the code of a recovery sheet: 140 random bits in letters and digits that do not look alike.
export const newSheet = () => Array.from(random(28), (b) => alphabet[b % 32]).join("");
export const spell = (code) => code.replaceAll(/(.{4})(?=.)/g, "$1-");

// readSheet gives a code as people type it.
export function readSheet(typed) {
  return typed.toUpperCase().replaceAll(/[\s–-]/g, "").replaceAll("O", "0").replaceAll(/[IL]/g, "1").replaceAll("U", "V");
}

// proofOf is what shows the platform that somebody reads the sheet, without telling it the code.
export const proofOf = async (code) => toHex(await sha256(utf8.encode(`gevor sheet proof 1\n${code}`)));
