// Never stops by itself. The answer is 408 when its CPU time is up, and nobody else notices.
//   curl -i localhost:8080/cpu-hog
export default function hog() {
  for (;;);
}
