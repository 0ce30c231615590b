import moment from 'moment';
import 'moment/locale/es';

export default function () {
  const day = moment.utc('2026-02-28T23:30:00Z');
  return Response.json({
    next: day.clone().add(1, 'hour').format('YYYY-MM-DD'),
    words: day.clone().locale('es').format('D [de] MMMM'),
    ago: day.clone().locale('en').to(moment.utc('2026-03-03T00:00:00Z')),
    valid: moment('2026-02-30', 'YYYY-MM-DD', true).isValid(),
  });
}
