import { PDFDocument, rgb, StandardFonts } from 'pdf-lib';

export default async function (request: Request) {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  const page = pdf.addPage([300, 200]);
  page.drawText('Invoice 42', { x: 20, y: 150, size: 24, font, color: rgb(0, 0.5, 0.9) });
  pdf.setTitle('Invoice');
  const bytes = await pdf.save();
  if (request.url.endsWith('/file')) return new Response(bytes, { headers: { 'content-type': 'application/pdf' } });
  const again = await PDFDocument.load(bytes);
  return Response.json({
    title: again.getTitle(),
    pages: again.getPageCount(),
    width: Math.round(font.widthOfTextAtSize('Invoice', 24)),
  });
}
