import { gcm } from '@noble/ciphers/aes.js';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { blake3 } from '@noble/hashes/blake3.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, randomBytes, utf8ToBytes } from '@noble/hashes/utils.js';

export default function () {
  const message = utf8ToBytes('message');
  const [mine, theirs] = [x25519.keygen(), x25519.keygen()];
  const [key, nonce] = [randomBytes(32), randomBytes(24)];
  const signer = ed25519.keygen();
  const secp = secp256k1.keygen();
  return Response.json({
    sha256: bytesToHex(sha256(utf8ToBytes('abc'))),
    hmac: bytesToHex(hmac(sha256, utf8ToBytes('key'), utf8ToBytes('The quick brown fox jumps over the lazy dog'))),
    blake3: bytesToHex(blake3(utf8ToBytes(''))),
    signed: ed25519.verify(ed25519.sign(message, signer.secretKey), message, signer.publicKey),
    secp: secp256k1.verify(secp256k1.sign(message, secp.secretKey), message, secp.publicKey),
    forged: ed25519.verify(ed25519.sign(message, signer.secretKey), utf8ToBytes('other'), signer.publicKey),
    shared:
      bytesToHex(x25519.getSharedSecret(mine.secretKey, theirs.publicKey)) ===
      bytesToHex(x25519.getSharedSecret(theirs.secretKey, mine.publicKey)),
    opened: [gcm(key, nonce.subarray(0, 12)), xchacha20poly1305(key, nonce)].map((cipher) =>
      new TextDecoder().decode(cipher.decrypt(cipher.encrypt(message))),
    ),
  });
}
