import { DateTime, Duration, Interval } from 'luxon';

export default function () {
  const start = DateTime.fromISO('2026-03-28T12:00', { zone: 'Europe/Berlin' });
  return Response.json({
    acrossDst: start.plus({ days: 1 }).toISO(),
    words: start.setLocale('fr').toLocaleString(DateTime.DATE_FULL),
    length: Interval.fromDateTimes(start, start.plus({ days: 1 })).length('hours'),
    duration: Duration.fromObject({ minutes: 90 }).shiftTo('hours', 'minutes').toObject(),
  });
}
