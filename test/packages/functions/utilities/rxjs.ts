import {
  catchError,
  firstValueFrom,
  from,
  interval,
  lastValueFrom,
  mergeMap,
  of,
  reduce,
  Subject,
  take,
  throwError,
  toArray,
  debounceTime,
} from 'rxjs';

export default async function () {
  const subject = new Subject<string>();
  const debounced = firstValueFrom(subject.pipe(debounceTime(2)));
  subject.next('a');
  subject.next('b');
  return Response.json({
    sum: await lastValueFrom(
      from([1, 2, 3]).pipe(
        mergeMap((x) => Promise.resolve(x * x)),
        reduce((a, b) => a + b),
      ),
    ),
    ticks: await lastValueFrom(interval(1).pipe(take(3), toArray())),
    caught: await firstValueFrom(throwError(() => new Error('no')).pipe(catchError(({ message }) => of(message)))),
    debounced: await debounced,
  });
}
