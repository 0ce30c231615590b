import CryptoJS from 'crypto-js';

export default function () {
  const cipher = CryptoJS.AES.encrypt('message', 'passphrase').toString();
  return Response.json({
    md5: CryptoJS.MD5('message').toString(),
    hmac: CryptoJS.HmacSHA256('The quick brown fox jumps over the lazy dog', 'key').toString(CryptoJS.enc.Hex),
    opened: CryptoJS.AES.decrypt(cipher, 'passphrase').toString(CryptoJS.enc.Utf8),
    random: CryptoJS.lib.WordArray.random(16).sigBytes,
  });
}
