import * as OTPAuth from 'otpauth';

export default function () {
  const secret = OTPAuth.Secret.fromLatin1('12345678901234567890');
  const totp = new OTPAuth.TOTP({ issuer: 'Test', label: 'ada', algorithm: 'SHA1', digits: 8, period: 30, secret });
  return Response.json({
    rfc6238: [59, 1_111_111_109, 2_000_000_000].map((s) => totp.generate({ timestamp: s * 1000 })),
    valid: totp.validate({ token: totp.generate(), window: 1 }),
    uri: totp.toString(),
  });
}
