import dayjs from 'dayjs';
import 'dayjs/locale/de';
import duration from 'dayjs/plugin/duration';
import relativeTime from 'dayjs/plugin/relativeTime';
import timezone from 'dayjs/plugin/timezone';
import utc from 'dayjs/plugin/utc';

dayjs.extend(utc);
dayjs.extend(timezone);
dayjs.extend(relativeTime);
dayjs.extend(duration);

export default function () {
  const noon = dayjs.utc('2026-07-01T12:00:00Z');
  return Response.json({
    tokyo: noon.tz('Asia/Tokyo').format('YYYY-MM-DD HH:mm Z'),
    german: noon.locale('de').format('dddd, D. MMMM'),
    relative: noon.add(3, 'hour').from(noon),
    duration: dayjs.duration({ hours: 1, minutes: 30 }).asMinutes(),
  });
}
