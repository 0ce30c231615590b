import QRCode from 'qrcode';

export default async function () {
  const svg = await QRCode.toString('https://example.com', { type: 'svg' });
  const { modules, version } = QRCode.create('HELLO', { errorCorrectionLevel: 'M' });
  return Response.json({
    isSvg: svg.startsWith('<svg') && svg.trimEnd().endsWith('</svg>'),
    version,
    size: modules.size,
  });
}
