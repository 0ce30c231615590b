import { addBusinessDays, differenceInCalendarDays, format, formatDistance, intlFormat, parseISO } from 'date-fns';
import { de } from 'date-fns/locale';

export default function () {
  const day = parseISO('2026-02-27T12:00:00Z');
  return Response.json({
    formatted: format(day, 'EEEE, do MMMM yyyy', { locale: de }),
    next: addBusinessDays(day, 1),
    distance: formatDistance(parseISO('2026-03-01T12:00:00Z'), day, { addSuffix: true }),
    days: differenceInCalendarDays(parseISO('2026-12-31T00:00:00Z'), day),
    intl: intlFormat(day, { month: 'long', day: 'numeric', timeZone: 'UTC' }, { locale: 'fr' }),
  });
}
