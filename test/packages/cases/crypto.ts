import type { PackageCase } from '../package-case.ts';

/** Tokens, ciphers and ids. */
export const cryptoCases: Readonly<Record<string, PackageCase>> = {
  jose: {
    packages: ['jose'],
    calls: [
      {
        answer: {
          trips: [
            ['RS256', 'admin', 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
            ['ES256', 'admin', 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
            ['EdDSA', 'admin', 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
          ],
          decrypted: 42,
          expired: true,
        },
      },
    ],
  },
  jsonwebtoken: {
    packages: ['jsonwebtoken'],
    calls: [
      {
        answer: {
          token:
            'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhZGEiLCJpYXQiOjE3MDAwMDAwMDAsImV4cCI6NDAwMDAwMDAwMH0.21fTXOt7YZ4yXLyVwOHE_AIl-VC0thtmzyqA0jJOGo4',
          called: { sub: 'ada', iat: 1700000000, exp: 4000000000 },
          asymmetric: { role: 'admin' },
          wrong: 'invalid signature',
        },
      },
    ],
  },
  bcryptjs: {
    packages: ['bcryptjs'],
    calls: [{ answer: { isHash: true, right: true, wrong: false, known: true } }],
  },
  noble: {
    packages: ['@noble/ciphers', '@noble/curves', '@noble/hashes'],
    calls: [
      {
        answer: {
          sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
          hmac: 'f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8',
          blake3: 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262',
          signed: true,
          secp: true,
          forged: false,
          shared: true,
          opened: ['message', 'message'],
        },
      },
    ],
  },
  tweetnacl: {
    packages: ['tweetnacl'],
    calls: [{ answer: { verified: true, forged: false, opened: 'message', hash: 'cf83e1357eefb8bd' } }],
  },
  'crypto-js': {
    packages: ['crypto-js'],
    calls: [
      {
        answer: {
          md5: '78e731027d8fd50ed642340b7c9a63b3',
          hmac: 'f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8',
          opened: 'message',
          random: 16,
        },
      },
    ],
  },
  elliptic: {
    packages: ['elliptic'],
    calls: [
      {
        answer: {
          verified: true,
          forged: false,
          generator: '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798',
        },
      },
    ],
  },
  'node-forge': {
    packages: ['node-forge'],
    calls: [{ answer: { name: 'example.com', verified: true, md: 'a9993e364706816aba3e25717850c26c9cd0d89d' } }],
  },
  otpauth: {
    packages: ['otpauth'],
    calls: [
      {
        answer: {
          rfc6238: ['94287082', '07081804', '69279037'],
          valid: 0,
          uri: 'otpauth://totp/Test:ada?issuer=Test&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&algorithm=SHA1&digits=8&period=30',
        },
      },
    ],
  },
  uuid: {
    packages: ['uuid'],
    calls: [
      {
        answer: {
          valid: true,
          versions: [4, 4, 7],
          different: 3,
          named: '4fd35a71-71ef-5a55-a9d9-aa75c889a6d0',
          trip: '6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b',
        },
      },
    ],
  },
  nanoid: {
    packages: ['nanoid'],
    calls: [{ answer: { shapes: true, different: 100, custom: true } }],
  },
  ulid: {
    packages: ['ulid'],
    calls: [{ answer: { valid: true, time: 1700000000000, ordered: true } }],
  },
};
